import type { CHARACTERS, TRIM } from '../../http/checks.ts'
import { BUDGETS } from '../../platform/budgets.ts'
import { errorTable } from '../../platform/error-table.ts'
import type { ErrorKind } from '../../platform/errors.ts'

/** What the maker of examples reads of a schema. */
export type Schema = {
  type?: string | string[]
  title?: string
  description?: string
  example?: unknown
  'x-hint'?: string
  [TRIM]?: boolean
  [CHARACTERS]?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  additionalProperties?: Schema | boolean
  readOnly?: boolean
}

/** An example that differs from the plain one, by members that are set or left out. */
export type Variant = {
  summary: string
  set?: Record<string, unknown>
  omit?: readonly string[]
}

type Examples = { example: unknown } | { examples: Record<string, object> }

/**
 * The example of a body, put together from those of its parts.
 * @param place names the body in the error, such as `login 200`
 * @throws Error naming the part that has none
 */
export function exampleOf(schema: Schema, place: string): unknown {
  if (schema.example !== undefined) return schema.example
  if (schema.enum?.length === 1) return schema.enum[0]
  if (schema.items) return [exampleOf(schema.items, `${place}[]`)]
  if (!schema.properties) throw new Error(`The document has no example for ${place}.`)
  // Such members are in no answer here; in a request they are passed over.
  const members = Object.entries(schema.properties).filter(([, member]) => !member.readOnly)
  return Object.fromEntries(
    members.map(([name, member]) => [name, exampleOf(member, `${place}.${name}`)]),
  )
}

/** What the document says beside the schema of a body: one example, or several by name. */
export function examplesOf(
  schema: Schema,
  place: string,
  variants?: Record<string, Variant>,
): Examples {
  if (schema.anyOf) return { examples: byBranch(schema.anyOf, place) }
  const example = exampleOf(schema, place)
  if (variants === undefined) return { example }
  const named = Object.entries(variants).map(([name, { summary, set, omit = [] }]) => {
    const all = Object.entries({ ...(example as object), ...set })
    return [
      name,
      { summary, value: Object.fromEntries(all.filter(([key]) => !omit.includes(key))) },
    ]
  })
  return { examples: Object.fromEntries(named) }
}

/** Each alternative is named by its title. */
function byBranch(branches: Schema[], place: string): Record<string, object> {
  return Object.fromEntries(
    branches.map((branch) => {
      const { title = '', description: summary = title } = branch
      return [title, { summary, value: exampleOf(branch, `${place} ${title}`) }]
    }),
  )
}

const WAIT = 37
const { limit, seconds, what } = BUDGETS.login

/** Examples of what tells a client how long to wait. */
export const limitExamples = {
  retryAfter: WAIT,
  rateLimit: `"login";r=0;t=${WAIT}`,
  policy: `"login";q=${limit};w=${seconds}`,
}

/** What some errors say beyond their row of the table. */
const more: Record<string, object> = {
  validation_failed: {
    errors: [
      { pointer: '/email', code: 'invalid_format', detail: 'Is not a valid e-mail address.' },
      { pointer: '/nickname', code: 'unknown_field', detail: 'There is no such field here.' },
    ],
  },
  weak_password: {
    errors: [
      {
        pointer: '/password',
        code: 'too_common',
        detail: 'Is one of the passwords that attackers try first.',
      },
    ],
  },
  wrong_password: {
    errors: [
      {
        pointer: '/currentPassword',
        code: 'wrong_password',
        detail: 'Is not the password of the account.',
      },
    ],
  },
  rate_limited: {
    detail: `Only ${limit} ${what} are let through in ${seconds} s; try again in ${WAIT} s.`,
    'violated-policies': ['login'],
  },
}

/** An answer with each of the errors, by code, as `components.examples` has them. */
export function problemExamples(codes: ReadonlySet<string>): Record<string, object> {
  const kinds = errorTable.filter(({ code }) => codes.has(code))
  return Object.fromEntries(
    kinds.map((kind) => [kind.code, { summary: kind.title, value: problemExample(kind) }]),
  )
}

function problemExample({ code, title, status, detail, action }: ErrorKind): object {
  const instance = 'req-3f1c6a52-9d0e-4b7a-8c25-e41f7a90b6d8'
  const type = `/problems/${code}`
  return { type, title, status, detail, instance, code, action, ...more[code] }
}
