import { createServerSessions, type Visit } from '@latchkey/client/server'
import type { H3Event } from 'h3'

declare module 'h3' {
  interface H3EventContext {
    visit: Visit
  }
}

const sessions = createServerSessions({ baseUrl: useRuntimeConfig().latchkeyUrl })

/** The visit of a request from outside; for the middleware alone. */
export function enter(event: H3Event): Promise<Visit> {
  return sessions.enter({ headers: event.headers, address: getRequestIP(event) })
}

/** Hands the cookies of the visit to the browser; whoever calls it last has the last word. */
export function keepCookies(event: H3Event): void {
  for (const { name, value, options } of event.context.visit.cookies)
    setCookie(event, name, value, options)
}
