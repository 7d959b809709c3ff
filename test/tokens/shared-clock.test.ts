import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSharedClock } from '../../src/platform/shared-clock.ts'
import { isMysql, openFreshDatabase } from '../support/databases.ts'

const START = 1_800_000_000_000

/** A machine and a database, each with a clock that the test sets. */
function twoClocks() {
  const set = { database: START, system: START, monotonic: 500 }
  const pass = (ms: number) => {
    for (const name of ['database', 'system', 'monotonic'] as const) set[name] += ms
  }
  const clock = createSharedClock({
    readTime: async () => set.database,
    system: () => set.system,
    monotonic: () => set.monotonic,
  })
  return { set, pass, ...clock }
}

test('the clock of a machine that is set by minutes changes nothing', async () => {
  const { set, pass, now, follow } = twoClocks()

  set.system += 300_000
  pass(700)

  assert.equal(now(), START + 700)
  assert.equal(await follow(), 300_000)
  assert.equal(now(), START + 700)
})

test('a machine that starts with a wrong clock goes by the database', async () => {
  const { set, now, follow } = twoClocks()
  set.database -= 240_000

  assert.equal(await follow(), 240_000)

  assert.equal(now(), START - 240_000)
})

test('half a second of difference is left alone', async () => {
  const { set, now, follow } = twoClocks()
  set.database += 400

  await follow()

  assert.equal(now(), START)
})

test('an answer that took its time says no more than it can', async () => {
  const set = { database: START, monotonic: 0 }
  const { now, follow } = createSharedClock({
    readTime: async () => {
      set.monotonic += 3000
      return set.database
    },
    system: () => START,
    monotonic: () => set.monotonic,
  })

  // The database read its clock at any time in these three seconds.
  await follow()

  assert.equal(now(), START + 3000)
})

test('a database server tells its time in milliseconds', { skip: !isMysql }, async (t) => {
  const { time } = await openFreshDatabase(t)

  const told = await time?.()

  assert.ok(Math.abs(Number(told) - Date.now()) < 5000, `${told}`)
})
