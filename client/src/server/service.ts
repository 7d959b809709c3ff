import { type Problem, problemOf } from '../problem.ts'
import { deviceHeader, readCookies, type Visitor } from './cookies.ts'

/** What Latchkey said: the body of a success, or the problem. */
export type Answer = { body: unknown; headers: Headers; problem?: undefined } | { problem: Problem }

type Question = {
  method?: string
  body: object
  headers?: Record<string, string>
  /** Whether it may be sent twice, since a connection broke before the answer was there. */
  again?: boolean
}

/** How long a page waits for Latchkey at most. */
const PATIENCE_MS = 8000

export type Service = ReturnType<typeof createService>

/** Calls Latchkey for a visitor: with the address and the browser of the visitor, not those of this server. */
export function createService(baseUrl: string, fetcher: (request: Request) => Promise<Response>) {
  const base = baseUrl.replace(/\/+$/, '')

  /**
   * @throws TypeError for a path that does not begin with a slash, or that leads out of Latchkey's own
   *   path: another application would get the visitor's token
   */
  function requestTo(path: string, init: RequestInit, visitor: Visitor): Request {
    const request = new Request(`${base}/${path.replace(/^\//, '')}`, init)
    if (!path.startsWith('/') || !request.url.startsWith(new Request(`${base}/`).url)) {
      throw new TypeError(`a path begins with a slash and stays below ${base}: ${path}`)
    }
    for (const [name, value] of introduction(visitor)) request.headers.set(name, value)
    return request
  }

  async function answerTo(request: Request): Promise<Answer> {
    const response = await fetcher(request)
    if (!response.ok) return { problem: await problemOf(response) }
    return { body: await response.json(), headers: response.headers }
  }

  return {
    /**
     * As `fetch`, for one path of Latchkey; no answer at all becomes a 503.
     * @throws TypeError for a bad path, and what aborts the request
     */
    async send(path: string, init: RequestInit, visitor: Visitor): Promise<Response> {
      const request = requestTo(path, init, visitor)
      return fetcher(request).catch((error) => {
        if (request.signal.aborted) throw error
        return awayResponse()
      })
    },

    /**
     * Sends JSON about the session itself. No answer becomes a problem that asks for a retry: it says nothing
     * about the session.
     */
    async ask(path: string, question: Question, visitor: Visitor): Promise<Answer> {
      const { method = 'POST', body, again = false } = question
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
          signal: AbortSignal.timeout(PATIENCE_MS),
        },
        visitor,
      )
      const first = answerTo(again ? request.clone() : request)
      return first
        .catch((error) => (again ? answerTo(request) : Promise.reject(error)))
        .catch(() => ({ problem: AWAY }))
    },
  }
}

/** What tells Latchkey whom it serves. It believes this only where `TRUST_PROXY` names this server. */
function introduction({ headers, address }: Visitor): [string, string][] {
  const said = [
    ['x-forwarded-for', address ?? headers.get('x-forwarded-for')],
    ['user-agent', headers.get('user-agent')],
  ] as const
  return said.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []))
}

const AWAY: Problem = {
  type: 'about:blank',
  title: 'Unavailable',
  status: 503,
  detail: 'The sign-in server does not answer. Try again in a moment.',
  instance: '',
  code: 'unavailable',
  action: 'retry',
}

/** What a page gets in place of an answer that would need a token, as long as none can be had. */
export function awayResponse(): Response {
  const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '5' }
  return new Response(JSON.stringify(AWAY), { status: AWAY.status, headers })
}
