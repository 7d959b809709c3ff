import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { errorTable } from '../platform/error-table.ts'
import type { ErrorKind } from '../platform/errors.ts'
import { EMAIL_MAX } from '../platform/identity.ts'
import { CHARACTERS, TRIM } from './checks.ts'

// Shared pieces of schemas. Objects are closed, strings are bounded.

/** An object that takes the named fields and no others. */
export function closed<P extends TProperties>(
  properties: P,
  options: Record<string, unknown> = {},
): TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

/**
 * A body that may come back with the other members of what `GET` answers, so that an object can be read,
 * changed and sent whole. They are marked `readOnly`, and what they say is passed over:
 *
 *     const NoteChanges = withReadOnly(NoteView, closed({ title, text }, { title: 'NotePatch' }))
 *
 * @param view the schema of the answer
 * @param body a plain object: of its options only `title` and `description` stay
 */
export function withReadOnly<P extends TProperties>(view: TObject, body: TObject<P>): TObject<P> {
  const { properties, title, description } = body as TObject<P> & Record<string, unknown>
  const others = Object.entries(view.properties).filter(([name]) => !(name in properties))
  const readOnly = others.map(([name, member]) => [
    name,
    Type.Optional(Type.Unsafe({ ...member, readOnly: true })),
  ])
  const all = { ...properties, ...(Object.fromEntries(readOnly) as object) }
  return closed(all, { title, description }) as TObject<P>
}

/** A lower-case UUIDv7 (RFC 9562). */
export const ID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

const id = (description: string, example: string) =>
  Type.String({ pattern: ID_PATTERN, description, example })

/** The ids that all examples of the document share. */
export const exampleIds = {
  user: '01a1f864-6879-7f3e-8a41-6b0c52d9e7f1',
  session: '01a1f866-0d00-7c90-9f02-1e8a4b6d3c57',
  house: '01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42',
  photo: '01a1f86b-911c-7c5d-9b1e-0d9e425a1f6c',
} as const

export const UserId = id('Id of the account.', exampleIds.user)
export const SessionId = id('Id of the session.', exampleIds.session)
export const HouseId = id('Id of the house.', exampleIds.house)
export const PhotoId = id('Id of the photo.', exampleIds.photo)

/** The name that a client gives a request, so that it may repeat it. */
export const IdempotencyKey = (description: string, example: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description,
      example,
    }),
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

/** Path parameters of a route below `/houses/:id`. */
export const IdParams = closed({ id: HouseId })

/** RFC 3339 in UTC with milliseconds. For answers. */
export const timestamp = (description: string, example: string) =>
  Type.String({ format: 'date-time', description, example })

type TextOptions = { min?: number; description?: string; example?: string }

/**
 * Free Unicode text: no control characters, no lone surrogates.
 * @param max bound in code points
 */
export function text(max: number, { min = 0, ...options }: TextOptions = {}) {
  return Type.String({
    minLength: min,
    maxLength: max,
    [CHARACTERS]: 'line',
    'x-hint': 'Control characters and broken Unicode are not allowed.',
    ...options,
  })
}

/** Unique without regard to case. */
export const Username = Type.String({
  minLength: 3,
  maxLength: 32,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.\\-]*$',
  [TRIM]: true,
  'x-hint': 'Takes A-Z a-z 0-9 _ . - and starts with a letter or a digit.',
  description:
    'Letters, digits, `_`, `.` and `-`; unique without regard to case. White space around it is taken off.',
  example: 'lyshark',
})

