import { createServerSessions } from '@latchkey/client/server'
import type { Handle } from '@sveltejs/kit'
import { env } from '$env/dynamic/private'

const sessions = createServerSessions({ baseUrl: env.LATCHKEY_URL ?? 'http://localhost:3000' })

/** The only place that refreshes. Whatever a form action does to the session is in the visit, too. */
export const handle: Handle = async ({ event, resolve }) => {
  const { headers } = event.request
  event.locals.visit = await sessions.enter({ headers, address: event.getClientAddress() })
  return event.locals.visit.finish(await resolve(event))
}
