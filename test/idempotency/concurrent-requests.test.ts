import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, uniqueName } from '../support/helper.ts'
import { aHouse, ask, countHouses, tally } from '../support/houses.ts'
import { assertSame, countStored, make, theServer } from '../support/idempotency.ts'

test('POST /houses four times at once with one key: four equal answers and one house', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (let round = 1; round <= 5; round++) {
    const [key, body] = [uniqueName('key'), aHouse()]

    const answers = await Promise.all([1, 2, 3, 4].map(() => make(server, person, key, body)))

    assert.deepEqual(tally(answers), { 201: 4 })
    assertSame(answers[0] as LightMyRequestResponse, answers.slice(1))
    assert.equal(await countHouses(server, person), round)
    assert.equal(await countStored(server, person), round)
  }
})

test('POST /houses at once with one key on two servers: equal answers and one house', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock })
  const person = await signedUp(one)

  for (let round = 1; round <= 3; round++) {
    const [key, body] = [uniqueName('key'), aHouse()]

    const answers = await Promise.all(
      [one, other, one, other, one, other].map((server) => make(server, person, key, body)),
    )

    assert.deepEqual(tally(answers), { 201: 6 })
    assertSame(answers[0] as LightMyRequestResponse, answers.slice(1))
    assert.equal(await countHouses(one, person), round)
  }
})

test('POST /houses at once with one key and two bodies: one body wins, the other is 422', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (let round = 1; round <= 4; round++) {
    const [key, bodies] = [uniqueName('key'), [aHouse(), aHouse()]]

    const answers = await Promise.all(
      [0, 1, 0, 1, 0, 1].map((index) => make(server, person, key, bodies[index])),
    )

    assert.deepEqual(tally(answers), { 201: 3, '422 idempotency_mismatch': 3 })
    const [first, ...others] = answers.filter(({ statusCode }) => statusCode === 201)
    assertSame(first as LightMyRequestResponse, others)
    assert.equal(await countHouses(server, person), round)
  }
})

test('POST /houses with one key beside DELETE /me leaves no house behind and never fails', async () => {
  const server = await theServer()

  for (let round = 0; round < 10; round++) {
    const person = await signedUp(server)
    const [key, body] = [uniqueName('key'), aHouse()]
    const [gone, ...made] = await Promise.all([
      ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } }),
      ...[0, 1, 2, 3].map(async (index) => {
        for (let turn = 0; turn < round * index * 2; turn++) await new Promise(setImmediate)
        return make(server, person, key, body)
      }),
    ])

    assert.equal(gone.statusCode, 204, gone.body)
    const { 201: before = 0, '401 session_ended': after = 0 } = tally(made)
    assert.equal(before + after, 4, JSON.stringify(tally(made)))
    assert.deepEqual([await countHouses(server, person), await countStored(server, person)], [0, 0])
  }
})
