import type { FastifyInstance, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { NotFound } from '../../platform/errors/table.ts'
import { addressIn } from '../../platform/network.ts'

/** Whether a request must not learn that there is anything at its address. */
export type IsHidden = (request: Pick<FastifyRequest, 'url' | 'ip'>) => boolean

/**
 * Hides a path and all below it from everybody outside some networks.
 * @param networks addresses and CIDR ranges @returns undefined without any: nothing is hidden
 */
export function hiddenOutside(path: string, networks: readonly string[]): IsHidden | undefined {
  if (networks.length === 0) return undefined
  const ranges = networks.map(rangeOf)
  return ({ url, ip }) => isBelow(url, path) && !ranges.some((range) => isWithin(ip, range))
}

/** Answers 404 before anything else is said of the path. Call it behind CORS and rate limits. */
export function hidePaths(app: FastifyInstance, isHidden: IsHidden): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(isHidden(request) ? NotFound() : undefined)
  })
}

type Range = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number]

function rangeOf(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.parse(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** An IPv4 address counts as such, also where it comes as `::ffff:192.0.2.1`. */
function isWithin(text: string, [address, bits]: Range): boolean {
  const ip = addressIn(text)
  if (ip === undefined || !ipaddr.isValid(ip)) return false
  const seen = ipaddr.process(ip)
  return seen.kind() === address.kind() && seen.match(address, bits)
}

/** As the router reads an address: without host, query and fragment, and decoded. */
function isBelow(url: string, path: string): boolean {
  const [encoded = ''] = url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/, 1)
  const plain = decoded(encoded)
  return plain === path || plain.startsWith(`${path}/`)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // The router refuses it.
    return path
  }
}
