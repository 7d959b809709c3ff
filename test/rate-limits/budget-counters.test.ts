// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from '../../src/platform/network.ts'
import { createMemoryCounters } from '../../src/platform/rate-limits/memory.ts'
import { createRateLimits } from '../../src/platform/rate-limits/rate-limits.ts'
import type { SharedCounters } from '../../src/platform/rate-limits/shared-counters.ts'
import { rateLimitTable } from '../../src/rate-limits.ts'
import { testClock } from '../support/helper.ts'

const MINUTE = 60

/** Counters of a budget of two in a minute. */
function counters({ limit = 2, maxKeys = 10 } = {}) {
  const clock = testClock()
  return { clock, ...createMemoryCounters({ clock, limit, windowMs: MINUTE * 1000, maxKeys }) }
}

const keys = (count: number, prefix = 'key') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

test('a counter counts to its limit and no further, until its window has ended', () => {
  const { consume, clock } = counters()

  const counted = [consume('a'), consume('a'), consume('a'), consume('a'), consume('b')]
  clock.advance(MINUTE - 1)
  const late = consume('a')
  clock.advance(1)
  const next = consume('a')

  const whole = MINUTE * 1000
  assert.deepEqual(counted, [
    { used: 1, resetMs: whole },
    { used: 2, resetMs: whole },
    { used: 3, resetMs: whole },
    { used: 3, resetMs: whole },
    { used: 1, resetMs: whole },
  ])
  assert.deepEqual(late, { used: 3, resetMs: 1000 })
  assert.deepEqual(next, { used: 1, resetMs: whole })
})

test('a refund can be used again, in its own window and never twice', () => {
  const { consume, refund, clock } = counters()
  consume('a')
  consume('a')

  refund('a')
  const again = consume('a').used
  for (let times = 0; times < 5; times++) refund('a')
  const fromZero = consume('a').used
  clock.advance(MINUTE)
  refund('a')
  refund('unknown')

  assert.deepEqual([again, fromZero, consume('a').used, consume('unknown').used], [2, 1, 1, 1])
})

test('refused requests do not count: after one refund one request may pass', () => {
  const { consume, refund } = counters()
  for (let times = 0; times < 7; times++) consume('a')

  refund('a')

  assert.deepEqual([consume('a').used, consume('a').used], [2, 3])
})

/** Counters that several servers share, as long as they are there. */
function sharedCounters() {
  const counters = createMemoryCounters({
    ...{ clock: testClock(), limit: rateLimitTable.login.limit, windowMs: 60_000, maxKeys: 10 },
  })
  const state = { isThere: true }
  const shared: SharedCounters = {
    consume: async (_name, key) => (state.isThere ? counters.consume(key) : undefined),
    refund: async (_name, key) => {
      if (!state.isThere) return undefined
      counters.refund(key)
      return true
    },
    isThere: async () => state.isThere,
    close: () => undefined,
  }
  return { shared, state }
}

test('a refund goes to the shared counter', async () => {
  const { shared, state } = sharedCounters()
  const rateLimits = createRateLimits({
    limits: rateLimitTable,
    clock: testClock(),
    isOn: true,
    shared,
  })
  const consume = () => rateLimits.consume('login', 'somebody')
  const { limit } = rateLimitTable.login
  state.isThere = false
  for (let times = 0; times < limit; times++) await consume()
  state.isThere = true
  for (let times = 0; times < limit; times++) await consume()

  await rateLimits.refund('login', 'somebody')
  await consume()
  await assert.rejects(consume())
  state.isThere = false

  await assert.rejects(consume())
})

test('several rate limits are consumed together or not at all', async () => {
  const rateLimits = createRateLimits({ limits: rateLimitTable, clock: testClock(), isOn: true })
  const { limit } = rateLimitTable.login
  for (let times = 0; times < limit; times++) await rateLimits.consume('login', 'used up')
  const free = ['login_network', 'a'] as const

  for (let times = 0; times < 2 * rateLimitTable.login_network.limit; times++) {
    await assert.rejects(rateLimits.consumeAll([free, ['login', 'used up']]))
  }
  await rateLimits.consumeAll([free, free])
})

