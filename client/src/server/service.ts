import { type Problem, pendingIn, problemOf } from '../problem.ts'
import { deviceHeader, readCookies, type Visitor } from './cookies.ts'

export type Answer = { body: unknown; headers: Headers; problem?: undefined } | { problem: Problem }

export type Question = {
  method?: string
  body: object
  headers?: Record<string, string>
  /** Whether it is repeated when the connection breaks. */
  isIdempotent?: boolean
}

/** How long a page waits for Latchkey. */
const TIMEOUT_MS = 8000

export type Service = ReturnType<typeof createService>

/** Calls Latchkey with the address and the browser of the visitor. */
export function createService(baseUrl: string, fetcher: (request: Request) => Promise<Response>) {
  const base = baseUrl.replace(/\/+$/, '')

  /** @throws TypeError for a path outside of Latchkey, which would get the visitor's token */
  function requestTo(path: string, init: RequestInit, visitor: Visitor): Request {
    const request = new Request(`${base}/${path.replace(/^\//, '')}`, init)
    if (!path.startsWith('/') || !request.url.startsWith(new Request(`${base}/`).url)) {
      throw new TypeError(`a path begins with a slash and stays below ${base}: ${path}`)
    }
    for (const [name, value] of forwardedHeaders(visitor)) request.headers.set(name, value)
    return request
  }

  async function answerTo(request: Request): Promise<Answer> {
    const response = await fetcher(request)
    if (!response.ok) return { problem: await problemOf(response) }
    const problem = await pendingIn(response)
    if (problem) return { problem }
    return { body: await response.json(), headers: response.headers }
  }

  return {
    /** Like `fetch`; no answer becomes a 503. @throws TypeError for a bad path, and on abort */
    async send(path: string, init: RequestInit, visitor: Visitor): Promise<Response> {
      const request = requestTo(path, init, visitor)
      return fetcher(request).catch((error) => {
        if (request.signal.aborted) throw error
        return unavailableResponse()
      })
    },

    /** Sends JSON about the session. No answer becomes a problem that asks for a retry. */
    async ask(path: string, question: Question, visitor: Visitor): Promise<Answer> {
      const { method = 'POST', body, isIdempotent = false } = question
      const request = requestTo(
        path,
        {
          method,
          body: JSON.stringify(body),
          headers: {
            ...deviceHeader(readCookies(visitor)),
            ...question.headers,
            'content-type': 'application/json',
          },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
        visitor,
      )
      const first = answerTo(isIdempotent ? request.clone() : request)
      return first
        .catch((error) => (isIdempotent ? answerTo(request) : Promise.reject(error)))
        .catch(() => ({ problem: UNAVAILABLE }))
    },
  }
}

/** Latchkey trusts these only if `TRUST_PROXY` names this server. */
function forwardedHeaders({ headers, address }: Visitor): [string, string][] {
  const said = [
    ['x-forwarded-for', address ?? headers.get('x-forwarded-for')],
    ['user-agent', headers.get('user-agent')],
  ] as const
  return said.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []))
}

const UNAVAILABLE: Problem = {
  type: 'about:blank',
  title: 'Unavailable',
  status: 503,
  detail: 'The sign-in server does not answer. Try again in a moment.',
  instance: '',
  code: 'unavailable',
  action: 'retry',
}

/** For requests that need a token while Latchkey is unavailable. */
export function unavailableResponse(): Response {
  const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '5' }
  return new Response(JSON.stringify(UNAVAILABLE), { status: UNAVAILABLE.status, headers })
}
