import { createApi } from './api.ts'
import type { paths } from './api-types.ts'
import { createEvents } from './events.ts'
import { createFiles } from './files.ts'
import { LatchkeyError } from './problem.ts'
import type { Send } from './repeat.ts'
import { createSender } from './sender.ts'
import { createSession, type Transport, type User } from './session.ts'
import type { SessionEvents } from './session-events.ts'
import { createStopwatch } from './stopwatch.ts'
import { browserStorage, createKeeper, type LatchkeyStorage, memoryStorage } from './storage.ts'
import { createTabs } from './tabs.ts'
import { createTurns } from './turns.ts'

export type { components, paths } from './api-types.ts'
export type { Photo, Progress, UploadOptions } from './files.ts'
export type { Problem } from './problem.ts'
export type { Restored, SessionEvents } from './session-events.ts'
export type { LatchkeyStorage, Transport, User }
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
  const { upload, photoUrl } = createFiles(fetch, !options.fetch)

  return {
    /** Calls the API with types, one function for each method: `{ data, error, response }`. */
    api,

    /**
     * Takes what `fetch` takes, so that any library can have it, and paths of the server from the slash on. Only
     * what goes to the server is signed; a body is kept until the answer, for one repetition after a refresh.
     */
    fetch: (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
      fetch(input, init),

    /** Sends a file as a form and answers with what the server made of it. @throws LatchkeyError */
    upload,

    /** An address of a photo for an image element; `URL.revokeObjectURL` frees it. @throws LatchkeyError */
    photoUrl,

    /** Whoever is signed in, as the last sign-in or refresh named them; null when nobody is. */
    get user(): User | null {
      return session.user()
    },

    /** Finds the session that was there before the page was loaded or the app started; it never throws. */
    restore: session.restore,

    /** An access token that works, for a WebSocket or another service; undefined when nobody is signed in. */
    accessToken: session.accessToken,

    /** @throws LatchkeyError with the code `invalid_credentials`, `rate_limited` … */
    signIn: (credentials: Credentials): Promise<User> => session.open('/login', credentials),

    /** Creates an account and signs in. @throws LatchkeyError, such as `username_taken` */
    register: (registration: Registration): Promise<User> =>
      session.open('/register', registration),

    /** Ends the session on the server, or with `local` here alone. @throws when the server was not told */
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
  const storage = options.storage ?? (transport === 'cookie' ? browserStorage() : undefined)
  // A storage that all tabs of a browser have makes them one client; any other may be for this one alone.
  const isInTab = transport === 'cookie' || (storage && storage === browserStorage())
  const shared = isInTab ? `latchkey ${baseUrl}` : undefined
  const { on, emit } = createEvents<SessionEvents>()
  const sender = createSender({ baseUrl, transport, fetch: options.fetch })
  const session = createSession({
    transport,
    ask: sender.ask,
    keeper: createKeeper(storage ?? memoryStorage(), baseUrl),
    hasHint: storage !== undefined,
    inTurn: createTurns(shared),
    tabs: createTabs(shared),
    emit,
    now,
  })
  return { session, sender, on }
}
