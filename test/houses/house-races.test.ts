import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { signedUp } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import { theServer, withHouse } from '../support/house-server.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertStored,
  type House,
  newHouse,
  tally,
} from '../support/houses.ts'

const ten = <T>(one: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 10 }, (_, index) => one(index)))

test('PATCH of ten houses to one free number at once gives it to one of them', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const houses = await ten(() => newHouse(server, person))
  const projectNo = uniqueName('wanted')

  const answers = await Promise.all(
    houses.map(({ id }) => ask(server, `PATCH /houses/${id}`, person, { body: { projectNo } })),
  )

  assert.deepEqual(tally(answers), { 200: 1, '409 project_no_taken': 9 })
  assert.equal(await server.database.client.house.count({ where: { projectNo } }), 1)
})

// Races for one house

test('ten PUTs at once with one ETag: one is answered 200, nine 412', async () => {
  const { server, person, house, address } = await withHouse()

  for (const version of [2, 3, 4]) {
    const headers = { 'if-match': `"${version - 1}"` }
    const answers = await ten((index) =>
      ask(server, `PUT ${address}`, person, {
        body: { ...aHouse(), projectName: `number ${index}` },
        headers,
      }),
    )

    assert.deepEqual(tally(answers), { 200: 1, '412 precondition_failed': 9 })
    const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
    const { projectNo, projectAddress } = (answers[winner] as LightMyRequestResponse).json<House>()
    const stored = { projectNo, projectName: `number ${winner}`, projectAddress, version }
    await assertStored(server, person, { ...house, ...stored })
  }
})

test('ten PATCHes at once without If-Match: all are answered 200, each with its own version', async () => {
  const { server, person, house, address } = await withHouse()

  const answers = await ten((index) =>
    ask(server, `PATCH ${address}`, person, { body: { projectName: `number ${index}` } }),
  )

  assert.deepEqual(tally(answers), { 200: 10 })
  const seen = answers.map((answer, index) => {
    const { version } = answer.json<House>()
    return assertHouse(answer, 200, { ...house, projectName: `number ${index}`, version })
  })
  const last = seen.sort((one, other) => one.version - other.version).at(-1)
  assert.deepEqual(
    seen.map(({ version }) => version),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  )
  await assertStored(server, person, last as House)
})

test('ten DELETEs at once: one is answered 204, nine 404', async () => {
  const { server, person, address } = await withHouse()

  const answers = await ten(() => ask(server, `DELETE ${address}`, person))

  assert.deepEqual(tally(answers), { 204: 1, '404 not_found': 9 })
})

test('PUTs and DELETEs at once with one ETag have one winner', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (let round = 0; round < 4; round++) {
    const { id } = await newHouse(server, person)
    const headers = { 'if-match': '"1"' }
    const answers = await ten((index) =>
      index % 2 === round % 2
        ? ask(server, `DELETE /houses/${id}`, person, { headers })
        : ask(server, `PUT /houses/${id}`, person, { body: aHouse(), headers }),
    )

    const counts = tally(answers)
    const { 200: put = 0, 204: removed = 0, '412 precondition_failed': stale = 0 } = counts
    assert.equal(put + removed, 1, JSON.stringify(counts))
    assert.equal(stale + (counts['404 not_found'] ?? 0), 9, JSON.stringify(counts))
    assert.equal(await server.database.client.house.count({ where: { id } }), put)
  }
})
