import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { errorTable } from '../platform/error-table.ts'

// Shared pieces of schemas. Objects are closed, strings are bounded.

/** An object that takes the named fields and no others. */
export function closed<P extends TProperties>(
  properties: P,
  options: Record<string, unknown> = {},
): TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

/** What a route without query parameters takes. Routes that name no schema get it by themselves. */
export const NoQuery = closed({})

/** A lower-case UUIDv7 (RFC 9562). */
export const ID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

export const Id = Type.String({
  pattern: ID_PATTERN,
  description: 'A lower-case UUIDv7.',
  example: '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42',
})

/** The name that a client gives a request, so that it may repeat it. */
export const IdempotencyKey = (description: string) =>
  Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$', description }),
  )

/** For the document: the route asks for an access token. */
export const signedInOnly = [{ bearer: [] }]

/** The errors of every route that asks for an access token. */
export const signedInProblems = [
  'unauthenticated',
  'invalid_token',
  'token_expired',
  'session_ended',
] as const

/** Path parameters of a route below `/:id`. */
export const IdParams = closed({ id: Id })

/** RFC 3339 in UTC with milliseconds. For answers. */
export const Timestamp = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC.',
  example: '2026-11-20T10:00:00.000Z',
})

type TextOptions = { min?: number; description?: string; example?: string }

/**
 * Free Unicode text: no control characters, no lone surrogates (ajv matches with the `u` flag).
 * @param max bound in code points
 */
export function text(max: number, { min = 0, ...options }: TextOptions = {}) {
  return Type.String({
    minLength: min,
    maxLength: max,
    pattern: '^[^\\p{Cc}\\p{Cs}]*$',
    'x-hint': 'Control characters and broken Unicode are not allowed.',
    ...options,
  })
}

/** Unique without regard to case. */
export const Username = Type.String({
  minLength: 3,
  maxLength: 32,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
  'x-hint': 'Takes A-Z a-z 0-9 _ . - and starts with a letter or a digit.',
  example: 'lyshark',
})

/** An address that mail can go to (RFC 5321 4.5.3.1), in ASCII. Unique without regard to case. */
export const Email = Type.String({
  maxLength: 254,
  format: 'email',
  pattern: '^[^@]{1,64}@[^@]+$',
  'x-hint': 'Is not a valid e-mail address.',
  example: 'lyshark@example.com',
})

/** The schema, or null. It only widens `type`, which gives clearer faults than a union. */
export function nullable<T extends TSchema>(schema: T) {
  const { type } = schema as T & { type: string }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'] })
}

/** One of a few words. */
export function oneOf<const T extends string>(values: readonly T[], options: object = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options })
}

/** The body of every error answer (RFC 9457). The document refers to it as `Problem`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Address of the page that explains the error.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened, for people.' }),
    instance: Type.String({ description: 'The request id, as in X-Request-Id.' }),
    code: oneOf(
      errorTable.map(({ code }) => code),
      { description: 'Stable; programs switch on it.' },
    ),
    action: oneOf(['fix_request', 'login', 'refresh', 'step_up', 'retry', 'none'], {
      description: 'What a client can do. Only `login` means that the session is over.',
    }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ pointer: Type.String(), code: Type.String(), detail: Type.String() }),
        {
          description: 'All the faults of a request, each by JSON pointer.',
        },
      ),
    ),
    'violated-policies': Type.Optional(
      Type.Array(Type.String(), { description: 'Names of the budgets that are used up.' }),
    ),
  },
  { description: 'RFC 9457 problem details.' },
)

/** The media type of problems in the document. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export type ProblemResponse = {
  description: string
  content: Record<typeof PROBLEM_MEDIA_TYPE, { schema: TSchema }>
}

/**
 * Entries of a route's `response` map for the errors that it answers with, grouped by status:
 * `response: { 200: User, ...problems('unauthenticated', 'session_ended') }`. They are for the
 * document alone: problems are never serialized by schema.
 * @throws Error at start for a code that is not in the error table
 */
export function problems(...codes: string[]): Record<number, ProblemResponse> {
  const entries: Record<number, ProblemResponse> = {}
  for (const code of codes) {
    const kind = errorTable.find((row) => row.code === code)
    if (kind === undefined) throw new Error(`The error table has no ${code}.`)
    const line = `\`${code}\`: ${kind.detail}`
    const known = entries[kind.status]
    entries[kind.status] = {
      description: known === undefined ? line : `${known.description}\n\n${line}`,
      content: { [PROBLEM_MEDIA_TYPE]: { schema: Type.Object({}) } },
    }
  }
  return entries
}

/** A name for people. */
export const PersonName = text(100, {
  description: 'Any name in any script.',
  example: 'Ada',
})

/** A password as it is typed at a sign-in; well-formed Unicode. The policy is for new ones alone. */
export const Password = Type.String({
  minLength: 1,
  maxLength: 512,
  pattern: '^\\P{Cs}*$',
  format: 'password',
  'x-hint': 'Broken Unicode is not allowed.',
  example: 'correct horse battery staple',
})

/** A password to be stored; `passwordFaults` checks the policy in a check of the body. */
export const NewPassword = Type.String({
  maxLength: 512,
  pattern: '^\\P{Cs}*$',
  format: 'password',
  'x-hint': 'Broken Unicode is not allowed.',
  description:
    '8 to 128 characters after Unicode normalization (NFC); not a common password; without the username and the name part of the e-mail address.',
  example: 'correct horse battery staple',
})
