import type { RedisAddress } from '../platform/redis/address.ts'
import { refuse } from './readers.ts'

// Messages never repeat the URL, which may hold a password.

const SHAPE =
  /^redis(?<tls>s?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^@/?#]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^/?#]*))?(?:\?(?<query>[^#]*))?$/
const PATHS = { server: /^\d{0,4}$/, cluster: /^0?$/, sentinel: /^[\w.-]{1,100}$/ }
const PORTS = { server: 6379, cluster: 6379, sentinel: 26_379 }
/** A misspelt parameter would silently change nothing, so unknown ones are errors. */
const PARAMETERS = { server: ['tls'], cluster: ['tls'], sentinel: ['tls', 'sentinelPassword'] }

/** Parses the URL of Redis; an empty text means none. */
export function redisUrl(text: string): RedisAddress | undefined {
  return text === '' ? undefined : redisAddress(text)
}

/**
 * `redis://user:password@host:6379/0`, `redis+cluster://a:6379,b:6379` or
 * `redis+sentinel://a:26379,b:26379/name`; `rediss` instead of `redis` means TLS.
 */
export function redisAddress(text: string): RedisAddress {
  try {
    const address = addressIn(text)
    if (address) return address
  } catch {
    // An invalid port, percent-encoding or tls.
  }
  return refuse(
    'it must look like redis://user:password@host:6379/0, redis+cluster://a:6379,b:6379 or redis+sentinel://a:26379,b:26379/name, with rediss instead of redis for TLS, or ?tls=off at the end for no TLS; leave it empty to use no Redis',
  )
}

function addressIn(text: string): RedisAddress | undefined {
  const parts = SHAPE.exec(text)?.groups
  if (!parts) return undefined
  const { kind: named = 'server', user = '', hosts = '', path = '' } = parts
  const kind = named as RedisAddress['kind']
  const nodes = hosts.split(',').map((host) => nodeIn(host, PORTS[kind]))
  const parameters = new URLSearchParams(parts.query)
  const tls = tlsIn(parts.tls === 's', parameters)
  const isValid =
    (kind !== 'server' || nodes.length === 1) &&
    PATHS[kind].test(path) &&
    areKnown(parameters, PARAMETERS[kind])
  if (!isValid) return undefined
  const [username = '', ...password] = user.split(':').map(decodeURIComponent)
  const access = { nodes, username, password: password.join(':'), tls }
  if (kind === 'server') return { kind, ...access, db: Number(path) }
  if (kind === 'cluster') return { kind, ...access }
  const sentinelPassword = parameters.get('sentinelPassword') ?? ''
  return { kind, ...access, masterName: path, sentinelPassword }
}

function tlsIn(isEncrypted: boolean, parameters: URLSearchParams): RedisAddress['tls'] {
  const tls = parameters.get('tls')
  if (tls === null) return isEncrypted ? 'on' : undefined
  if (tls === 'off' && !isEncrypted) return 'off'
  throw new TypeError('tls contradicts the scheme, or is neither on nor off')
}

function nodeIn(text: string, defaultPort: number): { host: string; port: number } {
  const { hostname, port, pathname } = new URL(`redis://${text}`)
  if (hostname === '' || pathname !== '') throw new TypeError('no host')
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) }
}

function areKnown(parameters: URLSearchParams, known: readonly string[]): boolean {
  const names = [...parameters.keys()]
  return new Set(names).size === names.length && names.every((name) => known.includes(name))
}
