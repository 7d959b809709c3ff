import type { DatabaseAddress } from '../platform/database/address.ts'
import type { RedisAddress } from '../platform/redis/address.ts'
import { isLoopback } from './readers.ts'
import { SAMPLE_WORDS } from './secret-readers.ts'

// Requirements of production for addresses on other machines. No message repeats an address.

const DATABASE_PASSWORD_MIN = 8
const LOOPBACK_IPV4 = /^127(\.\d{1,3}){3}$/

/** The fix for a database address in production; undefined when it is fine. */
export function databaseFix(address: DatabaseAddress): string | undefined {
  if (address.kind === 'sqlite' || isThisMachine(address.host)) return undefined
  const { user, password, tls } = address
  if (password.length < DATABASE_PASSWORD_MIN || password === user || SAMPLE_WORDS.test(password))
    return 'in production the database needs a password of at least 8 characters that is not a sample and not the user name'
  return tls === undefined
    ? 'in production the connection to a database on another machine must be encrypted: add ?tls=on, which checks its certificate (NODE_EXTRA_CA_CERTS=ca.pem adds your own authority); on a network that you trust, write ?tls=off'
    : undefined
}

/** The fix for a Redis address in production; undefined when it is fine. */
export function redisFix(address: RedisAddress): string | undefined {
  if (isOnThisMachine(address)) return undefined
  if (address.password === '')
    return 'in production a Redis on another machine needs a password: redis://user:password@host:6379/0, or redis://:password@… for the default user'
  return address.tls === undefined
    ? 'in production the connection to a Redis on another machine must be encrypted: write rediss:// instead of redis://, which checks its certificate (NODE_EXTRA_CA_CERTS=ca.pem adds your own authority); on a network that you trust, add ?tls=off'
    : undefined
}

/** Sentinels often run beside the server and name a Redis that may be anywhere. */
function isOnThisMachine({ kind, nodes }: RedisAddress): boolean {
  return kind !== 'sentinel' && nodes.every(({ host }) => isThisMachine(host))
}

export function isThisMachine(host: string): boolean {
  return isLoopback(host) || LOOPBACK_IPV4.test(host)
}
