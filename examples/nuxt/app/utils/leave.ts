/** Where a page goes that did not get its data: strangers to the sign-in. */
export function leave(error: { statusCode?: number }) {
  if (error.statusCode === 401) return navigateTo('/sign-in')
  throw createError({ statusCode: 503, statusMessage: 'Try again in a moment.', fatal: true })
}
