import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { errorTable } from '../src/platform/error-table.ts'

/** Status and action of each code, as the wire contract promises them. */
const CONTRACT = {
  validation_failed: [400, 'fix_request'],
  malformed_request: [400, 'fix_request'],
  weak_password: [400, 'fix_request'],
  unauthenticated: [401, 'login'],
  invalid_token: [401, 'login'],
  token_expired: [401, 'refresh'],
  session_ended: [401, 'login'],
  invalid_credentials: [401, 'fix_request'],
  csrf_rejected: [403, 'fix_request'],
  not_found: [404, 'none'],
  username_taken: [409, 'fix_request'],
  email_taken: [409, 'fix_request'],
  unsupported_media_type: [415, 'fix_request'],
} as const

/** What WWW-Authenticate says beside the realm; nothing where no token came. */
const CHALLENGES: Record<string, string> = {
  unauthenticated: '',
  invalid_credentials: '',
  invalid_token: ', error="invalid_token"',
  token_expired: ', error="invalid_token"',
  session_ended: ', error="invalid_token"',
}

export type ProblemCode = keyof typeof CONTRACT
type Extra = { detail?: string; errors?: { pointer: string; code: string; detail: string }[] }

/** Compares a whole problem answer: status, headers and body; only the request id is left open. */
export function assertProblem(
  response: LightMyRequestResponse,
  code: ProblemCode,
  extra: Extra = {},
): void {
  const [status, action] = CONTRACT[code]
  const row = errorTable.find((kind) => kind.code === code)
  assert.ok(row, code)
  const instance = String(response.headers['x-request-id'])
  assert.match(instance, /^req-[0-9a-f-]{36}$/)
  assert.deepEqual(
    {
      status: response.statusCode,
      type: response.headers['content-type'],
      cache: response.headers['cache-control'],
      body: JSON.parse(response.body),
    },
    {
      status,
      type: 'application/problem+json; charset=utf-8',
      cache: 'no-store',
      body: {
        type: `/problems/${code}`,
        title: row.title,
        status,
        detail: row.detail,
        instance,
        code,
        action,
        ...extra,
      },
    },
  )
  assertChallenge(response, code, extra.detail ?? row.detail)
}

/** RFC 6750 3 and 3.1: each 401 has a challenge, nothing else has one. */
function assertChallenge(response: LightMyRequestResponse, code: string, detail: string): void {
  const error = CHALLENGES[code]
  const description = error ? `${error}, error_description="${detail}"` : error
  const expected = error === undefined ? undefined : `Bearer realm="latchkey"${description}`
  assert.equal(response.headers['www-authenticate'], expected)
}

/** Compares the faults of a 400, in whatever order they come. */
export function assertFaults(
  response: LightMyRequestResponse,
  expected: string[],
  code: 'validation_failed' | 'weak_password' = 'validation_failed',
): void {
  const { errors = [] } = response.json<Extra>()
  assertProblem(response, code, { errors })
  const found = errors.map((fault) => `${fault.pointer} ${fault.code}`)
  assert.deepEqual(found.sort(), [...expected].sort())
}

/** The bytes of a problem with its request id, which is all that may differ, taken out. */
function withoutInstance(response: LightMyRequestResponse): string {
  return response.body.replace(String(response.headers['x-request-id']), 'req')
}

/** Everything of an answer that a client can see, without what differs from one to the next. */
export function visible(response: LightMyRequestResponse) {
  const {
    date: _date,
    'x-request-id': _id,
    'content-length': _length,
    ...headers
  } = response.headers
  return { status: response.statusCode, headers, body: withoutInstance(response) }
}
