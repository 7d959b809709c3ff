import { isLoopback, list, type PublicUrl, refuse } from './readers.ts'

// RFC 8252: apps return by a scheme of their own (7.1) or to a port of this machine (7.3).

const MAX_COUNT = 50
const MAX_LENGTH = 200
const MAX_PORT = 65_535
/** A domain of its owner, the other way round: `com.example.app`. */
const APP_SCHEME = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/
const LOOPBACK_PORT = /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):([1-9]\d{0,4})(?=\/)/
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\])\//

/** Addresses separated by commas, each in its normal form. */
export function returnUrls(text: string): readonly string[] {
  const entries = [...new Set(list(text))]
  if (entries.length > MAX_COUNT)
    refuse(`it has ${entries.length} entries; the maximum is ${MAX_COUNT}`)
  return entries.map(normal)
}

function normal(entry: string): string {
  const url = parsed(entry)
  if (!url) return refuse('every entry must be an absolute address, such as https://a.example/')
  if (entry.length > MAX_LENGTH) refuse(`an entry has more than ${MAX_LENGTH} characters`)
  // Before any message that shows the entry: it may hold a password.
  if (url.username !== '' || url.password !== '') refuse('an entry has a user; remove the user')
  if (entry.includes('#')) refuse('an entry has a fragment (#); remove it, the answer comes there')
  if (entry.includes('*')) refuse('addresses are compared whole; list each instead of a *')
  if (!isAllowedScheme(url)) refuse(schemeFix(url))
  if (url.href !== entry) refuse(`write ${JSON.stringify(url.href)}, as browsers spell it`)
  return entry
}

function isAllowedScheme({ protocol, hostname, pathname, host }: URL): boolean {
  if (protocol === 'https:') return true
  if (protocol === 'http:') return isLoopback(hostname)
  return APP_SCHEME.test(protocol) && (host !== '' || pathname.startsWith('/'))
}

function schemeFix({ protocol }: URL): string {
  if (protocol === 'http:')
    return 'http is for this machine only: http://127.0.0.1/cb or http://[::1]/cb; write https'
  return 'a scheme other than https must be the domain of the app in reverse, followed by a slash, such as com.example.app:/done'
}

/** The server's own page and those of the frontends; schemes of packaged apps are left out. */
export function defaultReturnUrls(own: {
  http: { publicUrl: PublicUrl }
  corsOrigins: readonly string[]
}): readonly string[] {
  const addresses = [own.http.publicUrl.href, ...own.corsOrigins]
  return [...new Set(addresses.filter((address) => /^https?:/.test(address)))].map(
    (address) => `${address}/`,
  )
}

/**
 * Whether a client may be sent to an address after a sign-in with a provider. Compared whole, as
 * texts; on this machine by number, the port is free (RFC 8252 7.3).
 * @param allowed in normal form
 */
export function isReturnUrl(allowed: readonly string[], returnTo: string): boolean {
  if (allowed.includes(returnTo)) return true
  const portless = withoutPort(returnTo)
  return LOOPBACK.test(portless) && allowed.some((entry) => withoutPort(entry) === portless)
}

function withoutPort(address: string): string {
  const [whole = '', origin = '', port] = LOOPBACK_PORT.exec(address) ?? []
  return Number(port) <= MAX_PORT ? `${origin}${address.slice(whole.length)}` : address
}

/** `URL.canParse` of Node 20 and 22 refuses non-ASCII letters once it is optimized. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
