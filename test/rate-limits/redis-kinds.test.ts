// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { redisAddress } from '../../src/config/redis-url.ts'
import { openSharedCounters } from '../../src/platform/rate-limits/redis.ts'
import type { SharedCounters } from '../../src/platform/rate-limits/shared-counters.ts'
import { type RateLimitName, rateLimitTable } from '../../src/rate-limits.ts'
import { startServer } from '../support/helper.ts'
import { plainUrl, redisCluster, redisSentinel } from '../support/redis-fleet.ts'
import { noRedis, throwawayRedis } from '../support/throwaway-redis.ts'

// Redis is one server, a cluster, or a server that Sentinels watch: counts are shared in all of
// them.

const needsRedis = { skip: noRedis }
const BUDGET: RateLimitName = 'login'
const { limit } = rateLimitTable[BUDGET]

async function counters(t: TestContext, url: string, lines: unknown[] = []) {
  const write = (facts: object, message: string) => void lines.push({ ...facts, message })
  const log = { info: write, warn: write, error: write }
  const opened = await openSharedCounters({
    address: redisAddress(url),
    limits: rateLimitTable,
    secret: Buffer.alloc(32),
    log,
  })
  t.after(opened.close)
  return opened
}

/**
 * Spends of several keys from two servers in turn. @returns how many were within the budget, for
 * each key
 */
async function spendTogether(
  servers: readonly SharedCounters<RateLimitName>[],
  keys: string[],
): Promise<number[]> {
  return await Promise.all(keys.map((key) => spendInTurn(servers, key)))
}

async function spendInTurn(
  servers: readonly SharedCounters<RateLimitName>[],
  key: string,
): Promise<number> {
  let within = 0
  for (let times = 0; times < 2 * limit; times++) {
    const count = await servers[times % servers.length]?.consume(BUDGET, key)
    // A server that waited too long counts by itself for a moment, so there is nothing to compare.
    if (!count) {
      await Promise.all(servers.map((server) => countedSpend(server, 'probe')))
      return await spendInTurn(servers, `${key} again`)
    }
    if (count.used <= limit) within++
  }
  return within
}

/**
 * Spends until Redis has counted it. Sentinel does nothing for 30 s when its machine was too busy.
 */
async function countedSpend(server: SharedCounters<RateLimitName>, key: string) {
  const deadline = performance.now() + 90_000
  while (performance.now() < deadline) {
    const count = await server.consume(BUDGET, key)
    if (count) return count
    await server.isThere()
    await pause(50)
  }
  throw new Error('this server does not count in Redis')
}

const names = Array.from({ length: 12 }, (_, index) => `name ${index}`)

test(
  'two servers with a cluster of Redis count together, whichever node has the key',
  needsRedis,
  async (t) => {
    const { url, nodes } = await redisCluster(t)
    const servers = [await counters(t, url), await counters(t, url)]

    const within = await spendTogether(servers, names)

    assert.deepEqual(
      within,
      names.map(() => limit),
    )
    for (const { ask } of nodes) assert.match(ask('dbsize'), /^[1-9]/, 'a node has no key')
    assert.equal(await servers[0]?.isThere(), true)
  },
)

test(
  'a server with a cluster of Redis limits, and says when the cluster is away',
  needsRedis,
  async (t) => {
    const { url, nodes } = await redisCluster(t)
    const server = await startServer(t, { env: { REDIS_URL: url } })
    const readiness = async () =>
      (await server.inject({ url: '/readyz' })).json().checks.rateLimits.status
    const there = await readiness()

    await Promise.all(nodes.map(({ kill }) => kill()))
    const away = await readiness()

    assert.deepEqual([there, away], ['ok', 'degraded'])
  },
)

test(
  'two servers with Sentinel count together, and continue with the replica when the master dies',
  needsRedis,
  async (t) => {
    const { url, master, waitForReplica } = await redisSentinel(t)
    const servers = [await counters(t, url), await counters(t, url)] as const
    const within = await spendTogether(servers, names.slice(0, 2))
    for (let times = 0; times < limit; times++) await countedSpend(servers[0], 'kept')
    await waitForReplica()

    await master.kill()
    const kept = await Promise.all(servers.map((server) => countedSpend(server, 'kept')))
    const fresh = await spendTogether(servers, ['later'])

    assert.deepEqual(within, [limit, limit])
    // The replica knows what was counted before.
    assert.ok(kept.every(({ used }) => used > limit))
    assert.deepEqual(fresh, [limit])
  },
)

test(
  'a start is refused with the fix when REDIS_URL names another kind of Redis',
  needsRedis,
  async (t) => {
    const { nodes } = await redisCluster(t)
    const { sentinel } = await redisSentinel(t)
    const plain = await throwawayRedis(t)
    await plain.start()
    const [node] = nodes
    assert.ok(node)

    for (const [url, message] of [
      [plainUrl(node), /^REDIS_URL: this Redis is a node of a cluster; write redis\+cluster:/],
      [plainUrl(sentinel, ''), /^REDIS_URL: this is a Sentinel.*; write redis\+sentinel:/],
      [
        plain.url.replace('redis:', 'redis+cluster:'),
        /^REDIS_URL: this Redis is not a cluster; write redis:/,
      ],
    ] as const) {
      const start = startServer(t, { env: { REDIS_URL: url } })

      await assert.rejects(start, { message })
    }
  },
)

test(
  'a cluster that answers only later is reported with the fix, and never counted as shared',
  needsRedis,
  async (t) => {
    const { nodes } = await redisCluster(t)
    const [node] = nodes
    assert.ok(node)
    const lines: { message?: string; reason?: string }[] = []
    // Nobody answers at first, as if Redis were away; then the node does.
    let isOpen = false
    const door = createServer((socket) => {
      if (!isOpen) return void socket.destroy()
      const onward = connect(node.port, '127.0.0.1')
      for (const end of [socket, onward]) end.on('error', () => undefined)
      socket.pipe(onward).pipe(socket)
      t.after(() => onward.destroy())
    }).listen(0, '127.0.0.1')
    t.after(() => void door.close())
    await once(door, 'listening')
    const { port } = door.address() as { port: number }
    const shared = await counters(t, plainUrl({ ...node, port }), lines)
    isOpen = true

    const deadline = performance.now() + 10_000
    while (!lines.some(({ reason }) => reason?.includes('redis+cluster'))) {
      assert.ok(performance.now() < deadline, JSON.stringify(lines))
      assert.equal(await shared.isThere(), false)
      await pause(50)
    }
  },
)

test('a server starts while its Sentinels are away, and says so', needsRedis, async (t) => {
  const url = 'redis+sentinel://:canary@127.0.0.1:1/latchkey'
  const server = await startServer(t, { env: { REDIS_URL: url } })

  const { checks } = (await server.inject({ url: '/readyz' })).json()

  assert.equal(checks.rateLimits.status, 'degraded')
  assert.doesNotMatch(JSON.stringify(server.logs), /canary/)
})
