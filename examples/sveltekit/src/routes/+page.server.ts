import { redirect } from '@sveltejs/kit'
import { requireUser } from '$lib/server/user'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  user: await requireUser(locals.visit),
})

export const actions: Actions = {
  async signOut({ locals }) {
    await locals.visit.signOut({ local: true })
    redirect(303, '/sign-in')
  },
}
