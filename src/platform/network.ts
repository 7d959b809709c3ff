import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Where nothing better is known, all share one name. */
const UNKNOWN = 'unknown'
/** 16-bit groups of an IPv6 address that name the network: the rest is the customer's to choose. */
const NETWORK_GROUPS = 4

/**
 * The network that an address belongs to, as far as one client can change its address: an IPv4 address
 * is its own, however it is written, and an IPv6 address belongs to its /64.
 */
export function networkOf(text: string): string {
  const ip = addressIn(text)
  if (ip === undefined) return UNKNOWN
  if (isIPv4(ip)) return ip
  const address = parseIPv6(ip)
  if (address === undefined) return UNKNOWN
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString()
  const groups = address.parts.slice(0, NETWORK_GROUPS).map((group) => group.toString(16))
  return `${groups.join(':')}::/64`
}

/** Some gateways write the port of the client behind its address. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/

/** The address in what a proxy passes on, which may be any text; undefined where there is none. */
export function addressIn(text: string): string | undefined {
  if (isIP(text) !== 0) return text
  const [, bracketed, plain] = WITH_PORT.exec(text) ?? []
  const ip = bracketed ?? plain ?? ''
  return isIP(ip) === 0 ? undefined : ip
}

/** One pass: to ask first whether it is one costs as much again. */
function parseIPv6(ip: string): ipaddr.IPv6 | undefined {
  try {
    return ipaddr.IPv6.parse(ip)
  } catch {
    return undefined
  }
}
