// runs once
// The notes of seen tokens: bounded, written once, kept while the database is away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeenTokens } from '../../src/features/sessions/seen-tokens.ts'
import type { SessionId, UserId } from '../../src/platform/ids.ts'

const MAX_NOTES = 10_000
const USER = 'u' as UserId

/** Notes and what was written of them; the database is away as long as `isAway` says so. */
function scene() {
  const written: [string, number][] = []
  const database = { isAway: false, atOnce: 0, most: 0 }
  const store = {
    async markSeen(_userId: string, id: string, generation: number) {
      database.atOnce += 1
      database.most = Math.max(database.most, database.atOnce)
      const isAway = database.isAway
      await new Promise((resolve) => setImmediate(resolve))
      database.atOnce -= 1
      if (isAway) throw new Error('away')
      written.push([id, generation])
    },
  }
  const { note, write } = createSeenTokens({ store })
  const seen = {
    note: (id: string, generation: number) => note(USER, id as SessionId, generation),
    write,
  }
  return { seen, written, database }
}

test('of several notes of a session the highest generation is written, once', async () => {
  const { seen, written } = scene()

  for (const generation of [2, 4, 3]) seen.note('a', generation)
  await seen.write()
  await seen.write()

  assert.deepEqual(written, [['a', 4]])
})

test('a full map of notes takes no further session, and forgives it more', async () => {
  const { seen, written } = scene()

  for (let number = 0; number < MAX_NOTES + 5; number++) seen.note(`s${number}`, 2)
  seen.note('s0', 3)
  await seen.write()

  assert.equal(written.length, MAX_NOTES)
  assert.deepEqual(written[0], ['s0', 3])
  assert.equal(written.at(-1)?.[0], `s${MAX_NOTES - 1}`)
})

test('notes wait while the database is away, and are written when it is back', async () => {
  const { seen, written, database } = scene()
  for (let number = 0; number < 10; number++) seen.note(`s${number}`, 2)

  database.isAway = true
  await assert.rejects(seen.write(), /away/)
  await new Promise((resolve) => setTimeout(resolve, 10))
  database.isAway = false
  await seen.write()

  assert.equal(written.length, 10)
})

test('a note that comes while an older one of its session is written is not lost', async () => {
  const { seen, written } = scene()
  seen.note('a', 2)

  const writing = seen.write()
  seen.note('a', 3)
  await writing
  await seen.write()

  assert.deepEqual(written, [
    ['a', 2],
    ['a', 3],
  ])
})

test('only a few notes are written in parallel, so that connections stay free for requests', async () => {
  const { seen, database } = scene()
  for (let number = 0; number < 100; number++) seen.note(`s${number}`, 2)

  await seen.write()

  assert.ok(database.most <= 4, `${database.most} at once`)
})
