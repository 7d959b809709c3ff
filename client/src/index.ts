import { createApi } from './api.ts'
import type { paths } from './api-types.ts'
import { createEvents } from './events.ts'
import { LatchkeyError } from './problem.ts'
import type { Send } from './repeat.ts'
import { createSender } from './sender.ts'
import { createSession, type SessionEvents, type Transport, type User } from './session.ts'
import { createStopwatch } from './stopwatch.ts'
import { browserStorage, createKeeper, type LatchkeyStorage, memoryStorage } from './storage.ts'
import { createTurns } from './turns.ts'

export type { components, paths } from './api-types.ts'
export type { Problem } from './problem.ts'
export type { LatchkeyStorage, SessionEvents, Transport, User }
export { LatchkeyError }

type BodyOf<Operation> = Operation extends {
  requestBody?: { content: { 'application/json': infer Body } }
}
  ? Body
  : never
type Registration = Omit<BodyOf<paths['/register']['post']>, 'transport'>
type Credentials = Omit<BodyOf<paths['/login']['post']>, 'transport'>
type PasswordChange = BodyOf<paths['/password']['put']>
type Removal = BodyOf<paths['/me']['delete']>

export type LatchkeyOptions = {
  /** Address of the server, such as `https://auth.example.com`; '' is that of the page. */
  baseUrl: string
  /** `cookie` in browsers, where no script may see the refresh token; `body` (the default) elsewhere. */
  transport?: Transport
  /** Where a refresh token is kept in body transport; by default in memory, so until the end. */
  storage?: LatchkeyStorage
  /** How requests are sent; by default the platform's own `fetch`. */
  fetch?: Send
  /** Milliseconds since some moment; by default by the device's clocks. */
  now?: () => number
}

export type Latchkey = ReturnType<typeof createLatchkey>

/**
 * A client of one Latchkey server for one person: signs in, keeps the session alive and its tokens out of
 * sight, and calls the API with types.
 *
 *     const latchkey = createLatchkey({ baseUrl: 'https://auth.example.com', transport: 'cookie' })
 *     await latchkey.signIn({ username: 'lyshark', password: 'correct horse battery staple' })
 *     const { data, error } = await latchkey.api.GET('/houses', { params: { query: { q: 'harbour' } } })
 */
export function createLatchkey(options: LatchkeyOptions) {
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const { session, sender, on } = connect({ ...options, baseUrl })
  const { api, fetch } = createApi({ baseUrl, sender, session })

  return {
    /** Calls the API with types, one function for each method: `{ data, error, response }`. */
    api,

    /** Calls an address that the types do not know, such as one of your own features, from the slash on. */
    fetch,

    /** Whoever is signed in, as the last sign-in or refresh named them; null when nobody is. */
    get user(): User | null {
      return session.user()
    },

    /** Finds the session that was there before the page was loaded or the app started. */
    restore: session.restore,

    /** An access token that works, for a WebSocket or another service; undefined when nobody is signed in. */
    accessToken: session.accessToken,

    /** @throws LatchkeyError with the code `invalid_credentials`, `rate_limited` … */
    signIn: (credentials: Credentials): Promise<User> => session.open('/login', credentials),

    /** Creates an account and signs in. @throws LatchkeyError, such as `username_taken` */
    register: (registration: Registration): Promise<User> =>
      session.open('/register', registration),

    /** Ends the session on the server. @throws when that was not possible; it goes on then */
    signOut: session.signOut,

    /** Ends all other sessions of the user; this one goes on. @throws LatchkeyError */
    changePassword: (body: PasswordChange): Promise<void> => session.changePassword(body),

    /** Deletes the account and everything that belongs to it. @throws LatchkeyError */
    deleteAccount: (body: Removal): Promise<void> => session.deleteAccount(body),

    /** Calls the listener at each such event, until the function that it returns is called. */
    on,
  }
}

/** Puts the parts together: what is kept where, who waits for whom, and what is sent how. */
function connect(options: LatchkeyOptions) {
  const { baseUrl, transport = 'body', now = createStopwatch() } = options
  const isInBrowser = transport === 'cookie'
  const storage = options.storage ?? (isInBrowser ? browserStorage() : memoryStorage())
  const { on, emit } = createEvents<SessionEvents>()
  const sender = createSender({ baseUrl, transport, fetch: options.fetch })
  const session = createSession({
    transport,
    ask: sender.ask,
    keeper: createKeeper(storage, baseUrl),
    inTurn: createTurns(isInBrowser ? `latchkey ${baseUrl}` : undefined),
    emit,
    now,
  })
  return { session, sender, on }
}
