import type { User, Visit } from '@latchkey/client/server'
import { error, redirect } from '@sveltejs/kit'

/** Whoever is signed in; others are sent to the sign-in. */
export async function requireUser(visit: Visit): Promise<User> {
  const response = await visit.fetch('/me')
  if (response.ok) return response.json()
  if (response.status === 401) redirect(303, '/sign-in')
  error(503, 'Try again in a moment.')
}
