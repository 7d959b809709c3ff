import { CHARACTERS, TRIM } from '../../contract/refinements.ts'
import { RARE } from '../../contract/schema.ts'
import type { Schema } from './examples.ts'
import type { LimitExample } from './problems.ts'

/** Headers that the document describes once. */
export const headers = ({ retryAfter, rateLimit, policy }: LimitExample) => ({
  RequestId: {
    description: 'The id of the request, as in the log of the server.',
    schema: { type: 'string' },
    example: 'req-3f1c6a52-9d0e-4b7a-8c25-e41f7a90b6d8',
  },
  WwwAuthenticate: {
    description:
      'The required scheme (RFC 6750): `Bearer`, with `error="invalid_token"` if the request had a token that is not valid.',
    schema: { type: 'string' },
    example: 'Bearer realm="latchkey"',
  },
  RetryAfter: {
    description: 'How many seconds to wait.',
    schema: { type: 'integer', minimum: 1 },
    example: retryAfter,
  },
  RateLimit: {
    description:
      'The rate limit that is used up, what is left of it, and how many seconds until it resets.',
    schema: { type: 'string' },
    example: rateLimit,
  },
  RateLimitPolicy: {
    description: 'How many requests in how many seconds the rate limit allows.',
    schema: { type: 'string' },
    example: policy,
  },
})

const refer = (name: keyof ReturnType<typeof headers>) => ({ $ref: `#/components/headers/${name}` })

/**
 * Headers of all responses with a status (RFC 9110 10.2.3, RFC 6750 3,
 * draft-ietf-httpapi-ratelimit-headers).
 */
export function headersOf(status: string): Record<string, object> {
  if (/^[23]/.test(status)) return { 'X-Request-Id': refer('RequestId') }
  if (status === '401') return { 'WWW-Authenticate': refer('WwwAuthenticate') }
  if (status === '503') return { 'Retry-After': refer('RetryAfter') }
  if (status !== '429') return {}
  return {
    'Retry-After': refer('RetryAfter'),
    RateLimit: refer('RateLimit'),
    'RateLimit-Policy': refer('RateLimitPolicy'),
  }
}

/** Collects components of a kind, and returns references to them. */
export function createComponents<Thing extends object>(kind: string) {
  const components = new Map<string, Thing>()

  /** @throws Error for another one of the same name */
  function add(name: string, thing: Thing): { $ref: string } {
    const known = components.get(name)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(thing)) {
      throw new Error(`The document has two different ${kind} named ${name}.`)
    }
    components.set(name, thing)
    return { $ref: `#/components/${kind}/${name}` }
  }

  function all(): Record<string, Thing> {
    const names = [...components.keys()].sort()
    return Object.fromEntries(names.map((name) => [name, components.get(name) as Thing]))
  }

  return { add, all }
}

/**
 * A schema for the document: objects with a title become components, `example` becomes `examples`,
 * and hints for the validation go.
 */
export function publish(schema: Schema, add: (name: string, schema: object) => object): object {
  const { 'x-hint': _hint, [TRIM]: _trim, [CHARACTERS]: _rule, [RARE]: _rare, ...shown } = schema
  const { example, title, properties, items, anyOf, ...others } = shown
  const { additionalProperties, ...rest } = others
  const inner = (part: Schema) => publish(part, add)
  const published = {
    ...rest,
    ...(properties && { properties: mapValues(properties, inner) }),
    ...(items && { items: inner(items) }),
    ...(anyOf && { anyOf: anyOf.map(inner) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object'
          ? inner(additionalProperties)
          : additionalProperties,
    }),
    ...(example === undefined ? {} : { examples: [example] }),
  }
  return title === undefined ? published : add(title, published)
}

function mapValues<From, To>(from: Record<string, From>, change: (value: From) => To) {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(value)]))
}
