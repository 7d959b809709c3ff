// runs once
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { redisAddress } from '../../src/config/redis-url.ts'
import { openSharedCounters } from '../../src/platform/rate-limits/redis.ts'
import { rateLimitTable } from '../../src/rate-limits.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { noRedis, type ThrowawayRedis, throwawayRedis } from '../support/throwaway-redis.ts'

const AWAY = 'Redis is not available; this server counts on its own'
const BACK = 'Redis is back'
const needsRedis = { skip: noRedis }

async function startedRedis(t: TestContext): Promise<ThrowawayRedis> {
  const redis = await throwawayRedis(t)
  await redis.start()
  return redis
}

const server = (t: TestContext, { url }: ThrowawayRedis, env: Record<string, string> = {}) =>
  startServer(t, { env: { REDIS_URL: url, ...env } })

/** Asks for a page that costs nothing else, as somebody at an address. */
function look({ inject }: TestServer, remoteAddress: string) {
  return inject({ url: '/problems/not_found', remoteAddress })
}

/** What /readyz says of the whole server and of its limits. */
async function readiness({ inject }: TestServer) {
  const answer = await inject({ url: '/readyz' })
  const { status, checks } = answer.json()
  return { code: answer.statusCode, status, rateLimits: checks.rateLimits }
}

const FINE = { code: 200, status: 'ok', rateLimits: { status: 'ok' } }
const DEGRADED = {
  code: 200,
  status: 'degraded',
  rateLimits: {
    status: 'degraded',
    detail: 'Redis is not available; this server counts on its own.',
  },
}

async function untilFine(asked: TestServer): Promise<void> {
  const deadline = performance.now() + 10_000
  while ((await readiness(asked)).status !== 'ok') {
    assert.ok(performance.now() < deadline, 'Redis is back and the server does not notice')
    await pause(50)
  }
}

/** What the log says of Redis, in order. */
function told({ logs }: TestServer) {
  return logs.map(({ msg }) => msg).filter((message) => [AWAY, BACK].includes(String(message)))
}

test(
  'two servers with one Redis count together, and keep no address in it',
  needsRedis,
  async (t) => {
    const redis = await startedRedis(t)
    const [one, other] = [await server(t, redis), await server(t, redis)]
    await leave(4, one, 'address', '192.0.2.1')

    const passed = [await look(one, '192.0.2.1'), await look(other, '192.0.2.1')]
    const together = await Promise.all(
      [one, other].flatMap((asked) => Array.from({ length: 25 }, () => look(asked, '192.0.2.1'))),
    )
    const refused = [await look(one, '192.0.2.1'), await look(other, '192.0.2.1')]

    assert.ok(passed.every(({ statusCode }) => statusCode === 200))
    assert.equal(together.filter(({ statusCode }) => statusCode === 200).length, 2)
    for (const answer of refused) {
      const wait = Number(answer.headers['retry-after'])
      assert.ok(wait > 50 && wait <= 60, `${wait} s`)
      assertUsedUp(answer, 'address', { wait })
    }
    assert.deepEqual([await readiness(one), await readiness(other)], [FINE, FINE])
    const keys = await redis.run('keys', '*')
    assert.match([keys].flat().sort().join(' '), /^latchkey:address:[\w-]{43} latchkey:probe$/)
  },
)

test(
  'without Redis a server counts on its own and says so, and uses Redis again later',
  needsRedis,
  async (t) => {
    const redis = await startedRedis(t)
    const asked = await server(t, redis)
    await look(asked, '192.0.2.1')

    await redis.kill()
    await leave(1, asked, 'address', '192.0.2.2')
    const last = await look(asked, '192.0.2.2')
    const refused = await look(asked, '192.0.2.2')
    const away = await readiness(asked)
    await redis.start()
    await untilFine(asked)
    const shared = await look(asked, '192.0.2.2')

    assert.equal(last.statusCode, 200)
    assertUsedUp(refused, 'address', { wait: 60 })
    assert.deepEqual(away, DEGRADED)
    assert.equal(shared.statusCode, 200)
    assert.deepEqual(told(asked), [AWAY, BACK])
    assert.doesNotMatch(JSON.stringify(asked.logs), new RegExp(redis.password))
  },
)

