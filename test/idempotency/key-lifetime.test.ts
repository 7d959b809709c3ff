import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { createIdempotency } from '../../src/features/idempotency/service.ts'
import { createHoldings } from '../../src/features/users/holdings.ts'
import type { Database } from '../../src/platform/database/database.ts'
import { signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertRefused,
  countHouses,
  type House,
  tally,
} from '../support/houses.ts'
import { assertSame, countStored, make, theServer, withAnswer } from '../support/idempotency.ts'

const DAY = 24 * 60 * 60

test('a key is free again after 24 hours, and not before', async (t) => {
  const server = await startServer(t)
  const { person, key, body, first } = await withAnswer(server)

  server.clock.advance(DAY - 1)
  const almost = await make(server, await signedIn(server, person), key, body)
  server.clock.advance(2)
  const late = await signedIn(server, person)
  const sameBody = await make(server, late, key, body)
  const fresh = aHouse()
  const made = await make(server, late, key, fresh)

  assertSame(first, [almost])
  assertRefused(sameBody, 'project_no_taken')
  const house = made.json<House>()
  assertHouse(made, 201, { ...house, ...fresh })
  assert.equal(house.createdAt, new Date(server.clock()).toISOString())
  assertSame(made, [await make(server, late, key, fresh)])
  assertRefused(await make(server, late, key, body), 'idempotency_mismatch')
  assert.equal(await countHouses(server, person), 2)
})

test('four parallel requests take an expired key once', async (t) => {
  const server = await startServer(t)
  const { person, key } = await withAnswer(server)
  server.clock.advance(DAY + 1)
  const late = await signedIn(server, person)
  const body = aHouse()

  const answers = await Promise.all([1, 2, 3, 4].map(() => make(server, late, key, body)))

  assert.deepEqual(tally(answers), { 201: 4 })
  assertSame(answers[0] as LightMyRequestResponse, answers.slice(1))
  assert.equal(await countHouses(server, person), 2)
  assert.equal(await countStored(server, person), 1)
})

/** The service on a database where something happens each time that it has looked for a key. */
function onBusyDatabase(
  { database, clock, services }: TestServer,
  meanwhile: () => Promise<unknown>,
) {
  const keys = database.client.idempotentRequest
  const idempotentRequest = {
    deleteMany: (which: never) => keys.deleteMany(which),
    findUnique: async (which: never) => {
      const found = await keys.findUnique(which)
      await meanwhile()
      return found
    },
  }
  const $transaction = (work: never) => database.client.$transaction(work)
  return createIdempotency({
    db: { $transaction, idempotentRequest } as unknown as Database,
    ...{ clock, holdings: services.holdings, keysPerDay: 100 },
  })
}

test('a key past its time that another request takes first is the key of that one', async () => {
  const server = await theServer()
  const { user } = await signedUp(server)
  const keys = server.database.client.idempotentRequest
  const request = { userId: user.id, operation: 'work', key: uniqueName(), body: '{}' }
  const where = { userId: user.id }
  await server.services.idempotency.once(request, 'old', async () => undefined)
  await keys.updateMany({ where, data: { createdAt: new Date(server.clock() - DAY * 1000 - 1) } })
  let worked = 0
  const { once } = onBusyDatabase(server, () =>
    keys.updateMany({
      where,
      data: { createdAt: new Date(server.clock()), answer: 'of the other' },
    }),
  )

  const answer = await once(request, 'own', async () => {
    worked += 1
  })

  assert.deepEqual([answer, worked], ['of the other', 0])
  assert.equal(await keys.count({ where }), 1)
})

test('the stored answer outlives changes and the deletion of its house', async () => {
  const server = await theServer()
  const { person, key, body, first } = await withAnswer(server)
  const address = String(first.headers.location)

  await ask(server, `PATCH ${address}`, person, { body: { projectName: 'anders' } })
  const changed = await make(server, person, key, body)
  await ask(server, `DELETE ${address}`, person)
  const deleted = await make(server, person, key, body)

  assertSame(first, [changed, deleted])
  assert.equal(await countHouses(server, person), 0)
})

test('the stored answer outlives a restart of the server', async (t) => {
  const url = await freshDatabase(t)
  const before = await startServer(t, { url })
  const person = await signedUp(before)
  const [key, body] = [uniqueName('key'), aHouse()]
  const first = await make(before, person, key, body)
  await before.close()

  const after = await startServer(t, { url, clock: before.clock })
  const second = await make(after, person, key, body)
  const other = await make(after, person, key, aHouse())

  assertSame(first, [second])
  assertRefused(other, 'idempotency_mismatch')
  assert.equal(await countHouses(after, person), 1)
})

test('an expired key that another request has just taken again is not forgotten', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const { client } = server.database
  const userId = person.user.id
  const request = { userId, operation: 'do', key: 'k', body: 'new' }
  const keysPerDay = 100
  const needs = { clock: server.clock, holdings: createHoldings(server), keysPerDay }
  const work = async () => undefined
  await createIdempotency({ ...needs, db: client }).once({ ...request, body: 'old' }, 'old', work)
  server.clock.advance(DAY + 1)
  // Between the look at the old row and its deletion, somebody else takes the key.
  const { idempotentRequest } = client
  let isOvertaken = false
  const overtaken = new Proxy(idempotentRequest, {
    get: (target, name) =>
      name === 'findUnique'
        ? async (query: Parameters<typeof target.findUnique>[0]) => {
            const found = await target.findUnique(query)
            if (!isOvertaken) {
              isOvertaken = true
              await createIdempotency({ ...needs, db: client }).once(request, 'first', work)
            }
            return found
          }
        : Reflect.get(target, name),
  })
  const db = new Proxy(client, {
    get: (target, name) =>
      name === 'idempotentRequest' ? overtaken : Reflect.get(target, name).bind?.(target),
  })
  let times = 0

  const answer = await createIdempotency({ ...needs, db }).once(request, 'second', async () => {
    times++
  })

  assert.deepEqual([answer, times, isOvertaken], ['first', 0, true])
  assert.equal(await countStored(server, person), 1)
})
