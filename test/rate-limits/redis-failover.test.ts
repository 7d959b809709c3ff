// runs once
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { redisAddress } from '../../src/config/redis-url.ts'
import { openSharedCounters } from '../../src/platform/rate-limits/redis.ts'
import type { SharedCounters } from '../../src/platform/rate-limits/shared-counters.ts'
import { type RateLimitName, rateLimitTable } from '../../src/rate-limits.ts'
import { redisCluster, redisSentinels } from '../support/redis-fleet.ts'
import { noRedis } from '../support/throwaway-redis.ts'

// Three servers, and a Redis that loses a master. Nodes call it dead after 1 s.

const BUDGET: RateLimitName = 'login'
const { limit } = rateLimitTable[BUDGET]
const BACK_WITHIN_MS = 5000
/** A count waits at most 250 ms; the rest is for a busy machine. */
const WAITS_AT_MOST_MS = 1000
const NAMES = Array.from({ length: 12 }, (_, at) => `name ${at}`)

type Server = SharedCounters<RateLimitName>

const kinds = {
  'a cluster of three masters, each with a replica': (t: TestContext) =>
    redisCluster(t, { replicas: 1 }),
  'a master with two replicas under three Sentinels': redisSentinels,
}

for (const [kind, start] of Object.entries(kinds)) {
  test(`three servers share rate limits in ${kind}, also after a master died`, {
    skip: noRedis,
  }, async (t) => {
    const { url, nodes } = await start(t)
    const servers = await Promise.all([serverAt(t, url), serverAt(t, url), serverAt(t, url)])

    const before = await Promise.all(NAMES.map((name) => admitted(servers, name)))
    await nodes[0]?.kill()
    const { backAfterMs, slowestMs } = await untilTogether(servers)
    const after = await Promise.all(NAMES.map((name) => admitted(servers, `later ${name}`)))

    t.diagnostic(`back after ${Math.round(backAfterMs)} ms, slowest ${Math.round(slowestMs)} ms`)
    assert.deepEqual([...new Set(before)], [limit])
    assert.deepEqual([...new Set(after)], [limit])
    assert.ok(backAfterMs < BACK_WITHIN_MS, `counted together again after ${backAfterMs} ms`)
    assert.ok(slowestMs < WAITS_AT_MOST_MS, `a request waited ${slowestMs} ms`)
  })

  test(`three servers count alone while all of ${kind} is away`, { skip: noRedis }, async (t) => {
    const { url, nodes } = await start(t)
    const servers = await Promise.all([serverAt(t, url), serverAt(t, url), serverAt(t, url)])
    await Promise.all(nodes.map((node) => node.kill()))

    // The caller counts in memory whatever is not counted here.
    const asked = servers.flatMap((server) => NAMES.map((name) => timed(server, name)))
    const answers = await Promise.all(asked)

    assert.ok(answers.every(({ count }) => count === undefined))
    assert.ok(answers.every(({ ms }) => ms < WAITS_AT_MOST_MS))
  })
}

async function serverAt(t: TestContext, url: string): Promise<Server> {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const secret = Buffer.alloc(32)
  const options = { address: redisAddress(url), limits: rateLimitTable, secret, log }
  const opened = await openSharedCounters(options)
  t.after(opened.close)
  return opened
}

/** Spends a budget twice over, at all servers in turn. @returns how much was within it */
async function admitted(servers: readonly Server[], key: string): Promise<number> {
  let within = 0
  for (let times = 0; times < 2 * limit; times++) {
    const count = await servers[times % servers.length]?.consume(BUDGET, key)
    // On a busy machine a server may have waited too long, and counts alone for a moment.
    if (!count) {
      await untilTogether(servers)
      return await admitted(servers, `${key} again`)
    }
    if (count.used <= limit) within++
  }
  return within
}

/** Asks all servers about all names, until each answer is counted in Redis. */
async function untilTogether(servers: readonly Server[]) {
  const began = performance.now()
  let slowestMs = 0
  for (;;) {
    const asked = servers.flatMap((server) => NAMES.map((name) => timed(server, `probe ${name}`)))
    const answers = await Promise.all(asked)
    slowestMs = Math.max(slowestMs, ...answers.map(({ ms }) => ms))
    const backAfterMs = performance.now() - began
    if (answers.every(({ count }) => count)) return { backAfterMs, slowestMs }
    assert.ok(backAfterMs < 60_000, 'the servers do not count together again')
    await pause(50)
  }
}

async function timed(server: Server, key: string) {
  const began = performance.now()
  const count = await server.consume(BUDGET, key)
  return { count, ms: performance.now() - began }
}
