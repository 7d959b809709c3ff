import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'

/** Headers that the server reads of a trusted proxy. */
const read = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'] as const

type Dependencies = { trusted: readonly string[]; log: FastifyBaseLogger }

/**
 * Warns once of forwarded headers from a peer that TRUST_PROXY does not name: behind a forgotten
 * proxy all clients seem to have one address, and share its limits.
 */
export function createProxyWarning({
  trusted,
  log,
}: Dependencies): (request: IncomingMessage) => void {
  const named = listOf(trusted)
  let isOver = false
  // Behind a proxy nearly every request comes from the same peer.
  let lastPeer: string | undefined

  return function watch({ headers, socket }) {
    if (isOver || !isForwarded(headers) || socket.remoteAddress === lastPeer) return
    lastPeer = socket.remoteAddress
    const peer = plainAddress(lastPeer ?? '')
    if (isIP(peer) === 0 || named.check(peer, familyOf(peer))) return
    isOver = true
    log.warn(warning(peer, trusted, headers))
  }
}

const familyOf = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6')

function isForwarded(headers: IncomingHttpHeaders): boolean {
  return headers.forwarded !== undefined || read.some((name) => headers[name] !== undefined)
}

/** Anybody can send these headers, so the advice depends on who did. */
function warning(peer: string, trusted: readonly string[], headers: IncomingHttpHeaders): string {
  const isRead = read.some((name) => headers[name] !== undefined)
  const more = isRead ? '' : ' and let it send X-Forwarded-For, since Forwarded is not read'
  return (
    `proxies: forwarded headers come from ${peer}, which TRUST_PROXY does not name, and are not believed. ` +
    `If this is your reverse proxy, set TRUST_PROXY=${[...trusted, peer].join(',')}${more}; ` +
    'if it is not, somebody made them up and nothing is to be done.'
  )
}

function listOf(trusted: readonly string[]): BlockList {
  const named = new BlockList()
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/')
    if (bits === undefined) named.addAddress(address, familyOf(address))
    else named.addSubnet(address, Number(bits), familyOf(address))
  }
  return named
}

/** Sockets write `::ffff:10.0.0.1` and `fe80::1%eth0`; TRUST_PROXY takes neither. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}
