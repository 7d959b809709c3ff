import type { Problem } from './problem.ts'
import type { User } from './session.ts'

export type SessionEvents = {
  /** Somebody signed in or registered, or a session that was there before was found again. */
  signedIn: User
  /** The session is over: by `signOut()`, or because the server said so in this problem. */
  signedOut: Problem | undefined
  /** The session goes on with new tokens. */
  refreshed: User
  /** The user of the session has changed, such as by `PATCH /me`, here or in another tab. */
  userChanged: User
}

/** What `restore()` found. */
export type Restored = {
  /**
   * - `signedIn`: there is a session
   * - `noSession`: there is none, or it is over; only this asks for a sign-in
   * - `noServer`: no answer came
   * - `refused`: an answer came that says neither, such as 429, 503 or `csrf_rejected`
   */
  outcome: 'signedIn' | 'noSession' | 'noServer' | 'refused'
  /** Whoever is signed in, as far as is known. */
  user: User | null
  /** A `LatchkeyError` where it was refused; what `fetch` threw where no answer came. */
  error?: unknown
}
