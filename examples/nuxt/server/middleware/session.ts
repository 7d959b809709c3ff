/** The only place that refreshes. A call from within a render brings the visit of its page along. */
export default defineEventHandler(async (event) => {
  if (event.path.startsWith('/_nuxt/') || event.context.visit) return
  event.context.visit = await enter(event)
  keepCookies(event)
  if (event.context.visit.state !== 'signedOut')
    setResponseHeader(event, 'cache-control', 'private, no-store')
})
