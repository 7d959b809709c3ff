import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

const UNKNOWN = 'unknown'
/** 16-bit groups of an IPv6 address that name the network; the client chooses the rest. */
const NETWORK_GROUPS = 4
/** Groups that name a customer: a /48 (RFC 6177). */
const SITE_GROUPS = 3

/** The addresses that a client can choose from: the /64 of IPv6, IPv4 itself. */
export function networkOf(text: string): string {
  return prefixOf(text, NETWORK_GROUPS)
}

/** What one customer may own: the /48 of IPv6, IPv4 itself. */
export function siteOf(text: string): string {
  return prefixOf(text, SITE_GROUPS)
}

function prefixOf(text: string, count: number): string {
  const ip = addressIn(text)
  if (ip === undefined) return UNKNOWN
  if (isIPv4(ip)) return ip
  const address = parseIPv6(ip)
  if (address === undefined) return UNKNOWN
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString()
  const groups = address.parts.slice(0, count).map((group) => group.toString(16))
  return `${groups.join(':')}::/${16 * count}`
}

/** Some gateways append the client's port. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/

/** A proxy may send any text; undefined where it has no address. */
export function addressIn(text: string): string | undefined {
  if (isIP(text) !== 0) return text
  const [, bracketed, plain] = WITH_PORT.exec(text) ?? []
  const ip = bracketed ?? plain ?? ''
  return isIP(ip) === 0 ? undefined : ip
}

/** In one pass: checking first would cost as much again. */
function parseIPv6(ip: string): ipaddr.IPv6 | undefined {
  try {
    return ipaddr.IPv6.parse(ip)
  } catch {
    return undefined
  }
}
