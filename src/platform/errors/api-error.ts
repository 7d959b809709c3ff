import type { Texts } from '../../languages/en/texts.ts'
import { english } from '../../languages/languages.ts'
import { type Text, tell } from '../../languages/text.ts'

export type Action = keyof Texts['actions']

/** Names where in the request and which rule, never the value. */
export type Issue = {
  /** JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header. */
  pointer: string
  code: string
  detail: Text
  /** Answers instead of `validation_failed` when every issue names it. Not sent. */
  error?: ErrorFactory
}

export type ErrorDefinition = {
  code: string
  status: number
  action: Action
  title: Text
  /** One sentence for developers; the default `detail`. */
  detail: Text
  /** A paragraph for the page `/problems/:code`. */
  explanation: Text
}

type Catalogued = Omit<ErrorDefinition, 'code' | 'title' | 'detail' | 'explanation'> & {
  code: keyof Texts['errors']
}

export type ErrorDetails = {
  detail?: Text
  errors?: Issue[]
  /** Rate limits that are used up, for the member `violated-policies`. */
  policies?: string[]
  /** Further members of the body (RFC 9457 3.2). */
  members?: Record<string, unknown>
  /** In lower case. */
  headers?: Record<string, string>
  /** Of a 401: further parameters of `WWW-Authenticate`, such as `max_age="600"` (RFC 9470 3). */
  authenticate?: string[]
  /** The inner error, for the log only. */
  cause?: unknown
}

/** An error that a client may see. Its `message` is the detail in English, for the log. */
export class ApiError extends Error {
  readonly definition: ErrorDefinition
  readonly detail: Text
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
    const text = detail ?? definition.detail
    super(tell(text, english), { cause })
    this.definition = definition
    this.detail = text
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

/** Makes errors of one definition: `throw NotFound({ detail: noSuchNote })`. */
export type ErrorFactory = {
  (details?: ErrorDetails): ApiError
  definition: ErrorDefinition
  is: (error: unknown) => boolean
}

/**
 * `const NoteLocked = defineError({ code: 'note_locked', … })`, then `throw NoteLocked()`. Its
 * texts are those of the code in the catalogues, or given here.
 */
export function defineError(given: Catalogued | ErrorDefinition): ErrorFactory {
  const definition = 'title' in given ? given : { ...given, ...textsOf(given.code) }
  const create = (details?: ErrorDetails) => new ApiError(definition, details)
  const is = (error: unknown) => error instanceof ApiError && error.definition === definition
  return Object.assign(create, { definition, is })
}

function textsOf(
  code: keyof Texts['errors'],
): Pick<ErrorDefinition, 'title' | 'detail' | 'explanation'> {
  return {
    title: ({ errors }) => errors[code].title,
    detail: ({ errors }) => errors[code].detail,
    explanation: ({ errors }) => errors[code].explanation,
  }
}
