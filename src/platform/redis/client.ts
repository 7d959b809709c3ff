import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { RedisAddress } from './address.ts'

/** How long a request waits for Redis. */
const COMMAND_MS = 250
/** Only the server's start waits for a connection. */
const CONNECT_MS = 1000
/** A silent connection is then replaced. */
const SILENCE_MS = 5000
const RECONNECT_MAX_MS = 2000
const SLOTS_MS = 1000

export type RedisClient = Redis | Cluster

const retryStrategy = (times: number) => Math.min(times * 100, RECONNECT_MAX_MS)

/**
 * Reads the slots of a cluster again and again: that finds the replica that took over from a lost
 * master. The library's own timer may continue after the client is closed. @returns stops it
 */
export function watchSlots(client: RedisClient): () => void {
  if (!('refreshSlotsCache' in client)) return () => undefined
  const timer = setInterval(() => client.refreshSlotsCache(() => undefined), SLOTS_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Does not connect yet. Loads the library only if Redis is used. */
export async function createRedisClient(address: RedisAddress): Promise<RedisClient> {
  const { Cluster, Redis } = await import('ioredis')
  return address.kind === 'cluster'
    ? new Cluster([...address.nodes], clusterOptions(address))
    : new Redis(serverOptions(address))
}

function serverOptions(address: Exclude<RedisAddress, { kind: 'cluster' }>) {
  const target =
    address.kind === 'sentinel' ? sentinelOptions(address) : { ...address.nodes[0], db: address.db }
  return {
    ...connectionOptions(address),
    ...target,
    lazyConnect: true,
    // Commands that cannot be sent are counted here; sent later, they would count twice.
    enableOfflineQueue: false,
    retryStrategy,
    // A server that became a replica refuses all writes from then on: resolve the name again.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

function sentinelOptions(address: Extract<RedisAddress, { kind: 'sentinel' }>) {
  const { nodes, masterName, sentinelPassword, tls } = address
  return {
    sentinels: [...nodes],
    name: masterName,
    enableTLSForSentinelMode: tls === 'on',
    sentinelRetryStrategy: retryStrategy,
    ...(tls === 'on' ? { sentinelTLS: {} } : {}),
    ...(sentinelPassword === '' ? {} : { sentinelPassword }),
  } satisfies RedisOptions
}

function clusterOptions(address: RedisAddress) {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: CONNECT_MS,
    // Its own tries would take seconds, with a request waiting.
    ...{ retryDelayOnFailover: 0, retryDelayOnClusterDown: 0, maxRedirections: 2 },
    redisOptions: connectionOptions(address),
  }
}

function connectionOptions({ username, password, tls }: RedisAddress) {
  return {
    username,
    password,
    ...(tls === 'on' ? { tls: {} } : {}),
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    socketTimeout: SILENCE_MS,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  } satisfies RedisOptions
}

export class RedisMisfit extends Error {
  readonly code: string

  constructor(fix: string) {
    super(`REDIS_URL: ${fix}`)
    this.code = this.message
  }
}

/**
 * Checks the kind of Redis: a single node of a cluster would silently lose counts.
 * @param failure the error of the connection, if any @throws RedisMisfit
 */
export async function requireFit(client: RedisClient, failure?: unknown): Promise<void> {
  if (/cluster support disabled/.test(messagesOf(failure)))
    throw new RedisMisfit('this Redis is not a cluster; write redis:// instead of redis+cluster://')
  if (client.isCluster) return
  const text = await client.info('server').catch(messagesOf)
  const mode = /redis_mode:(\w+)/.exec(text)?.[1]
  if (mode === 'cluster') {
    throw new RedisMisfit(
      'this Redis is a node of a cluster; write redis+cluster://host:6379, with all nodes that you know, separated by commas',
    )
  }
  if (mode === 'sentinel') {
    throw new RedisMisfit(
      'this is a Sentinel, which keeps no counts; write redis+sentinel://host:26379/name with the name of the server that it watches',
    )
  }
}

/** The library wraps a node's message in its own error. */
function messagesOf(failure: unknown): string {
  if (!(failure instanceof Error)) return ''
  const below = 'lastNodeError' in failure ? messagesOf(failure.lastNodeError) : ''
  return `${failure.message} ${below}`
}
