import type { FastifyRequest } from 'fastify'
import type { Browsers } from '../config/browsers.ts'
import { CsrfRejected } from '../contract/errors.ts'

/**
 * Refuses a request that another site may have made in the user's browser, by `Origin`; if that is
 * missing or `null`, by `Sec-Fetch-Site: same-origin` (OWASP CSRF prevention). @throws CsrfRejected
 */
export function requireAllowedOrigin(request: FastifyRequest, browsers: Browsers): void {
  if (hasAllowedOrigin(request, browsers)) return
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined) {
    throw CsrfRejected({
      detail: ({ details }) => details.originNotListed,
    })
  }
  if (site === undefined) {
    throw CsrfRejected({ detail: ({ details }) => details.originMissing })
  }
  throw CsrfRejected({ detail: ({ details }) => details.notSameOrigin })
}

function hasAllowedOrigin({ headers }: FastifyRequest, { isAllowed }: Browsers): boolean {
  const { origin, 'sec-fetch-site': site } = headers
  return origin === undefined || origin === 'null' ? site === 'same-origin' : isAllowed(origin)
}

/**
 * Whether another site may have made the request in the user's browser. Clients that are not
 * browsers send neither header and are not open to CSRF.
 */
export function isCrossSite(request: FastifyRequest, browsers: Browsers): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isBrowser = origin !== undefined || site !== undefined
  return isBrowser && !hasAllowedOrigin(request, browsers)
}
