import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedUp } from '../support/factories.ts'
import { type TestServer, uniqueName } from '../support/helper.ts'
import { aHouse, ask, assertRefused, sharedServer, tally } from '../support/houses.ts'
import { aNote, assertStored, countNotes } from '../support/notes.ts'

const theServer = sharedServer()

/** Somebody who sends requests with one `Idempotency-Key`. */
async function withKey() {
  const server: TestServer = await theServer()
  const person = await signedUp(server)
  const headers = { 'idempotency-key': uniqueName('key') }
  const make = (body: object = aNote(), line = 'POST /notes') =>
    ask(server, line, person, { body, headers })
  return { server, person, make }
}

test('a repeated POST /notes gets the first answer, though the note was changed or deleted since', async () => {
  const { server, person, make } = await withKey()
  // The longest that there is.
  const note = aNote({ body: '"🦊\n'.repeat(3_333), tags: Array(10).fill('"'.repeat(32)) })
  const first = await make(note)
  const address = `/notes/${first.json<{ id: string }>().id}`

  server.clock.advance(60)
  const reordered = Object.fromEntries(Object.entries(note).reverse())
  const repeated = await make(reordered)
  await ask(server, `PATCH ${address}`, person, { body: { title: 'Later' } })
  const changed = await make(note)
  await ask(server, `DELETE ${address}`, person)
  const deleted = await make(note)

  assert.equal(first.statusCode, 201, first.body)
  for (const answer of [repeated, changed, deleted]) {
    assert.equal(answer.statusCode, 201)
    assert.deepEqual(answer.json(), first.json())
    const { etag, location } = answer.headers
    assert.deepEqual([etag, location], ['"1"', address])
  }
  assert.deepEqual(await countNotes(server, person), { rows: 0, counted: 0 })
})

test('a request that says what is empty is the same as one that leaves it out', async () => {
  const { server, person, make } = await withKey()

  const [first, second] = [
    await make({ title: 'Bare' }),
    await make({ title: 'Bare', body: '', tags: [] }),
  ]

  assert.deepEqual([second.statusCode, second.body], [201, first.body])
  assert.deepEqual(await countNotes(server, person), { rows: 1, counted: 1 })
})

test('a key with another note is 422 idempotency_mismatch', async () => {
  const { server, person, make } = await withKey()
  const first = await make()

  for (const other of [{ title: 'x' }, { body: 'x' }, { tags: [] }, { tags: ['home', 'x'] }]) {
    assertRefused(await make({ ...aNote(), ...other }), 'idempotency_mismatch')
  }

  await assertStored(server, person, first.json())
  assert.deepEqual(await countNotes(server, person), { rows: 1, counted: 1 })
})

test('many requests at once with one key make one note, and one for each kind of resource', async () => {
  const { server, person, make } = await withKey()

  const answers = await Promise.all(Array.from({ length: 10 }, () => make()))
  const house = await make(aHouse(), 'POST /houses')

  assert.deepEqual(tally(answers), { 201: 10 })
  assert.deepEqual([...new Set(answers.map(({ body }) => body))].length, 1)
  assert.equal(house.statusCode, 201, house.body)
  assert.deepEqual(await countNotes(server, person), { rows: 1, counted: 1 })
})
