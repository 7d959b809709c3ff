/** The operations that are measured. Every contender offers some of them. */
export type Operation = 'verify' | 'me' | 'login' | 'refresh'

/** SQLite's `synchronous` setting that a contender's database is opened with. */
export type Synchronous = 'FULL' | 'NORMAL'

/** How a contender's server is started: a child process that listens on 127.0.0.1. */
export type Launch = {
  command: string
  args: string[]
  cwd: string
  env: Record<string, string>
}

/** A request as the load generator sends it. */
export type HttpRequest = {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
}

/** What a person holds after signing in. */
export type Session = { access: string; refresh?: string; cookie?: string }

/** Somebody whom the benchmark makes up: every server gets the same people. */
export type Person = { username: string; email: string; password: string }

/** Headers of an answer: names in lower case; a header that came more than once is a list. */
export type AnswerHeaders = Record<string, string | string[] | undefined>

export type LaunchOptions = { port: number; folder: string; synchronous: Synchronous }

/**
 * One server under comparison. The functions only build requests and read answers: they are called
 * for every request of a load and must be cheap.
 */
export type Contender = {
  /** As the report shows it, such as `Express 5 + jsonwebtoken + better-sqlite3`. */
  name: string
  /** What the server offers. */
  operations: Operation[]
  /** Whether a refresh gives a new refresh token and ends the old one. */
  rotates: boolean
  /** Whether the server goes through Prisma: one target compares with these alone. */
  prisma: boolean
  /** One or two sentences: versions, and what is weaker than Latchkey's guarantees. */
  notes: string
  /** Answers 200 as soon as the server is up. */
  readyPath: string
  /**
   * Builds the server and makes an empty database in the folder (which exists).
   * Throws an Error with the reason, as one sentence, when the server cannot be had here.
   */
  prepare(folder: string): Promise<void>
  launch(options: LaunchOptions): Launch
  register(person: Person): HttpRequest
  login(person: Person): HttpRequest
  /** Reads the answer to a registration, a sign-in or a refresh. */
  sessionOf(answerText: string, headers: AnswerHeaders): Session
  /** A protected request that is answered from the token's claims alone. */
  verify(session: Session): HttpRequest
  /** A protected request that reads the user's row. */
  me(session: Session): HttpRequest
  refresh(session: Session): HttpRequest
}

/** A script that measures in its own process and prints `{ "perSecond": number }` as its last line. */
export type CeilingScript = {
  kind: 'script'
  name: string
  /** The operation whose rate is compared with this one. */
  operation: Operation
  notes: string
  /** `sqlite` and `mysql` need that database; `none` needs no database. */
  database: 'none' | 'sqlite' | 'mysql'
  /** The npm package whose speed this bounds, such as `argon2` or `@node-rs/argon2`. */
  library: string
  prepare(folder: string): Promise<void>
  /** `databaseUrl` is a MySQL URL of an empty database when `database` is `mysql`. */
  launch(options: { folder: string; seconds: number; databaseUrl?: string }): Launch
}

/** A server whose one route bounds what any server of its kind can do. */
export type CeilingServer = {
  kind: 'server'
  name: string
  operation: Operation
  notes: string
  readyPath: string
  prepare(folder: string): Promise<void>
  launch(options: { port: number; folder: string }): Launch
  request(): HttpRequest
}

export type Ceiling = CeilingScript | CeilingServer
