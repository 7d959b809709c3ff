import type { Problem } from './problem.ts'
import type { User } from './session-body.ts'

export type SessionEvents = {
  /** After sign-in, registration or a restored session. */
  signedIn: User
  /** The session has ended: by `signOut()`, or by the server with this problem. */
  signedOut: Problem | undefined
  /** The session has new tokens. */
  refreshed: User
  /** The user's data changed, for example by `PATCH /me`, here or in another tab. */
  userChanged: User
}

export type Restored = {
  /** Only `noSession` asks for a sign-in; `refused` is another error, such as 429 or 503. */
  outcome: 'signedIn' | 'noSession' | 'noServer' | 'refused'
  user: User | null
  /** A `LatchkeyError` if `refused`, the error of `fetch` if `noServer`. */
  error?: unknown
}
