import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNotLogged } from '../support/answers.ts'
import { signedUp } from '../support/factories.ts'
import { type TestServer, uniqueName } from '../support/helper.ts'
import { FOX, theServer, UNKNOWN, withHouse } from '../support/house-server.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertRefused,
  assertStored,
  deedsOf,
  digestOfHouses,
  newHouse,
} from '../support/houses.ts'
import { assertFaults } from '../support/problems.ts'

const nowOf = ({ clock }: TestServer) => new Date(clock()).toISOString()

// Create and read

test('POST /houses answers 201 with the house, its Location and its ETag', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const body = aHouse({ projectName: `Haus "am" See ${FOX}`, projectAddress: '上海市\\%_; --' })

  const response = await ask(server, 'POST /houses', person, { body })

  const now = nowOf(server)
  const rest = { ownerId: person.user.id, version: 1, createdAt: now, updatedAt: now }
  const house = assertHouse(response, 201, { ...body, ...rest })
  await assertStored(server, await signedUp(server), house)
  assert.deepEqual((await deedsOf(server, person)).sort(), ['registered', 'signed_in'])
  assertNotLogged(server, [body.projectNo, body.projectName, '上海市'])
})

test('POST /houses takes no address as null and keeps an empty one apart from it', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const { projectAddress: _none, ...bare } = aHouse()

  const absent = await ask(server, 'POST /houses', person, { body: bare })
  const empty = await newHouse(server, person, { projectAddress: '' })
  const none = await newHouse(server, person, { projectAddress: null })

  assert.equal(absent.statusCode, 201)
  assert.deepEqual(
    [absent.json().projectAddress, empty.projectAddress, none.projectAddress],
    [null, '', null],
  )
  await assertStored(server, person, empty)
  await assertStored(server, person, none)
})

test('GET /houses/:id of an id that is unknown or malformed answers 404', async () => {
  const { server, person, house } = await withHouse()

  for (const id of [
    UNKNOWN,
    house.id.toUpperCase(),
    '1',
    '%00',
    `${house.id}%20`,
    "'%20OR%201=1",
  ]) {
    for (const method of ['GET', 'DELETE']) {
      assertRefused(await ask(server, `${method} /houses/${id}`, person), 'not_found')
    }
    for (const method of ['PUT', 'PATCH']) {
      const answer = await ask(server, `${method} /houses/${id}`, person, { body: aHouse() })
      assertRefused(answer, 'not_found')
    }
  }

  await assertStored(server, person, house)
})

test('HEAD /houses/:id answers with the headers of GET and no body', async () => {
  const { server, person, address } = await withHouse()

  const whole = await ask(server, `GET ${address}`, person)
  const head = await ask(server, `HEAD ${address}`, person)
  const missing = await ask(server, `HEAD /houses/${UNKNOWN}`, person)

  const { date: _one, 'x-request-id': _id, ...expected } = whole.headers
  const { date: _other, 'x-request-id': _other_id, ...seen } = head.headers
  assert.deepEqual([head.statusCode, head.body, seen], [200, '', expected])
  assert.deepEqual([missing.statusCode, missing.body], [404, ''])
})

// Replace

test('PUT /houses/:id replaces all three texts, and an absent address becomes null', async () => {
  const { server, person, house, address } = await withHouse()
  const body = { projectNo: uniqueName('Q'), projectName: 'Anders' }
  server.clock.advance(5)

  const response = await ask(server, `PUT ${address}`, person, { body })

  const change = { ...body, projectAddress: null, version: 2, updatedAt: nowOf(server) }
  const replaced = assertHouse(response, 200, { ...house, ...change })
  await assertStored(server, person, replaced)
  assert.deepEqual((await deedsOf(server, person)).sort(), ['registered', 'signed_in'])
})

test('PUT /houses/:id accepts the present number and unchanged texts', async () => {
  const { server, person, house, address } = await withHouse()
  const { projectNo, projectName, projectAddress } = house

  const body = { projectNo, projectName, projectAddress }
  const response = await ask(server, `PUT ${address}`, person, { body })

  assertHouse(response, 200, { ...house, version: 2 })
})