/** An address that mail can go to: `isEmailAddress` says which. Unique without regard to case. */
export const Email = Type.String({
  maxLength: EMAIL_MAX,
  format: 'idn-email',
  pattern: '^[^@]{1,64}@[^@]+$',
  [TRIM]: true,
  'x-hint': 'Is not a valid e-mail address.',
  description:
    'An address that mail can go to: a name part of ASCII without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are one). Unique without regard to case and to the spelling of the domain. It is kept and shown as it was typed; white space around it is taken off.',
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

const ProblemFault = Type.Object(
  {
    pointer: Type.String({
      description:
        'JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header; empty for the whole body.',
    }),
    code: Type.String({ description: 'Stable name of the rule that is broken.' }),
    detail: Type.String({ description: 'The rule, for people. Never repeats what was sent.' }),
  },
  { title: 'Fault', description: 'One fault in what was sent.' },
)

/** The body of every error answer (RFC 9457). The document refers to it as `Problem`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Address of the page that explains the error.' }),
    title: Type.String({ description: 'The error in a few words, for people.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What happened, for people. The text may change.' }),
    instance: Type.String({ description: 'The request id, as in `X-Request-Id`.' }),
    code: oneOf(
      errorTable.map(({ code }) => code),
      { description: 'Stable name of the error: what programs compare.' },
    ),
    action: oneOf(['fix_request', 'login', 'refresh', 'step_up', 'retry', 'none'], {
      description: 'What a client can do. Only `login` means that the session is over.',
    }),
    errors: Type.Optional(
      Type.Array(ProblemFault, { description: 'All faults of the request, at most 100.' }),
    ),
    'violated-policies': Type.Optional(
      Type.Array(Type.String(), { description: 'Names of the budgets that are used up.' }),
    ),
  },
  { title: 'Problem', description: 'Every error has this form (RFC 9457).' },
)

/** The media type of problems in the document. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export type ProblemResponse = {
  description: string
  content: Record<
    typeof PROBLEM_MEDIA_TYPE,
    { schema: TSchema; examples: Record<string, { $ref: string }> }
  >
}

/**
 * Entries of a route's `response` map for the errors that it answers with, grouped by status:
 * `response: { 200: User, ...problems('unauthenticated', 'session_ended') }`. They are for the
 * document alone: problems are never serialized by schema.
 * @throws Error at start for a code that is not in the error table
 */
export function problems(...codes: string[]): Record<string, ProblemResponse> {
  const kinds = [...new Set(codes)].map(kindOf)
  const statuses = [...new Set(kinds.map(({ status }) => status))]
  return Object.fromEntries(
    statuses.map((status) => [status, problem(kinds.filter((kind) => kind.status === status))]),
  )
}

function kindOf(code: string): ErrorKind {
  const kind = errorTable.find((row) => row.code === code)
  if (kind === undefined) throw new Error(`The error table has no ${code}.`)
  return kind
}

function problem(kinds: ErrorKind[]): ProblemResponse {
  const description = kinds.map(({ code, detail }) => `\`${code}\`: ${detail}`).join('\n\n')
  const examples = Object.fromEntries(
    kinds.map(({ code }) => [code, { $ref: `#/components/examples/${code}` }]),
  )
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: Type.Object({}), examples } } }
}

type Header = { type: 'string'; description: string; example: string }

/** The schema of one answer, with what the document says of the answer beside its body. */
export function answer<T extends TSchema>(
  schema: T,
  description: string,
  headers: Record<string, Header> = {},
): T {
  return { ...schema, 'x-response-description': description, headers }
}

/** A name for people. */
export const PersonName = text(100, {
  description: 'Any name, in any script.',
  example: 'Ly Shark',
})

/** A password as it is typed at a sign-in; well-formed Unicode. The policy is for new ones alone. */
export const Password = Type.String({
  minLength: 1,
  maxLength: 512,
  [CHARACTERS]: 'wellFormed',
  format: 'password',
  'x-hint': 'Broken Unicode is not allowed.',
  description: 'The password as it was chosen; spaces of every kind count as U+0020.',
  example: 'correct horse battery staple',
})

/** A password to be stored; `passwordFaults` checks the policy in a check of the body. */
export const NewPassword = Type.String({
  maxLength: 512,
  [CHARACTERS]: 'wellFormed',
  format: 'password',
  'x-hint': 'Broken Unicode is not allowed.',
  description:
    '8 to 128 characters after Unicode normalization (NFC), with spaces of every kind as U+0020; not a common password; without the username and the name part of the e-mail address.',
  example: 'correct horse battery staple',
})
