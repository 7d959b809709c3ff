import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { errorTable } from '../../src/error-table.ts'
import { english } from '../../src/languages/languages.ts'
import { tell } from '../../src/languages/text.ts'

/** Status and action of each code, as the wire contract promises them. */
const CONTRACT: Record<string, [status: number, action: string]> = {
  validation_failed: [400, 'fix_request'],
  malformed_request: [400, 'fix_request'],
  weak_password: [400, 'fix_request'],
  unauthenticated: [401, 'login'],
  invalid_token: [401, 'login'],
  token_expired: [401, 'refresh'],
  session_ended: [401, 'login'],
  invalid_credentials: [401, 'fix_request'],
  step_up_required: [401, 'step_up'],
  verification_required: [401, 'step_up'],
  second_factor_required: [401, 'step_up'],
  second_factor_missing: [403, 'fix_request'],
  forbidden: [403, 'none'],
  registration_closed: [403, 'none'],
  not_owner: [403, 'none'],
  email_unverified: [403, 'none'],
  csrf_rejected: [403, 'fix_request'],
  challenge_over: [410, 'fix_request'],
  wrong_password: [403, 'fix_request'],
  not_found: [404, 'none'],
  method_not_allowed: [405, 'fix_request'],
  not_acceptable: [406, 'fix_request'],
  request_timeout: [408, 'retry'],
  username_taken: [409, 'fix_request'],
  email_taken: [409, 'fix_request'],
  last_admin: [409, 'fix_request'],
  last_credential: [409, 'fix_request'],
  identity_taken: [409, 'none'],
  project_no_taken: [409, 'fix_request'],
  limit_reached: [409, 'fix_request'],
  precondition_failed: [412, 'fix_request'],
  payload_too_large: [413, 'fix_request'],
  uri_too_long: [414, 'fix_request'],
  unsupported_media_type: [415, 'fix_request'],
  idempotency_mismatch: [422, 'fix_request'],
  rate_limited: [429, 'retry'],
  headers_too_large: [431, 'fix_request'],
  internal: [500, 'retry'],
  overloaded: [503, 'retry'],
  provider_unavailable: [503, 'retry'],
  unavailable: [503, 'retry'],
}

/** What WWW-Authenticate says beside the realm; nothing where no token came. */
const CHALLENGES: Record<string, string> = {
  unauthenticated: '',
  invalid_credentials: '',
  step_up_required: ', error="insufficient_user_authentication"',
  verification_required: ', error="insufficient_user_authentication"',
  second_factor_required: ', error="insufficient_user_authentication"',
  invalid_token: ', error="invalid_token"',
  token_expired: ', error="invalid_token"',
  session_ended: ', error="invalid_token"',
}

const REQUEST_ID = /^req-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string }
type Expected = {
  /** The default of the table where it is missing. */
  detail?: string
  errors?: { pointer: string; code: string; detail: string }[]
  /** The budgets that are used up. */
  policies?: string[]
  /** Members that only this problem has. */
  members?: Record<string, unknown>
  /** Headers beyond those of every problem. */
  headers?: Record<string, string>
  /** What `WWW-Authenticate` asks for beyond the error. */
  authenticate?: string
}

/**
 * Compares a whole problem: status, every member of the body, and the headers that each problem
 * has.
 */
export function assertProblem(answer: Answer, code: string, expected: Expected = {}): void {
  const [status, action] = CONTRACT[code] ?? assert.fail(`the contract has no ${code}`)
  const kind = errorTable.find((row) => row.code === code)
  assert.ok(kind, `the error table has ${code}`)
  const {
    detail = tell(kind.detail, english),
    errors,
    policies,
    members: own = {},
    headers = {},
  } = expected
  const instance = String(answer.headers['x-request-id'])
  assert.match(instance, REQUEST_ID)
  const members = {
    type: `/problems/${code}`,
    title: tell(kind.title, english),
    status,
    detail,
    instance,
    code,
  }
  assert.deepEqual(JSON.parse(answer.body), {
    ...{ ...members, action },
    ...(errors ? { errors } : {}),
    ...(policies ? { 'violated-policies': policies } : {}),
    ...own,
  })
  const all: Record<string, string> = {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(answer.body)),
    ...headers,
  }
  const seen = Object.keys(all).map((name) => [name, answer.headers[name]])
  assert.deepEqual([answer.statusCode, Object.fromEntries(seen)], [status, all])
  assertChallenge(answer, code, detail, expected.authenticate)
}

/** RFC 6750 3 and 3.1: each 401 has a challenge, nothing else has one. */
function assertChallenge(answer: Answer, code: string, detail: string, more = ''): void {
  const error = CHALLENGES[code]
  const description = error ? `${error}, error_description="${detail}"` : error
  const expected = error === undefined ? undefined : `Bearer realm="latchkey"${description}${more}`
  assert.equal(answer.headers['www-authenticate'], expected)
}

/** The one answer to a signed-in caller who gives a wrong current password. */
export function assertWrongPassword(answer: Answer): void {
  const detail = 'This is not the password of the account.'
  const errors = [{ pointer: '/currentPassword', code: 'wrong_password', detail }]
  assertProblem(answer, 'wrong_password', { errors })
}

/** Compares the issues of a 400, in any order. */
export function assertFaults(
  response: LightMyRequestResponse,
  expected: string[],
  code: 'validation_failed' | 'weak_password' = 'validation_failed',
): void {
  const { errors = [] } = response.json<Expected>()
  assertProblem(response, code, { errors })
  const found = errors.map((issue) => `${issue.pointer} ${issue.code}`)
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
