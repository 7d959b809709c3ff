// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBudgets } from '../src/platform/budgets.ts'
import { createMemoryCounters } from '../src/platform/budgets-memory.ts'
import { networkOf } from '../src/platform/network.ts'
import { testClock } from './helper.ts'

const MINUTE = 60

/** Counters of a budget of two in a minute. */
function counters({ limit = 2, places = 10 } = {}) {
  const clock = testClock()
  return { clock, ...createMemoryCounters({ clock, limit, windowMs: MINUTE * 1000, places }) }
}

const keys = (count: number, prefix = 'key') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

test('a counter counts to its limit and no further, until its window is over', () => {
  const { spend, clock } = counters()

  const counted = [spend('a'), spend('a'), spend('a'), spend('a'), spend('b')]
  clock.advance(MINUTE - 1)
  const late = spend('a')
  clock.advance(1)
  const next = spend('a')

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

test('what is given back can be spent again, in its own window and never twice', () => {
  const { spend, giveBack, clock } = counters()
  spend('a')
  spend('a')

  giveBack('a')
  const again = spend('a').used
  for (let times = 0; times < 5; times++) giveBack('a')
  const fromZero = spend('a').used
  clock.advance(MINUTE)
  giveBack('a')
  giveBack('unknown')

  assert.deepEqual([again, fromZero, spend('a').used, spend('unknown').used], [2, 1, 1, 1])
})

test('a full table drops no live counter, however many other keys come', () => {
  const { spend } = counters()
  spend('victim')
  spend('victim')

  for (const key of keys(5000)) spend(key)

  assert.equal(spend('victim').used, 3)
})

test('keys that find no place share 1,024 counters and are limited, too', () => {
  const { spend } = counters({ places: 0 })

  const first = keys(20_000).filter((key) => spend(key).used === 1)
  const refused = keys(20_000, 'other').filter((key) => spend(key).used > 2)

  assert.ok(first.length <= 1024 && first.length > 1000, `${first.length} counters`)
  assert.ok(refused.length > 19_900, `${refused.length} of 20,000 refused`)
})

test('which keys share a counter is different in each process', () => {
  const sharing = () => {
    const { spend, giveBack } = counters({ limit: 9, places: 0 })
    spend('victim')
    return keys(10_000).filter((key) => {
      const { used } = spend(key)
      giveBack(key)
      return used === 2
    })
  }

  const [one, other] = [sharing(), sharing()]

  assert.ok(one.length > 0 && other.length > 0)
  assert.notDeepEqual(one, other)
})

test('places are free again when the windows of their keys are over', () => {
  const { spend, clock } = counters({ places: 100 })
  for (const key of keys(100)) spend(key)
  clock.advance(MINUTE)

  // In shared counters, several of a thousand keys would meet.
  const counted = keys(100, 'later').map((key) => spend(key).used)
  for (const key of keys(5000)) spend(key)

  assert.deepEqual(new Set(counted), new Set([1]))
  assert.deepEqual(
    keys(100, 'later').filter((key) => spend(key).used !== 2),
    [],
  )
})

test('a clock that is set back starts the windows again instead of making them longer', () => {
  const { spend, clock } = counters()
  spend('a')
  spend('a')

  clock.advance(-3600)

  assert.deepEqual(spend('a'), { used: 1, resetMs: MINUTE * 1000 })
})

test('budgets that are switched off count nothing and refuse nothing', async () => {
  const budgets = createBudgets({ clock: testClock(), isOn: false })

  for (let times = 0; times < 70; times++) await budgets.spend('login', 'somebody')
  await budgets.giveBack('login', 'somebody')

  assert.equal(await budgets.areWhole(), true)
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
