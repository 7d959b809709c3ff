import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'

/** Asks Latchkey whether there is a session: a cookie alone says nothing, and could send the browser in a circle. */
export const load: PageServerLoad = async ({ locals: { visit } }) => {
  if (visit.state === 'signedIn' && (await visit.fetch('/me')).ok) redirect(303, '/')
}

export const actions: Actions = {
  async default({ locals, request }) {
    const form = await request.formData()
    const { problem } = await locals.visit.signIn({
      username: form.get('username'),
      password: form.get('password'),
    })
    if (problem) return fail(problem.status, { error: problem.detail })
    redirect(303, '/')
  },
}
