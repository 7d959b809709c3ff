import type { Text } from '../../languages/text.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { Overloaded, RateLimited } from '../../platform/errors/table.ts'
import { UPLOADS_AT_ONCE } from '../limits.ts'

const retryAfter = { 'retry-after': '2' }

type Arrival = { site: string; controller: AbortController }

/**
 * Limits uploads: of one user until the file is stored, of all until it has arrived. At the limit,
 * the newest upload of the site with the most gives way to a site with fewer (longest queue drop).
 */
export function createUploadLimiter(uploadsPerUser: number) {
  const underWay: (string | undefined)[] = []
  // Oldest first.
  const arriving: Arrival[] = []

  /** @returns a function that ends the upload; @throws RateLimited */
  function begin(user: string | undefined): () => void {
    const ofUser = underWay.filter((other) => other === user).length
    if (ofUser >= uploadsPerUser) throw tooManyOf(uploadsPerUser)
    underWay.push(user)
    return () => void underWay.splice(underWay.indexOf(user), 1)
  }

  /** Reads a file if there is room; aborts `read` when it gives way. @throws Overloaded */
  async function admit<Thing>(
    site: string,
    signal: AbortSignal,
    read: (signal: AbortSignal) => Promise<Thing>,
  ): Promise<Thing> {
    signal.throwIfAborted()
    if (arriving.length >= UPLOADS_AT_ONCE) makeRoom(site)
    const controller = new AbortController()
    const arrival = { site, controller }
    const giveUp = () => controller.abort(signal.reason)
    signal.addEventListener('abort', giveUp)
    arriving.push(arrival)
    try {
      return await read(controller.signal)
    } finally {
      signal.removeEventListener('abort', giveUp)
      end(arrival)
    }
  }

  function makeRoom(site: string): void {
    const lead = (other: Arrival) => countOf(other.site) - countOf(site)
    const loser = arriving.toReversed().toSorted((a, b) => lead(b) - lead(a))[0]
    if (!loser || lead(loser) <= 1) throw Overloaded({ headers: retryAfter })
    end(loser)
    // Do not wait for the rest.
    loser.controller.abort(Overloaded({ headers: { ...retryAfter, connection: 'close' } }))
  }

  function countOf(site: string): number {
    return arriving.filter((other) => other.site === site).length
  }

  function end(arrival: Arrival): void {
    const at = arriving.indexOf(arrival)
    if (at >= 0) arriving.splice(at, 1)
  }

  return { begin, admit }
}

function tooManyOf(uploadsPerUser: number): ApiError {
  const detail: Text = ({ details }) => details.uploadsRunning(uploadsPerUser)
  return RateLimited({ detail, headers: retryAfter })
}
