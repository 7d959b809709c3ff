import { isIP } from 'node:net'
import { isThisMachine } from '../../../config/remote.ts'
import { Unusable } from './unusable.ts'

const ADDRESS_MAX = 8192

/** Whose addresses these are, and whether an issuer on this machine may do without TLS. */
export type Caller = { issuer: string; isProduction: boolean }

/**
 * The address of a call, if it may be called. A document of an issuer may name any host, but not
 * one by its number, nor this machine, unless the settings name the same. A name may still lead
 * inside: then its certificate must be right, and nobody outside sees the answer.
 */
export function callable(address: string, { issuer, isProduction }: Caller): URL {
  if (!URL.canParse(address)) throw new Unusable('an endpoint is not a URL')
  const url = new URL(address)
  const place = placeOf(url)
  if (address.length > ADDRESS_MAX) throw new Unusable(`the address of ${place} is too long`)
  if (url.username !== '' || url.password !== '')
    throw new Unusable(`the address of ${place} has a password`)
  const own = new URL(issuer)
  if (isInside(url.hostname) && url.hostname !== own.hostname)
    throw new Unusable(`${place} is not an address that an issuer may name`)
  if (url.protocol === 'https:') return url
  const isLocal = isPlain(issuer, isProduction) && isThisMachine(url.hostname)
  if (url.protocol === 'http:' && isLocal) return url
  throw new Unusable(`${place} is not https`)
}

/** Whether an issuer is on this machine without TLS, which production does not allow. */
export function isPlain(issuer: string, isProduction: boolean): boolean {
  const { protocol, hostname } = new URL(issuer)
  return !isProduction && protocol === 'http:' && isThisMachine(hostname)
}

/** For the log: without the query, which may hold secrets. */
export function placeOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`.slice(0, 200)
}

function isInside(hostname: string): boolean {
  const isNumber = isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0
  return isNumber || /(^|\.)localhost\.?$/.test(hostname)
}