test('a full table drops no live counter, however many other keys come', () => {
  const { consume } = counters()
  consume('victim')
  consume('victim')

  for (const key of keys(5000)) consume(key)

  assert.equal(consume('victim').used, 3)
})

test('keys without a counter of their own share 1,024 counters and are limited, too', () => {
  const { consume } = counters({ maxKeys: 0 })

  const first = keys(20_000).filter((key) => consume(key).used === 1)
  const refused = keys(20_000, 'other').filter((key) => consume(key).used > 2)

  assert.ok(first.length <= 1024 && first.length > 1000, `${first.length} counters`)
  assert.ok(refused.length > 19_900, `${refused.length} of 20,000 refused`)
})

test('which keys share a counter is different in each process', () => {
  const sharing = () => {
    const { consume, refund } = counters({ limit: 9, maxKeys: 0 })
    consume('victim')
    return keys(10_000).filter((key) => {
      const { used } = consume(key)
      refund(key)
      return used === 2
    })
  }

  const [one, other] = [sharing(), sharing()]

  assert.ok(one.length > 0 && other.length > 0)
  assert.notDeepEqual(one, other)
})

test('slots are free again when the windows of their keys have ended', () => {
  const { consume, clock } = counters({ maxKeys: 100 })
  for (const key of keys(100)) consume(key)
  clock.advance(MINUTE)

  // In shared counters, several of a thousand keys would meet.
  const counted = keys(100, 'later').map((key) => consume(key).used)
  for (const key of keys(5000)) consume(key)

  assert.deepEqual(new Set(counted), new Set([1]))
  assert.deepEqual(
    keys(100, 'later').filter((key) => consume(key).used !== 2),
    [],
  )
})

test('a clock that is set back starts the windows again instead of making them longer', () => {
  const { consume, clock } = counters()
  consume('a')
  consume('a')

  clock.advance(-3600)

  assert.deepEqual(consume('a'), { used: 1, resetMs: MINUTE * 1000 })
})

test('rate limits that are off count nothing and refuse nothing', async () => {
  const rateLimits = createRateLimits({ limits: rateLimitTable, clock: testClock(), isOn: false })

  for (let times = 0; times < 70; times++) await rateLimits.consume('login', 'somebody')
  await rateLimits.refund('login', 'somebody')

  assert.equal(await rateLimits.isHealthy(), true)
})

test('the limit of notices holds also where rate limits are off', async () => {
  const rateLimits = createRateLimits({ limits: rateLimitTable, clock: testClock(), isOn: false })

  for (let times = 0; times < 5; times++) await rateLimits.consume('notices', 'somebody')

  await assert.rejects(rateLimits.consume('notices', 'somebody'))
  await rateLimits.refund('notices', 'somebody')
  await rateLimits.consume('notices', 'somebody')
})

test('the network of an address is itself for IPv4 and its /64 for IPv6', () => {
  const networks: Record<string, string> = {
    '192.0.2.1': '192.0.2.1',
    '::ffff:192.0.2.1': '192.0.2.1',
    '::FFFF:C000:0201': '192.0.2.1',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
    '2001:DB8:1:2::': '2001:db8:1:2::/64',
    '2001:db8::1': '2001:db8:0:0::/64',
    '::1': '0:0:0:0::/64',
    'fe80::1%eth0': 'fe80:0:0:0::/64',
    '192.0.2.1:49152': '192.0.2.1',
    '[2001:db8::1]:443': '2001:db8:0:0::/64',
    '192.0.2': 'unknown',
    '0192.0.2.1': 'unknown',
    '192.0.2.1:port': 'unknown',
    localhost: 'unknown',
    '': 'unknown',
  }

  const found = Object.keys(networks).map((address) => [address, networkOf(address)])

  assert.deepEqual(Object.fromEntries(found), networks)
})