test('a Redis that hangs delays requests once, by a quarter of a second', needsRedis, async (t) => {
  const redis = await startedRedis(t)
  const asked = await server(t, redis)
  await look(asked, '192.0.2.1')
  const timed = async (work: () => Promise<unknown>) => {
    const before = performance.now()
    await work()
    return performance.now() - before
  }

  redis.freeze()
  const looks = Promise.all(Array.from({ length: 20 }, () => look(asked, '192.0.2.1')))
  // Timers of this process: a busy machine delays them as it delays what they are held against.
  const late = pause(4 * 250, 'late')
  const first = await timed(async () => assert.notEqual(await Promise.race([looks, late]), 'late'))
  const next = await timed(async () => {
    for (let times = 0; times < 10; times++) await look(asked, '192.0.2.1')
  })
  const away = await readiness(asked)
  redis.thaw()
  await untilFine(asked)

  // If they waited, each would take as long as all of the first ones together.
  assert.ok(next < (10 * first) / 2, `${next} ms for ten, after ${first} ms`)
  assert.deepEqual(away, DEGRADED)
  assert.deepEqual(told(asked), [AWAY, BACK])
})

test('a Redis that is full counts as away', needsRedis, async (t) => {
  const redis = await startedRedis(t)
  const asked = await server(t, redis)
  await redis.run('config', 'set', 'maxmemory', '1')

  await leave(0, asked, 'address', '192.0.2.1')

  assertUsedUp(await look(asked, '192.0.2.1'), 'address', { wait: 60 })
  assert.deepEqual(await readiness(asked), DEGRADED)
  assert.deepEqual(told(asked), [AWAY])
})

test(
  'a server starts without its Redis, limits by itself, and finds it later',
  needsRedis,
  async (t) => {
    const redis = await throwawayRedis(t)
    const asked = await server(t, redis)
    await leave(0, asked, 'address', '192.0.2.1')

    const refused = await look(asked, '192.0.2.1')
    const away = await readiness(asked)
    await redis.start()
    await untilFine(asked)

    assertUsedUp(refused, 'address', { wait: 60 })
    assert.deepEqual(away, DEGRADED)
    assert.deepEqual(told(asked), [AWAY, BACK])
  },
)

test('a wrong Redis password is reported without the password', needsRedis, async (t) => {
  const redis = await startedRedis(t)
  const asked = await server(t, redis, {
    REDIS_URL: redis.url.replace(redis.password, 'wrong-canary-password'),
  })

  const away = await readiness(asked)

  assert.deepEqual(away, DEGRADED)
  const line = asked.logs.find(({ msg }) => msg === AWAY)
  assert.equal(line?.reason, 'WRONGPASS invalid username-password')
  assert.doesNotMatch(JSON.stringify(asked.logs), /canary/)
})

test('RATE_LIMITS=off asks no Redis', async (t) => {
  const asked = await startServer(t, {
    env: { REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMITS: 'off' },
  })

  assert.deepEqual(await readiness(asked), FINE)
  assert.deepEqual(told(asked), [])
})

test('a refund in Redis can be used again, and only if it was counted', needsRedis, async (t) => {
  const { url, run } = await startedRedis(t)
  const silent = { info() {}, warn() {}, error() {} }
  const { consume, refund, close } = await openSharedCounters({
    address: redisAddress(url),
    limits: rateLimitTable,
    secret: Buffer.alloc(32),
    log: silent,
  })
  t.after(close)
  const used = async (count: number, key: string) => {
    let last: number | undefined
    for (let times = 0; times < count; times++) last = (await consume('login', key))?.used
    return last
  }

  const { limit } = rateLimitTable.login
  const refused = await used(limit + 5, 'one')
  await refund('login', 'one')
  const again = [await used(1, 'one'), await used(1, 'one')]
  await refund('login', 'other')
  await refund('login', 'other')

  assert.equal(refused, limit + 1)
  assert.deepEqual(again, [limit, limit + 1])
  assert.equal(await used(1, 'other'), 1)
  assert.equal([await run('keys', 'latchkey:login:*')].flat().length, 2)
})
