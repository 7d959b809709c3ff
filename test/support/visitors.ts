import {
  createServerSessions,
  type ServerSessionsOptions,
  type Visit,
} from '../../client/src/server/index.ts'
import type { TestClock } from './helper.ts'

// An application that renders on a server, and browsers in front of it; neither keeps more than
// real ones do.

type Cookie = { value: string; endsAt: number }
type Page = (visit: Visit, request: Request) => Promise<Response>

/** What a page shows of its reader. */
export type Shown = { status: number; username?: string; code?: string; state: Visit['state'] }

/** The page of a reader: whom Latchkey says it is. */
export const home: Page = async (visit) => {
  const answer = await visit.fetch('/me')
  const { username, code } = (await answer.json()) as { username?: string; code?: string }
  const shown: Shown = { status: answer.status, state: visit.state }
  if (username) shown.username = username
  if (code) shown.code = code
  return Response.json(shown)
}

/** A rendering server over `@latchkey/client/server`. */
export function createApplication(options: ServerSessionsOptions) {
  const sessions = createServerSessions(options)
  return async (request: Request, page: Page): Promise<Response> => {
    const visit = await sessions.enter(request)
    return visit.finish(await page(visit, request))
  }
}

type BrowserOptions = {
  clock: TestClock
  origin?: string
  headers?: Record<string, string>
}

/** A browser with a jar of cookies that end in time. */
export function createBrowser(
  application: ReturnType<typeof createApplication>,
  { clock, origin = 'http://localhost:5000', headers = {} }: BrowserOptions,
) {
  const jar = new Map<string, Cookie>()
  const { host } = new URL(origin)

  function cookieHeader(): string {
    const live = [...jar].filter(([, { endsAt }]) => endsAt > clock())
    return live.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  function keep({ headers }: Response): void {
    for (const header of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
      const maxAge = Number(/; Max-Age=(\d+)/.exec(header)?.[1])
      jar.set(name, { value, endsAt: clock() + maxAge * 1000 })
    }
  }

  return {
    jar,
    names: () => [...jar].filter(([, { endsAt }]) => endsAt > clock()).map(([name]) => name),
    /** As with a browser, or a renderer, that cannot take the cookies of an answer. */
    async open(page: Page, { keeps = true, more = {} } = {}): Promise<Response> {
      const cookie = cookieHeader()
      const request = new Request(origin, {
        headers: { host, ...(cookie ? { cookie } : {}), ...headers, ...more },
      })
      const response = await application(request, page)
      if (keeps) keep(response)
      return response
    },
    async show(page: Page = home, options = {}): Promise<Shown> {
      return (await (await this.open(page, options)).json()) as Shown
    },
  }
}
