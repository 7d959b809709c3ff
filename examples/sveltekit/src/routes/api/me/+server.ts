import type { RequestHandler } from './$types'

/** For scripts of this application's own pages. */
export const GET: RequestHandler = ({ locals }) => locals.visit.fetch('/me')
