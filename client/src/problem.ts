import type { components } from './api-types.ts'
import { parseJson } from './json.ts'

type ServerProblem = components['schemas']['Problem']
type Begun = components['schemas']['RegistrationBegun']

/** Error body of the server (RFC 9457). `action` tells a program what to do. */
export type Problem = Omit<ServerProblem, 'code'> & { code: ServerProblem['code'] | 'unknown' }

/** An error of the server; one of a proxy, without a problem, has the code `unknown`. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }

  get code(): Problem['code'] {
    return this.problem.code
  }

  /** What has to be proved first, where `action` is `step_up`: for `answerChallenge`. */
  get challenge(): Problem['challenge'] {
    return this.problem.challenge
  }

  get status(): number {
    return this.problem.status
  }
}

/** Whether the server surely did nothing; after other 5xx answers it may have. */
export function isRefusal(failure: unknown): boolean {
  if (!(failure instanceof LatchkeyError)) return false
  return failure.status < 500 || failure.code === 'overloaded'
}

export async function problemOf(response: Response): Promise<Problem> {
  return asProblem(parseJson(await response.text()), response)
}

/** The problem of an answer without a session: 202, a code has to come back first. */
export async function pendingIn(response: Response): Promise<Problem | undefined> {
  if (response.status !== 202) return undefined
  const { message, challenge } = (await response.json()) as Begun
  const code = 'verification_required'
  return { ...unknownProblem(response), code, action: 'step_up', detail: message, challenge }
}

/** Reads the problem and returns a fresh response: some phones cannot clone one. */
export async function lookInto(response: Response): Promise<{ problem: Problem; same: Response }> {
  const text = await response.text()
  return { problem: asProblem(parseJson(text), response), same: withBody(response, text) }
}

export function withBody({ status, statusText, headers }: Response, text: string): Response {
  return new Response(text || null, { status, statusText, headers })
}

function asProblem(body: unknown, response: Response): Problem {
  return isProblem(body) ? body : unknownProblem(response)
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'action' in body && 'code' in body
}

/** Its action never ends a session. */
function unknownProblem({ status, statusText }: Response): Problem {
  return {
    type: 'about:blank',
    title: 'Unknown',
    status,
    detail: `The server answered ${status} ${statusText}`.trimEnd(),
    instance: '',
    code: 'unknown',
    action: status === 429 || status >= 500 ? 'retry' : 'none',
  }
}
