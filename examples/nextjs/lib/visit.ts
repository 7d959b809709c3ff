import type { User, Visit } from '@latchkey/client/server'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { sessions } from './sessions'

/** The visit of this request, for server components and server actions. The proxy has refreshed it. */
export async function currentVisit(): Promise<Visit> {
  return sessions.of({ headers: await headers() })
}

/** Hands the cookies of a visit to the browser; for server actions and route handlers alone. */
export async function keepCookies(visit: Visit): Promise<void> {
  const jar = await cookies()
  for (const { name, value, options } of visit.cookies) jar.set(name, value, options)
}

/** Whoever is signed in; others are sent to the sign-in. */
export async function requireUser(visit: Visit): Promise<User> {
  const response = await visit.fetch('/me')
  if (response.status === 401) redirect('/sign-in')
  if (!response.ok) throw new Error(`Latchkey answered ${response.status}`)
  return response.json()
}
