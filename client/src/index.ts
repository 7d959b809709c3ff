import { createAccount } from './account.ts'
import { createApi } from './api.ts'
import type { paths } from './api-types.ts'
import { createEvents } from './events.ts'
import { createFactors } from './factors.ts'
import { createFiles } from './files.ts'
import { createMailedCodes } from './mailed-codes.ts'
import { LatchkeyError } from './problem.ts'
import type { Send } from './retry.ts'
import { createSender } from './sender.ts'
import { createSession } from './session.ts'
import type { Transport, User } from './session-body.ts'
import type { SessionEvents } from './session-events.ts'
import { createStepUp, type OnStepUp } from './step-up.ts'
import { createStopwatch } from './stopwatch.ts'
import {
  browserStorage,
  createSessionStore,
  type LatchkeyStorage,
  memoryStorage,
} from './storage.ts'
import { createTabLock } from './tab-lock.ts'
import { createTabs } from './tabs.ts'

export type { components, paths } from './api-types.ts'
export type { Challenge, Proof } from './challenge.ts'
export type { AddedFactor, Factor, FactorList, Factors, NewTotp } from './factors.ts'
export type { Photo, Progress, UploadOptions } from './files.ts'
export type { Answer, MailedCode } from './mailed-codes.ts'
export type { Problem } from './problem.ts'
export type { Restored, SessionEvents } from './session-events.ts'
export type { OnStepUp } from './step-up.ts'
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
  /** Address of the server, such as `https://auth.example.com`; '' is the page's own. */
  baseUrl: string
  /** `cookie` in browsers, to hide the refresh token from scripts; `body` (default) elsewhere. */
  transport?: Transport
  /** Where body transport stores the refresh token; in memory by default. */
  storage?: LatchkeyStorage
  /** Answers what the server asks before a step: a second factor, a recent proof, a mailed code. */
  onStepUp?: OnStepUp
  /** For `Accept-Language` of each request, such as `zh-CN`; by default the platform's own. */
  language?: () => string
  /** Sends requests; by default the platform's `fetch`. */
  fetch?: Send
  /** Milliseconds since a fixed moment; by default from the device's clocks. */
  now?: () => number
}

export type Latchkey = ReturnType<typeof createLatchkey>

/**
 * A client of one Latchkey server for one user: signs in, refreshes the session, calls the API.
 *
 *     const latchkey = createLatchkey({ baseUrl: 'https://auth.example.com', transport: 'cookie' })
 *     await latchkey.signIn({ username: 'lyshark', password: 'correct horse battery staple' })
 *     const { data, error } = await latchkey.api.GET('/houses/{id}', { params: { path: { id } } })
 */
export function createLatchkey(options: LatchkeyOptions) {
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const { session, sender, transport, on } = connect({ ...options, baseUrl })
  const stepUp = createStepUp(session, options.onStepUp)
  const { api, fetch, call } = createApi({ baseUrl, sender, session, stepUp })
  const account = createAccount(session)
  const { upload, photoUrl } = createFiles(fetch, !options.fetch)

  return {
    /** Address of the server. */
    baseUrl,

    /** Typed calls, one function for each method: `{ data, error, response }`. */
    api,

    /** Like `fetch`, and takes paths of the server. Only requests to the server get the token. */
    fetch: (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
      fetch(input, init),

    /** A call such as `GET /identities`; resolves to the body of the answer. @throws LatchkeyError */
    call,

    /** Uploads a file as a form; resolves to the server's answer. @throws LatchkeyError */
    upload,

    /** Object URL of a photo; free it with `URL.revokeObjectURL`. @throws LatchkeyError */
    photoUrl,

    /** The signed-in user, or null. */
    get user(): User | null {
      return session.user()
    },

    /** Finds the session from before the page or app started; it never throws. */
    restore: session.restore,

    /** A valid access token for another service; undefined when nobody is signed in. */
    accessToken: session.accessToken,

    /** @throws LatchkeyError: `invalid_credentials`; with a challenge `second_factor_required` … */
    signIn: (credentials: Credentials): Promise<User> =>
      stepUp.around(() => session.open('/login', credentials)),

    /** Creates an account and signs in. @throws LatchkeyError: `username_taken`, and as `signIn` */
    register: (registration: Registration): Promise<User> =>
      stepUp.around(() => session.open('/register', registration)),

    /** Ends the session on the server, or with `local` only here. @throws without the server */
    signOut: session.signOut,

    /** Ends all other sessions of the user. @throws LatchkeyError */
    async changePassword(body: PasswordChange): Promise<void> {
      await stepUp.around(() => account.changePassword(body))
    },

    /** Deletes the account and all its data. @throws LatchkeyError */
    async deleteAccount(body: Removal): Promise<void> {
      await stepUp.around(() => account.deleteAccount(body))
    },

    /** The second factors of the user, and passkeys. */
    factors: createFactors(call),

    ...createMailedCodes({ ask: sender.ask, call, transport, open: session.open, stepUp }),

    /** Adds a listener. @returns a function that removes it */
    on,
  }
}

function connect(options: LatchkeyOptions) {
  const { baseUrl, transport = 'body', now = createStopwatch() } = options
  const storage = options.storage ?? (transport === 'cookie' ? browserStorage() : undefined)
  // Tabs with a common storage share one session.
  const isInTab = transport === 'cookie' || (storage && storage === browserStorage())
  const shared = isInTab ? `latchkey ${baseUrl}` : undefined
  const { on, emit } = createEvents<SessionEvents>()
  const sender = createSender({ ...options, transport })
  const session = createSession({
    transport,
    ask: sender.ask,
    store: createSessionStore(storage ?? memoryStorage(), baseUrl),
    hasHint: storage !== undefined,
    runExclusive: createTabLock(shared),
    tabs: createTabs(shared),
    emit,
    now,
  })
  return { session, sender, transport, on }
}
