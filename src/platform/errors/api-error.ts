/** What a client can do about an error (RFC 9457 extension member `action`), for people. */
export const actions = {
  fix_request: 'Correct the request. The same request fails again.',
  login: 'The session has ended: sign in again.',
  refresh: 'Refresh the access token, then retry the request.',
  step_up: 'Sign in again to confirm who you are. The session continues.',
  retry: 'Wait, then retry the request. The session continues.',
  none: 'Nothing: a retry gets the same answer. The session continues.',
} as const
export type Action = keyof typeof actions

/** Names where in the request and which rule, never the value. */
export type Issue = {
  /** JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header. */
  pointer: string
  code: string
  detail: string
  /** Answers instead of `validation_failed` when every issue names it. Not sent. */
  error?: ErrorFactory
}

export type ErrorDefinition = {
  code: string
  status: number
  action: Action
  title: string
  /** One sentence for developers; the default `detail`. */
  detail: string
  /** A paragraph for the page `/problems/:code`. */
  explanation: string
}

export type ErrorDetails = {
  detail?: string
  errors?: Issue[]
  /** Rate limits that are used up, for the member `violated-policies`. */
  policies?: string[]
  /** Further members of the body (RFC 9457 3.2). */
  members?: Record<string, unknown>
  /** Response headers, in lower case. */
  headers?: Record<string, string>
  /** Of a 401: further parameters of `WWW-Authenticate`, such as `max_age="600"` (RFC 9470 3). */
  authenticate?: string[]
  /** The inner error, for the log only. */
  cause?: unknown
}

/** An error that a client may see; anything else thrown becomes `internal`. */
export class ApiError extends Error {
  readonly definition: ErrorDefinition
  readonly errors: Issue[] | undefined
  readonly policies: string[] | undefined
  readonly members: Record<string, unknown>
  readonly headers: Record<string, string>
  readonly authenticate: string[]

  constructor(definition: ErrorDefinition, details: ErrorDetails = {}) {
    const {
      detail,
      errors,
      policies,
      members = {},
      headers = {},
      authenticate = [],
      cause,
    } = details
    super(detail ?? definition.detail, { cause })
    this.definition = definition
    this.errors = errors
    this.policies = policies
    this.members = members
    this.headers = headers
    this.authenticate = authenticate
  }

  get statusCode(): number {
    return this.definition.status
  }
}

/** Makes errors of one definition: `throw NotFound({ detail: 'There is no such note.' })`. */
export type ErrorFactory = {
  (details?: ErrorDetails): ApiError
  definition: ErrorDefinition
  is: (error: unknown) => boolean
}

/** `const NoteLocked = defineError({ code: 'note_locked', … })`, then `throw NoteLocked()`. */
export function defineError(definition: ErrorDefinition): ErrorFactory {
  const create = (details?: ErrorDetails) => new ApiError(definition, details)
  const is = (error: unknown) => error instanceof ApiError && error.definition === definition
  return Object.assign(create, { definition, is })
}
