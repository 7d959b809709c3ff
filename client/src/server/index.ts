import { isSecure, type Visitor } from './cookies.ts'
import { createService } from './service.ts'
import { createVisit, type Visit } from './visit.ts'

export type { Problem } from '../problem.ts'
export type { SessionBody, User } from '../session.ts'
export type { CookieOptions, SetCookie, Visitor } from './cookies.ts'
export type { Opened, Visit } from './visit.ts'

export type ServerSessionsOptions = {
  /** Where this server reaches Latchkey; nothing that a browser must know. */
  baseUrl: string
  /** The first part of both cookies' names. Applications on one host, such as `localhost`, need different ones. */
  cookie?: string
  /** Whether cookies are `Secure`; by default everywhere but on `localhost` over http. */
  secure?: boolean
  /** Takes the place of `fetch`. */
  fetch?: (request: Request) => Promise<Response>
}

export type ServerSessions = {
  /** For the middleware alone: a visit with a fresh access token, where there is a session. */
  enter(visitor: Visitor): Promise<Visit>
  /** For all that runs after the middleware and cannot be handed its visit: as the cookies say. */
  of(visitor: Visitor): Visit
}

/**
 * The sessions of an application that renders on a server. The browser has two cookies of the application's own,
 * which no script reads; this server alone talks to Latchkey. It keeps nothing between requests.
 */
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
