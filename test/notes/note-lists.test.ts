import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMysql } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { ask, sharedServer } from '../support/houses.ts'
import { newNote, pageOf } from '../support/notes.ts'
import { rowsRead, statementsTo } from '../support/plans.ts'
import { assertFaults } from '../support/problems.ts'

const theServer = sharedServer()

/** Somebody who has made so many notes, the newest first. */
async function withNotes(count: number) {
  const server = await theServer()
  const person = await signedUp(server)
  const notes = []
  for (let n = 0; n < count; n++) notes.unshift(await newNote(server, person, { title: `${n}` }))
  return { server, person, notes }
}

test('GET /notes lists all notes of its caller, the newest first, page by page', async () => {
  const { server, person, notes } = await withNotes(5)
  await withNotes(2)

  const first = await pageOf(server, person, { size: 2 })
  const second = await pageOf(server, person, { size: 2, cursor: String(first.nextCursor) })
  const third = await pageOf(server, person, { size: 2, cursor: String(second.nextCursor) })

  assert.deepEqual(
    [first.items, second.items, third.items],
    [notes.slice(0, 2), notes.slice(2, 4), notes.slice(4)],
  )
  assert.equal(third.nextCursor, null)
  assert.deepEqual(await pageOf(server, person), { items: notes, nextCursor: null })
  assert.deepEqual(await pageOf(server, person, { cursor: '', size: 5 }), {
    ...{ items: notes, nextCursor: null },
  })
})

test('a page has 20 notes by default and 100 at most', async () => {
  const { server, person, notes } = await withNotes(21)

  const page = await pageOf(server, person)

  assert.deepEqual(page.items, notes.slice(0, 20))
  assert.equal((await pageOf(server, person, { size: 100 })).items.length, 21)
  for (const size of ['0', '101', '-1', '1.5', 'x', '']) {
    const refused = await ask(server, `GET /notes?size=${size}`, person)
    assertFaults(refused, ['/size invalid_format'])
  }
  assertFaults(await ask(server, 'GET /notes?page=1', person), ['/page unknown_field'])
})

test('notes that come and go shift nothing on the pages behind', async () => {
  const { server, person, notes } = await withNotes(5)
  const [newest, , third, fourth, oldest] = notes

  const { nextCursor } = await pageOf(server, person, { size: 2 })
  await newNote(server, person)
  await ask(server, `DELETE /notes/${newest?.id}`, person)
  await ask(server, `DELETE /notes/${fourth?.id}`, person)
  const rest = await pageOf(server, person, { cursor: String(nextCursor) })

  assert.deepEqual(rest, { items: [third, oldest], nextCursor: null })
})

test('a cursor of somebody else, of another list or of nobody is 400', async () => {
  const { server, person } = await withNotes(2)
  const { person: other } = await withNotes(2)
  const { nextCursor } = await pageOf(server, other, { size: 1 })
  const foreign = [String(nextCursor), 'x', 'a.b', `${nextCursor}A`, person.user.id]

  for (const cursor of foreign) {
    const refused = await ask(server, `GET /notes?cursor=${cursor}`, person)
    assertFaults(refused, ['/cursor invalid_cursor'])
    assertFaults(await ask(server, `GET /houses?cursor=${cursor}`, person), [
      '/cursor invalid_cursor',
    ])
  }
})

test('a page reads about as many rows as it has, at any depth and beside the notes of others', async (t) => {
  const [notes, size] = [3_000, 5]
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const [one, other] = [await signedUp(server), await signedUp(server)]
  const { client } = server.database
  const at = new Date()
  const row = { title: 'x', body: 'x'.repeat(300), tags: '[]', createdAt: at, updatedAt: at }
  const rows = Array.from({ length: notes }, (_, n) => ({
    ...row,
    id: `01932c07-0000-7000-8000-${String(n).padStart(12, '0')}`,
    // The person's own are the oldest, so that a walk by age alone would meet all the others first.
    ownerId: n < notes / 2 ? one.user.id : other.user.id,
  }))
  for (let from = 0; from < notes; from += 500) {
    await client.note.createMany({ data: rows.slice(from, from + 500) })
  }
  if (isMysql) await client.$executeRawUnsafe('ANALYZE TABLE `Note`')
  const { nextCursor } = await pageOf(server, one, { size: 100 })

  for (const cursor of ['', String(nextCursor)]) {
    const statements = await statementsTo(server, 'Note', () =>
      pageOf(server, one, { cursor, size }),
    )
    const [statement = assert.fail('nothing was read'), ...more] = statements
    assert.deepEqual(more, [])
    if (isMysql) {
      const read = await rowsRead(url, statement)
      assert.ok(read < 5 * size, `reads ${read} rows: ${statement.sql}`)
    } else {
      const steps = await client.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${statement.sql}`,
        ...statement.values,
      )
      const details = steps.map(({ detail }) => detail)
      assert.equal(details.length, 1, details.join('\n'))
      assert.match(String(details[0]), /^SEARCH Note USING INDEX Note_ownerId_id_idx/)
    }
  }
})
