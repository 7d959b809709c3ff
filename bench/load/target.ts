import type { HttpRequest } from '../support/requests.ts'
import type { Launch } from '../support/server.ts'

/** The operations that are measured. Every target offers some of them. */
export type Operation = 'verify' | 'me' | 'login' | 'refresh'

/** SQLite's `synchronous` setting that a target's database is opened with. */
export type Synchronous = 'FULL' | 'NORMAL'

/** What a person holds after signing in. */
export type Session = {
  access: string
  refresh?: string
  cookie?: string
  /** Shows that this device has signed in before, as a Cookie header has it. */
  device?: string | undefined
}

/** Somebody whom the benchmark makes up: every server gets the same people. */
export type Person = { username: string; email: string; password: string }

/** Headers of an answer: names in lower case; a header that came more than once is a list. */
export type AnswerHeaders = Record<string, string | string[] | undefined>

export type LaunchOptions = { port: number; folder: string; synchronous: Synchronous }

/**
 * One server under comparison. The functions only build requests and read answers: they are called
 * for every request of a load and must be cheap.
 */
export type Target = {
  /** As the report shows it, such as `Express 5 + jsonwebtoken + better-sqlite3`. */
  name: string
  /** What the server offers. */
  operations: Operation[]
  /** Whether a refresh gives a new refresh token and ends the old one. */
  rotates: boolean
  /** Answers 200 as soon as the server is up. */
  readyPath: string
  /**
   * Builds the server and makes an empty database in the folder (which exists).
   * Throws an Error with the reason, as one sentence, when the server cannot be had here.
   */
  prepare(folder: string): Promise<void>
  launch(options: LaunchOptions): Launch
  register(person: Person): HttpRequest
  /** @param before of the same person on the same device */
  login(person: Person, before: Session): HttpRequest
  /** Reads the answer to a registration, a sign-in or a refresh. */
  sessionOf(answerText: string, headers: AnswerHeaders): Session
  /** A protected request that is answered from the token's claims alone. */
  verify(session: Session): HttpRequest
  /** A protected request that reads the user's row. */
  me(session: Session): HttpRequest
  refresh(session: Session): HttpRequest
}

/** A script that measures in its own process and prints `{ "perSecond": number }` last. */
export type UpperBoundScript = {
  name: string
  /** The operation whose rate is compared with this one. */
  operation: Operation
  /** The npm package whose speed this bounds. */
  library: string
  launch(seconds: number): Launch
}
