import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import { noSpans, type SpanFacts, type Spans } from '../tracing/spans.ts'
import type { RedisAddress } from './address.ts'
import { createRedisClient, RedisMisfit, requireFit, watchSlots } from './client.ts'

/** Pause after an error, before the next try. */
const PAUSE_MS = 1000
const START_MS = 2000
const PROBE_KEY = 'latchkey:probe'
/** So many keys lie on all masters of a cluster, almost surely. */
const CLUSTER_PROBES = 16

type Dependencies = { address: RedisAddress; log: Log; spans?: Spans }

const FACTS: SpanFacts = {
  name: 'redis',
  kind: 'client',
  attributes: { 'db.system.name': 'redis' },
}

/**
 * A Redis that may be unavailable at any time. `ask` never throws or waits long.
 * @throws Error naming REDIS_URL for another kind of Redis
 */
export async function openRedis({ address, log, spans = noSpans }: Dependencies) {
  const client = await createRedisClient(address)
  const probeKeys = Array.from({ length: client.isCluster ? CLUSTER_PROBES : 1 }, (_, at) =>
    at === 0 ? PROBE_KEY : `${PROBE_KEY}:${at}`,
  )
  const presence = watchPresence({ log, tryAgain })
  // Without a listener the library writes errors to the console.
  client.on('error', presence.failed)
  client.on('close', presence.failed)
  const unwatch = watchSlots(client)
  await connect()

  /** Connects; otherwise the library keeps trying. */
  async function connect(): Promise<void> {
    // Errors of a cluster's nodes come only here.
    let failure: unknown
    const note = (error: unknown) => {
      failure = error
    }
    client.on('error', note)
    // The library would ask unavailable Sentinels forever.
    const late = sleep(START_MS, undefined, { ref: false })
    await Promise.race([client.connect().catch((error) => note(failure ?? error)), late])
    client.off('error', note)
    await requireFit(client, failure).catch((misfit: Error) => {
      close()
      throw misfit
    })
    await tryAgain()
  }

  /** @returns undefined after an error or a timeout, which is logged */
  async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    return presence.isAway() ? undefined : await attempt(() => spans(FACTS, question))
  }

  async function attempt<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      const answer = await question()
      presence.answered()
      return answer
    } catch (error) {
      presence.failed(error)
      return undefined
    }
  }

  /** Tests writes: a full server, or a replica, responds but is of no use. */
  async function tryAgain(): Promise<boolean> {
    const wrote = await attempt(async () => {
      await requireFit(client)
      return Promise.all(probeKeys.map((key) => client.set(key, '1', 'EX', 60)))
    })
    return wrote !== undefined
  }

  function close(): void {
    unwatch()
    client.off('close', presence.failed)
    client.disconnect()
  }

  return { client, ask, isThere: tryAgain, close }
}

type Watch = { log: Log; tryAgain: () => Promise<boolean> }

/** Knows whether Redis is available, and logs changes. Uses system time, to bound waits. */
function watchPresence({ log, tryAgain }: Watch) {
  let isGone = false
  /** A wrong kind of Redis does not end by itself, so it is always logged. */
  let isMisfitTold = false
  let tryAgainAt = 0

  /** While Redis is unavailable, nobody waits; one try runs each second. */
  function isAway(): boolean {
    const now = performance.now()
    if (isGone && now >= tryAgainAt) {
      tryAgainAt = now + PAUSE_MS
      void tryAgain()
    }
    return isGone
  }

  function failed(error?: unknown): void {
    tryAgainAt = performance.now() + PAUSE_MS
    const isMisfit = error instanceof RedisMisfit
    if (isGone && (isMisfitTold || !isMisfit)) return
    isGone = true
    isMisfitTold = isMisfit
    log.warn({ reason: reasonOf(error) }, 'Redis is not available; this server counts on its own')
  }

  function answered(): void {
    if (isGone) log.info({}, 'Redis is back')
    isGone = false
    isMisfitTold = false
  }

  return { isAway, failed, answered }
}

/** A code or the first words: Redis errors may repeat a command with a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection was closed'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.message.split(' ', 3).join(' ')
}
