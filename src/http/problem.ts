import { InvalidCredentials, StepUpRequired, Unauthenticated } from '../platform/error-table.ts'
import type { CodedError, Fault } from '../platform/errors.ts'

/** The media type of every error answer (RFC 9457). */
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** The body of every error answer: RFC 9457, with `code`, `action` and `errors` of our own. */
export type Problem = {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  code: string
  action: string
  errors?: Omit<Fault, 'error'>[]
  'violated-policies'?: string[]
}

/** A rendered error, ready for a reply or a raw socket. Header names are in lower case. */
export type RenderedProblem = { status: number; headers: Record<string, string>; body: string }

const REALM = 'Bearer realm="latchkey"'
const bare = new Set([Unauthenticated.kind.code, InvalidCredentials.kind.code])

/**
 * Turns an error of the table into the answer that the client gets.
 * @param requestId repeated in `instance`; the answer carries it as `X-Request-Id`, too
 * @param basePath what the addresses of the server begin with
 */
export function renderProblem(
  error: CodedError,
  requestId: string,
  basePath: string,
): RenderedProblem {
  return {
    status: error.kind.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      'x-request-id': requestId,
      ...defaultHeaders(error),
      ...error.headers,
    },
    body: JSON.stringify(problemBody(error, requestId, basePath)),
  }
}

/** The members in the order of the contract; `errors` and `violated-policies` only where there are any. */
function problemBody(error: CodedError, instance: string, basePath: string): Problem {
  const { kind, message, errors, policies } = error
  const { code, title, status, action } = kind
  const type = `${basePath}/problems/${code}`
  const problem: Problem = { type, title, status, detail: message, instance, code, action }
  if (errors !== undefined) {
    problem.errors = errors.map(({ pointer, code, detail }) => ({ pointer, code, detail }))
  }
  if (policies !== undefined) problem['violated-policies'] = policies
  return problem
}

/** The headers that a status must have, where the thrower named none: RFC 6750 3, RFC 9110 10.2.3. */
function defaultHeaders({ kind, message }: CodedError): Record<string, string> {
  if (kind.status === 401) return { 'www-authenticate': challenge(kind.code, message) }
  if (kind.status === 429 || kind.status === 503) return { 'retry-after': '1' }
  return {}
}

/** RFC 6750 3.1: no error code where no credential came; RFC 9470 3 for step-up. */
function challenge(code: string, detail: string): string {
  if (bare.has(code)) return REALM
  const error =
    code === StepUpRequired.kind.code ? 'insufficient_user_authentication' : 'invalid_token'
  return `${REALM}, error="${error}", error_description="${describe(detail)}"`
}

/** RFC 6750 3 allows %x20-21 / %x23-5B / %x5D-7E. */
function describe(text: string): string {
  return text.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '')
}
