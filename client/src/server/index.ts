import { isSecure, type Visitor } from './cookies.ts'
import { createService } from './service.ts'
import { createVisit, type Visit } from './visit.ts'

export type { Problem } from '../problem.ts'
export type { SessionBody, User } from '../session-body.ts'
export type { CookieOptions, SetCookie, Visitor } from './cookies.ts'
export type { Opened, Visit } from './visit.ts'

export type ServerSessionsOptions = {
  /** Address of Latchkey for this server; browsers need not know it. */
  baseUrl: string
  /** Prefix of both cookie names; applications on one host need different ones. */
  cookie?: string
  /** Whether cookies are `Secure`; by default except on `localhost` over http. */
  secure?: boolean
  fetch?: (request: Request) => Promise<Response>
}

export type ServerSessions = {
  /** For the middleware alone: refreshes the access token if needed. */
  enter(visitor: Visitor): Promise<Visit>
  /** For code after the middleware: reads the cookies. */
  of(visitor: Visitor): Visit
}

/** Sessions of an application that renders on a server: two cookies in the browser, no state. */
export function createServerSessions(options: ServerSessionsOptions): ServerSessions {
  const {
    baseUrl,
    cookie = 'session',
    secure,
    fetch: fetcher = (request) => fetch(request),
  } = options
  const service = createService(baseUrl, fetcher)
  const visitOf = (visitor: Visitor) =>
    createVisit({ service, visitor, cookie, secure: secure ?? isSecure(visitor) })

  return {
    async enter(visitor) {
      const { visit, refresh } = visitOf(visitor)
      await refresh()
      return visit
    },
    of: (visitor) => visitOf(visitor).visit,
  }
}
