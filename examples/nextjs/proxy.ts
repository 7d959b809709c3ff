import { type NextRequest, NextResponse } from 'next/server'
import { sessions } from './lib/sessions'

/** The only place that refreshes: here alone the new cookies reach both this render and the browser. */
export async function proxy(request: NextRequest) {
  const visit = await sessions.enter(request)
  const headers = new Headers(request.headers)
  headers.set('cookie', visit.cookieHeader)
  return visit.finish(NextResponse.next({ request: { headers } }))
}

export const config = { matcher: '/((?!_next/static|_next/image|favicon.ico).*)' }
