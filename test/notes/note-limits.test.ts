import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statementsOf } from '../support/answers.ts'
import { type Person, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { ask, assertRefused, sharedServer, tally } from '../support/houses.ts'
import { aNote, countNotes, newNote } from '../support/notes.ts'
import { assertProblem } from '../support/problems.ts'

const MOST = 10_000
const theServer = sharedServer()

const make = (server: TestServer, person: Person, key?: string) =>
  ask(server, 'POST /notes', person, {
    body: aNote(),
    ...(key ? { headers: { 'idempotency-key': key } } : {}),
  })

/** As if the person had so many notes. */
async function setCount({ database }: TestServer, { user }: Person, noteCount: number) {
  await database.client.user.updateMany({ where: { id: user.id }, data: { noteCount } })
}

test('a note beyond the limit is 409 limit_reached; a deleted one makes room', async () => {
  const server = await theServer()
  const [person, other] = [await signedUp(server), await signedUp(server)]
  const { id } = await newNote(server, person)
  await setCount(server, person, MOST)

  const beyond = await make(server, person)
  const removed = await ask(server, `DELETE /notes/${id}`, person)
  const again = [await make(server, person), await make(server, person)]

  assertProblem(beyond, 'limit_reached', { detail: 'You have 10,000 notes; no more are allowed.' })
  assert.equal(removed.statusCode, 204)
  assert.deepEqual(tally(again), { 201: 1, '409 limit_reached': 1 })
  assert.equal((await make(server, other)).statusCode, 201)
})

test('creations at once on two servers, with keys and without, reach the limit and do not pass it', async (t) => {
  const url = await freshDatabase(t)
  const [one, two] = [await startServer(t, { url }), await startServer(t, { url })]
  const person = await signedUp(one)
  const { id } = await newNote(one, person)
  await setCount(one, person, MOST - 4)

  const [removed, ...made] = await Promise.all([
    ask(one, `DELETE /notes/${id}`, person),
    ...Array.from({ length: 30 }, (_, n) =>
      make(n % 2 ? one : two, person, n % 4 < 2 ? uniqueName('key') : undefined),
    ),
  ])

  assert.equal(removed?.statusCode, 204)
  const { rows, counted } = await countNotes(one, person)
  const created = made.filter(({ statusCode }) => statusCode === 201).length
  assert.deepEqual(tally(made), { 201: created, '409 limit_reached': 30 - created })
  // The deletion may come after all the creations that found no room.
  assert.ok(created === 4 || created === 5, `${created} created`)
  assert.deepEqual({ rows, counted }, { rows: created, counted: MOST - 5 + created })
})

test('a refused creation or deletion counts nothing, nor do deletions of one note at once twice', async () => {
  const server = await theServer()
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const [note, theirs] = [await newNote(server, person), await newNote(server, stranger)]

  const headers = { 'if-match': '"7"' }
  assertRefused(
    await ask(server, `DELETE /notes/${note.id}`, person, { headers }),
    'precondition_failed',
  )
  assertRefused(await ask(server, `DELETE /notes/${theirs.id}`, person), 'not_found')
  assertRefused(await ask(server, `DELETE /notes/${person.user.id}`, person), 'not_found')
  assert.deepEqual(await countNotes(server, person), { rows: 1, counted: 1 })

  const removed = await Promise.all(
    Array.from({ length: 4 }, () => ask(server, `DELETE /notes/${note.id}`, person)),
  )

  assert.deepEqual(tally(removed), { 204: 1, '404 not_found': 3 })
  assert.deepEqual(await countNotes(server, person), { rows: 0, counted: 0 })
  assert.deepEqual(await countNotes(server, stranger), { rows: 1, counted: 1 })
})

test('a creation costs the same statements with no note and with thousands', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const statements = async () => {
    const before = statementsOf(server).length
    await newNote(server, person)
    return statementsOf(server).slice(before)
  }

  const first = await statements()
  await setCount(server, person, MOST - 1)
  const last = await statements()

  assert.deepEqual(last, first)
  assert.ok(!first.some((sql) => /COUNT\(/i.test(sql)), first.join('\n'))
})
