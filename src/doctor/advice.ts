import { attempt, isLoopback, origins } from '../config/readers.ts'
import { ownDomain, siteOf } from './sites.ts'

const LOOPBACK_IPV4 = /^127(\.\d+){3}$/

/** Addresses of server and frontend between which browsers send the cookie. */
export type Aim = { readonly publicUrl: string; readonly origin: string }

/** One origin, spelled as in the `Origin` header. */
export function isExactOrigin(text: string): boolean {
  const read = attempt(() => origins(text))
  return 'value' in read && read.value.length === 1 && read.value[0] === text
}

/** The probable origin; undefined when unclear. */
export function meantOrigin(text: string): string | undefined {
  if (isExactOrigin(text)) return text
  if (text === 'null') return undefined
  const address = parsed(text.includes('://') ? text : `https://${text}`)
  if (!address || !isWeb(address)) return undefined
  // Without a scheme, this machine means http.
  if (!text.includes('://') && isThisMachine(address)) return meantOrigin(`http://${text}`)
  return isExactOrigin(address.origin) ? address.origin : undefined
}

/** `URL.canParse` of Node 20 and 22 refuses non-ASCII letters once it is optimized. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/**
 * The entries of CORS_ORIGINS, corrected; leaves unclear ones out.
 * @param production whether plain http becomes https, except on this machine
 */
export function mendedOrigins(corsOrigins: string, production: boolean): string[] {
  const meant = corsOrigins.split(',').flatMap((entry) => meantOrigin(entry.trim()) ?? [])
  return [...new Set(production ? meant.map(asProductionTakes) : meant)]
}

function asProductionTakes(origin: string): string {
  const address = new URL(origin)
  const isRefused = address.protocol === 'http:' && !isLoopback(address.hostname)
  return isRefused ? overHttps(address) : origin
}

/** Names of this machine for which Chromium and Firefox accept `Secure` cookies over http. */
export function isThisMachine({ hostname }: URL): boolean {
  return isLoopback(hostname) || hostname.endsWith('.localhost') || LOOPBACK_IPV4.test(hostname)
}

/** False for the schemes of packaged apps, such as `capacitor:`. */
export function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

/**
 * The smallest change that puts both on one site and one scheme, or none when they already are.
 * @param server undefined without a usable address @param port of a server on this machine
 * @returns undefined when no address could help
 */
export function aimFor(frontend: URL, server: URL | undefined, port: number): Aim | undefined {
  if (!isWeb(frontend)) return undefined
  if (server && siteOf(server.hostname) === siteOf(frontend.hostname))
    return sameSite(frontend, server)
  if (isThisMachine(frontend)) return thisMachine(frontend, server, port)
  return besideFrontend(frontend)
}

function sameSite(frontend: URL, server: URL): Aim {
  if (!isThisMachine(server)) return { publicUrl: overHttps(server), origin: overHttps(frontend) }
  return { publicUrl: server.origin, origin: `${server.protocol}//${frontend.host}` }
}

function thisMachine(frontend: URL, server: URL | undefined, port: number): Aim {
  if (server && isThisMachine(server)) {
    const { protocol, hostname } = server
    return { publicUrl: server.origin, origin: withPort(`${protocol}//${hostname}`, frontend.port) }
  }
  const free = String(port) === frontend.port ? port + 1 : port
  const publicUrl = withPort(`${frontend.protocol}//${frontend.hostname}`, String(free))
  return { publicUrl, origin: frontend.origin }
}

/** Where the frontend's domain allows no further name, the server is reached through its host. */
function besideFrontend(frontend: URL): Aim {
  const origin = overHttps(frontend)
  const domain = ownDomain(frontend.hostname)
  if (domain === undefined) return { publicUrl: origin, origin }
  const name = frontend.hostname === `auth.${domain}` ? 'accounts' : 'auth'
  return { publicUrl: `https://${name}.${domain}`, origin }
}

/** Drops the port: one that serves http cannot serve https, too. */
function overHttps(address: URL): string {
  return address.protocol === 'https:' ? address.origin : `https://${address.hostname}`
}

function withPort(address: string, port: string): string {
  return port === '' ? address : `${address}:${port}`
}
