export default defineEventHandler(async (event) => {
  await event.context.visit.signOut({ local: true })
  keepCookies(event)
  return sendRedirect(event, '/sign-in', 303)
})