test('PUT /houses/:id asks for number and name and names both', async () => {
  const { server, person, house, address } = await withHouse()

  const response = await ask(server, `PUT ${address}`, person, { body: { projectAddress: 'x' } })

  assertFaults(response, ['/projectNo required', '/projectName required'])
  await assertStored(server, person, house)
})

// Change in part

test('PATCH /houses/:id changes the texts that it names and nothing else', async () => {
  const { server, person, house, address } = await withHouse()
  let expected = house

  for (const change of [
    { projectNo: uniqueName('Z') },
    { projectName: 'Neuer Name' },
    { projectAddress: 'Neue Straße 7' },
    { projectAddress: null },
    { projectAddress: '' },
    { projectName: 'a', projectAddress: 'b' },
  ]) {
    server.clock.advance(5)
    const response = await ask(server, `PATCH ${address}`, person, { body: change })
    const rest = { version: expected.version + 1, updatedAt: nowOf(server) }
    expected = assertHouse(response, 200, { ...expected, ...change, ...rest })
    await assertStored(server, person, expected)
  }

  assert.deepEqual((await deedsOf(server, person)).sort(), ['registered', 'signed_in'])
})

test('PATCH /houses/:id with {} changes none of the texts', async () => {
  const { server, person, house, address } = await withHouse()

  const response = await ask(server, `PATCH ${address}`, person, { body: {} })

  const same = assertHouse(response, 200, { ...house, version: 2 })
  await assertStored(server, person, same)
})

test('PATCH /houses/:id takes null for the address alone', async () => {
  const { server, person, house, address } = await withHouse()

  const body = { projectNo: null, projectName: null, projectAddress: null }
  const response = await ask(server, `PATCH ${address}`, person, { body })

  assertFaults(response, ['/projectNo wrong_type', '/projectName wrong_type'])
  await assertStored(server, person, house)
})

// Delete

test('DELETE /houses/:id answers 204 and leaves its number free', async () => {
  const { server, person, house, address } = await withHouse()

  const response = await ask(server, `DELETE ${address}`, person)

  assert.deepEqual([response.statusCode, response.body], [204, ''])
  assert.equal(response.headers['content-type'], undefined)
  assert.equal(response.headers['cache-control'], 'no-store')
  assertRefused(await ask(server, `GET ${address}`, person), 'not_found')
  assertRefused(await ask(server, `DELETE ${address}`, person), 'not_found')
  const again = await newHouse(server, person, { projectNo: house.projectNo })
  assert.notEqual(again.id, house.id)
})

// Order of answers

test('answers come in the order 400, 404, 403, 412, 409', async () => {
  const { server, person, house, address } = await withHouse()
  const stranger = await signedUp(server)
  const { projectNo } = await newHouse(server, person)
  const taken = aHouse({ projectNo })
  const stale = { 'if-match': '"9"' }
  const before = await digestOfHouses(server)
  const put = (who: typeof stranger, id: string, body: object, headers = {}) =>
    ask(server, `PUT /houses/${id}`, who, { body, headers })

  assertFaults(await put(stranger, UNKNOWN, { ...taken, projectName: '' }, stale), [
    '/projectName too_short',
  ])
  assertFaults(await put(stranger, house.id, taken, { 'if-match': 'x' }), [
    '/if-match invalid_format',
  ])
  assertRefused(await put(stranger, UNKNOWN, taken, stale), 'not_found')
  assertRefused(await put(stranger, house.id, taken, stale), 'not_owner')
  assertRefused(await put(stranger, house.id, taken), 'not_owner')
  assertRefused(await put(person, house.id, taken, stale), 'precondition_failed')
  assertRefused(await put(person, house.id, taken, { 'if-match': '"1"' }), 'project_no_taken')
  const patched = await ask(server, `PATCH ${address}`, stranger, { body: taken, headers: stale })
  const removed = await ask(server, `DELETE ${address}`, stranger, { headers: stale })
  const gone = await ask(server, `DELETE /houses/${UNKNOWN}`, stranger, { headers: stale })

  assertRefused(patched, 'not_owner')
  assertRefused(removed, 'not_owner')
  assertRefused(gone, 'not_found')
  assert.equal(await digestOfHouses(server), before)
})
