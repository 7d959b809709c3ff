import type { components } from './api-types.ts'

type ServerProblem = components['schemas']['Problem']

/** What the server says of an error (RFC 9457). `action` tells a program what to do. */
export type Problem = Omit<ServerProblem, 'code'> & { code: ServerProblem['code'] | 'unknown' }

/**
 * The server has refused. `problem` is what it said; an answer that is none of the server's own, such as
 * the error page of a proxy, is put into the same form with the code `unknown`.
 */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }

  /** Stable; programs switch on it. */
  get code(): Problem['code'] {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }
}

/** Whether the server did nothing; where a gateway answers, or the database goes away, it may have. */
export function isRefusal(failure: unknown): boolean {
  if (!(failure instanceof LatchkeyError)) return false
  return failure.status < 500 || failure.code === 'overloaded'
}

/** Reads the problem of an answer; afterwards it cannot be read again. */
export async function problemOf(response: Response): Promise<Problem> {
  return asProblem(parsed(await response.text()), response)
}

/** Reads the problem and gives the answer back unread: not every phone can clone one. */
export async function lookInto(response: Response): Promise<{ problem: Problem; same: Response }> {
  const text = await response.text()
  return { problem: asProblem(parsed(text), response), same: withBody(response, text) }
}

/** The same answer with a body that has arrived. */
export function withBody({ status, statusText, headers }: Response, text: string): Response {
  return new Response(text || null, { status, statusText, headers })
}

/** @param body what came with the answer, whatever it is */
function asProblem(body: unknown, response: Response): Problem {
  return isProblem(body) ? body : unknownProblem(response)
}

/** What is no JSON counts as nothing. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'action' in body && 'code' in body
}

/** Nothing in it lets a client drop its session. */
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
