import { currentVisit } from '../../../lib/visit'

/** For scripts of this application's own pages. */
export async function GET(): Promise<Response> {
  const visit = await currentVisit()
  return visit.fetch('/me')
}
