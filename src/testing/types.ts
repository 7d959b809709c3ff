// What `latchkey/testing` gives to tests. It imports nothing, so that its types stand alone.

/** How a server for tests is started. */
export type StartOptions = {
  /** True starts it as a process of its own; it is used in the same way. */
  process?: boolean
  /** Settings of the server by their names, such as `{ ACCESS_TOKEN_TTL: '5m' }`. */
  settings?: Readonly<Record<string, string>>
  /** Features of your own beside those of the product; not with `process`. */
  features?: readonly TestFeature[]
  /** Where it listens; any free port by default. */
  port?: number
}

/** A feature, as `defineFeature` makes it. */
export type TestFeature = {
  readonly name: string
  readonly needs: readonly TestFeature[]
  readonly open: (kit: never) => object
}

/** A server that runs, and what a test does with it. */
export type TestLatchkey = AsyncDisposable & {
  /** Its address, such as `http://localhost:40001`. */
  url: string
  clock: TestClock

  /** Creates an account; names are unique, and the address is verified. */
  aUser(wish?: PersonWish): Promise<Person>
  /** The same with the role `admin`. */
  anAdmin(wish?: PersonWish): Promise<Person>
  /** Opens a session for somebody, or for somebody new. No mail is sent, no limit counts it. */
  signedIn(who?: Person | PersonWish, options?: SignInOptions): Promise<SignedIn>

  /** The mails so far, newest first; waits until what was caused is written. */
  mails(to?: MailOwner): Promise<Mail[]>
  /** The newest mail to somebody. Waits for it. */
  lastMail(to: MailOwner, options?: MailOptions): Promise<Mail>

  /** What an authenticator app shows for a secret, now or at another time. */
  totpCode(secret: string | Pick<Person, 'totp'>, at?: Date | number): string
  /** An authenticator in software, for tests that register a passkey themselves. */
  aPasskey(): Promise<Passkey>

  /** Does the work of the next request, and loses its answer: the connection breaks. */
  dropNextResponse(match?: RequestMatch): Promise<Trouble>
  /** Holds requests for so long before they are served. */
  delay(milliseconds: number, match?: RequestMatch): Promise<Trouble>
  /** Refuses passwords and photos with 503 `overloaded`, as a server at its limits does. */
  overload(): Promise<Trouble>
  /** Answers 503 `unavailable` where the database is needed, as if that was away. */
  databaseAway(): Promise<Trouble>
  /** Moves the clock past the end of every access token. @returns what the clock says then */
  expireAccessTokens(): Promise<number>
  /** Ends every session, as `latchkey user end-sessions --everybody` does. @returns how many */
  revokeEverything(): Promise<number>
  /** Ends all troubles. */
  restore(): Promise<void>

  /** Begins again at the same address, with an empty database and the clock of the machine. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** The clock of the server. It runs, and is moved ahead. */
export type TestClock = {
  /** Milliseconds since 1970. */
  now(): number
  /**
   * Moves it, and does what the jobs of the server would have done by then.
   * @param time a whole number with `s`, `m`, `h` or `d`, such as `16m` @returns what it says then
   */
  advance(time: string): Promise<number>
}

export type PersonWish = {
  username?: string
  email?: string
  name?: string
  password?: string
  role?: 'user' | 'admin'
  /** True by default. */
  emailVerified?: boolean
  /** With an authenticator app, which sign-ins then ask for. */
  totp?: boolean
  /** With a passkey. */
  passkey?: boolean
}

export type Person = {
  id: string
  username: string
  email: string
  name: string | null
  role: 'user' | 'admin'
  password: string
  /** Of an authenticator app, in base32, and as a QR code would say it. */
  totp?: { secret: string; uri: string }
  passkey?: Passkey
}

export type SignInOptions = {
  /** `cookie` as browsers have it; `body` is the default. */
  transport?: 'body' | 'cookie'
}

export type SignedIn = {
  user: Person
  sessionId: string
  accessToken: string
  refreshToken: string
  /** Seconds. */
  expiresIn: number
  headers: { authorization: string }
  /** Of `transport: 'cookie'`, as Playwright's `context.addCookies` takes them. */
  cookies: Cookie[]
  /** `fetch` with the access token; a path is one of the server. */
  fetch(path: string | URL, init?: RequestInit): Promise<Response>
}

export type Cookie = {
  name: string
  value: string
  domain: string
  path: string
  httpOnly: boolean
  secure: boolean
  sameSite: 'Strict'
}

/** An address, or somebody who has one. */
export type MailOwner = string | { email: string }

export type MailOptions = {
  /** Only a newer mail than this one. */
  after?: Pick<Mail, 'id'>
  /** How long to wait for it; 5000 by default. */
  timeoutMs?: number
}

export type Mail = {
  id: string
  to: string
  subject: string
  text: string
  html: string
  sentAt: string
  /** Its eight digits, if it has a code. */
  code?: string
  /** Its link, if it has one. */
  link?: string
}

/** An authenticator in software; what `navigator.credentials` takes and gives, as JSON. */
export type Passkey = {
  /** Makes a credential. @param options such as the `passkey` of a challenge */
  create(options: object): Promise<object>
  /** Uses the credential that the options ask for. */
  get(options: object): Promise<object>
}

/** Which requests a trouble is for; all by default. Preflights only where `method` says so. */
export type RequestMatch = {
  method?: string
  /** A path without a query; with `*` at its end everything that begins so. */
  path?: string
}

/** A trouble that lasts until it is restored. */
export type Trouble = AsyncDisposable & { restore(): Promise<void> }
