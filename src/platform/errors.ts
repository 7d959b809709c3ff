/** What a client program can do about an error (RFC 9457 extension member `action`). */
export type Action = 'fix_request' | 'login' | 'refresh' | 'step_up' | 'retry' | 'none'

/** One fault in what was sent. It names the place and the rule, never the value. */
export type Fault = {
  /** JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header. */
  pointer: string
  code: string
  detail: string
  /** The error that answers when every fault names it, in place of `validation_failed`. Not sent. */
  error?: ErrorFactory
}

/** One row of the error table: what every occurrence of the error has in common. */
export type ErrorKind = {
  code: string
  status: number
  action: Action
  title: string
  /** One sentence for the developer who meets it; the default `detail` of the answer. */
  detail: string
  /** A paragraph for the page `/problems/:code`. */
  explanation: string
}

/** What one occurrence may add to its kind. */
export type Occurrence = {
  detail?: string
  errors?: Fault[]
  /** Names of the budgets that are used up, for the member `violated-policies`. */
  policies?: string[]
  /** Response headers, in lower case: `www-authenticate`, `retry-after`, `allow`. */
  headers?: Record<string, string>
  /** The inner error, for the log only. */
  cause?: unknown
}

/** An error that a client may see. Everything else that is thrown becomes `internal`. */
export class CodedError extends Error {
  readonly kind: ErrorKind
  readonly errors: Fault[] | undefined
  readonly policies: string[] | undefined
  readonly headers: Record<string, string>

  constructor(kind: ErrorKind, occurrence: Occurrence = {}) {
    const { detail, errors, policies, headers = {}, cause } = occurrence
    super(detail ?? kind.detail, { cause })
    this.kind = kind
    this.errors = errors
    this.policies = policies
    this.headers = headers
  }

  get statusCode(): number {
    return this.kind.status
  }
}

/**
 * Makes the factory of one row of the error table.
 * @returns `throw InvalidCredentials()` or `throw NotFound({ detail: 'There is no such session.' })`
 */
export function defineError(kind: ErrorKind): ErrorFactory {
  return Object.assign((occurrence?: Occurrence) => new CodedError(kind, occurrence), { kind })
}

/** Makes one occurrence of an error; `kind` is its row of the table. */
export type ErrorFactory = ((occurrence?: Occurrence) => CodedError) & { kind: ErrorKind }
