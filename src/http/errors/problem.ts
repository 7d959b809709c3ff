import { InvalidCredentials, Unauthenticated } from '../../contract/errors.ts'
import type { Problem } from '../../contract/problem.ts'
import type { Texts } from '../../languages/en/texts.ts'
import { tell } from '../../languages/text.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** A rendered error, ready for a reply or a raw socket. Header names are in lower case. */
export type RenderedProblem = { status: number; headers: Record<string, string>; body: string }

/** `texts`: of the language that the answer has. */
type Rendering = { requestId: string; basePath: string; texts: Texts }

const REALM = 'Bearer realm="latchkey"'
const bare = new Set([Unauthenticated.definition.code, InvalidCredentials.definition.code])

/** Renders an error; `instance` has the request id, and all addresses begin with the base path. */
export function renderProblem(
  error: ApiError,
  { requestId, basePath, texts }: Rendering,
): RenderedProblem {
  return {
    status: error.definition.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...defaultHeaders(error),
      ...error.headers,
    },
    body: JSON.stringify(problemBody(error, { requestId, basePath, texts })),
  }
}

function problemBody(error: ApiError, { requestId, basePath, texts }: Rendering): Problem {
  const { definition, errors, policies, members } = error
  const { code, status, action } = definition
  const [title, detail] = [tell(definition.title, texts), tell(error.detail, texts)]
  const type = `${basePath}/problems/${code}`
  const problem: Problem = { type, title, status, detail, instance: requestId, code, action }
  if (errors !== undefined) {
    problem.errors = errors.map(({ pointer, code, detail }) => ({
      pointer,
      code,
      detail: tell(detail, texts),
    }))
  }
  if (policies !== undefined) problem['violated-policies'] = policies
  return Object.assign(problem, members)
}

/** Headers that a status must have (RFC 6750 3, RFC 9110 10.2.3), unless the error sets them. */
function defaultHeaders(failure: ApiError): Record<string, string> {
  const { definition } = failure
  if (definition.status === 401) return { 'www-authenticate': challenge(failure) }
  if (definition.status === 429 || definition.status === 503) return { 'retry-after': '1' }
  return {}
}

/** RFC 6750 3.1: no error code where no credential came; RFC 9470 3 for step-up. */
function challenge({ definition, message, authenticate }: ApiError): string {
  const { code, action } = definition
  if (bare.has(code)) return REALM
  const error = action === 'step_up' ? 'insufficient_user_authentication' : 'invalid_token'
  const told = [`error="${error}"`, `error_description="${describe(message)}"`, ...authenticate]
  return [REALM, ...told].join(', ')
}

/** RFC 6750 3 allows %x20-21 / %x23-5B / %x5D-7E. */
function describe(text: string): string {
  return text.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '')
}
