import { type TSchema, Type } from 'typebox'
import { Problem } from '../../contract/problem.ts'
import { oneOf } from '../../contract/schema.ts'
import { english } from '../../languages/languages.ts'
import { tell } from '../../languages/text.ts'
import type { ErrorDefinition } from '../../platform/errors/api-error.ts'
import type { RateLimitTable } from '../../platform/rate-limits/rate-limits.ts'
import type { Schema } from './examples.ts'

export type Tables = {
  errors: readonly ErrorDefinition[]
  /** The first limit is the example. */
  rateLimits: RateLimitTable
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export type ProblemResponse = {
  description: string
  content: Record<
    typeof PROBLEM_MEDIA_TYPE,
    { schema: TSchema; examples: Record<string, { $ref: string }> }
  >
}

export type Problems = ReturnType<typeof createProblems>

/** Describes errors in the document. */
export function createProblems({ errors, rateLimits }: Tables) {
  /** Error responses of a route by status. @throws Error for an unknown code */
  function responsesFor(codes: readonly string[]): Record<string, ProblemResponse> {
    const rows = [...new Set(codes)].map(definitionOf)
    const statuses = [...new Set(rows.map(({ status }) => status))]
    return Object.fromEntries(
      statuses.map((status) => [status, responseOf(rows.filter((row) => row.status === status))]),
    )
  }

  /** @throws Error for an unknown code */
  function definitionOf(code: string): ErrorDefinition {
    const definition = errors.find((row) => row.code === code)
    if (definition === undefined) throw new Error(`The error table has no ${code}.`)
    return definition
  }

  /** An example of each error, by code, for `components.examples`. */
  function examples(codes: ReadonlySet<string>): Record<string, object> {
    const more = detailsOfExamples(limit)
    const rows = errors.filter(({ code }) => codes.has(code))
    return Object.fromEntries(
      rows.map((row) => [
        row.code,
        { summary: tell(row.title, english), value: exampleOf(row, more[row.code]) },
      ]),
    )
  }

  const limit = limitExample(rateLimits)
  const schema = problemSchema(errors.map(({ code }) => code))
  return { responsesFor, definitionOf, examples, schema, limit }
}

/** The schema of every problem, with all codes. */
function problemSchema(codes: string[]): Schema {
  const { properties } = Problem
  const { description } = properties.code as Schema
  const code = oneOf(codes, { description })
  return { ...Problem, properties: { ...properties, code } } as Schema
}

function responseOf(rows: ErrorDefinition[]): ProblemResponse {
  const description = rows
    .map(({ code, detail }) => `\`${code}\`: ${tell(detail, english)}`)
    .join('\n\n')
  const examples = Object.fromEntries(
    rows.map(({ code }) => [code, { $ref: `#/components/examples/${code}` }]),
  )
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: Type.Object({}), examples } } }
}

const WAIT = 37

/** Texts and headers of an exceeded rate limit. */
function limitExample(rateLimits: Tables['rateLimits']) {
  const [first] = Object.entries(rateLimits)
  if (first === undefined) throw new Error('The document has no rate limit for its examples.')
  const [name, { limit, seconds, what }] = first
  return {
    name,
    detail: english.details.limitUsedUp(limit, tell(what, english), seconds, WAIT),
    retryAfter: WAIT,
    rateLimit: `"${name}";r=0;t=${WAIT}`,
    policy: `"${name}";q=${limit};w=${seconds}`,
  }
}

export type LimitExample = ReturnType<typeof limitExample>

/** Fields of some examples beyond the error table. */
function detailsOfExamples({ name, detail }: LimitExample): Record<string, object> {
  const { passwordTooCommon: tooCommon, wrongPassword: wrong, unknown } = english.fields
  return {
    validation_failed: {
      errors: [
        {
          pointer: '/email',
          code: 'invalid_format',
          detail: english.hints.email,
        },
        { pointer: '/nickname', code: 'unknown_field', detail: unknown },
      ],
    },
    weak_password: {
      errors: [{ pointer: '/password', code: 'too_common', detail: tooCommon }],
    },
    wrong_password: {
      errors: [{ pointer: '/currentPassword', code: 'wrong_password', detail: wrong }],
    },
    rate_limited: { detail, 'violated-policies': [name] },
  }
}

function exampleOf({ code, status, action, ...texts }: ErrorDefinition, more?: object) {
  const [title, detail] = [tell(texts.title, english), tell(texts.detail, english)]
  const instance = 'req-3f1c6a52-9d0e-4b7a-8c25-e41f7a90b6d8'
  const type = `/problems/${code}`
  return { type, title, status, detail, instance, code, action, ...more }
}
