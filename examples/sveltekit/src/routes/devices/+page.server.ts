import { requireUser } from '$lib/server/user'
import type { PageServerLoad } from './$types'

type Session = { id: string; userAgent: string | null; ip: string | null; current: boolean }

export const load: PageServerLoad = async ({ locals: { visit } }) => {
  const user = await requireUser(visit)
  const response = await visit.fetch('/sessions')
  const { items }: { items: Session[] } = await response.json()
  return { user, items }
}
