/** A plain form, so that it works before the page's scripts have loaded. */
export default defineEventHandler(async (event) => {
  const form = await readFormData(event)
  const { problem } = await event.context.visit.signIn({
    username: form.get('username'),
    password: form.get('password'),
  })
  keepCookies(event)
  const query = problem ? `?error=${encodeURIComponent(problem.code)}` : ''
  return sendRedirect(event, problem ? `/sign-in${query}` : '/', 303)
})
