import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { assertNotLogged } from '../support/answers.ts'
import { PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertRefused,
  countHouses,
  type House,
  newHouse,
  tally,
} from '../support/houses.ts'
import {
  assertSame,
  countStored,
  make,
  type SignedIn,
  theServer,
  withAnswer,
} from '../support/idempotency.ts'
import { assertFaults } from '../support/problems.ts'

test('POST /houses repeated with its Idempotency-Key gives the same answer and one house', async () => {
  const server = await theServer()
  const { person, key, body, first } = await withAnswer(server)
  const { ownerId, createdAt } = first.json<House>()
  const again = { ...person, ...(await signedIn(server, person)) }
  server.clock.advance(60)

  const second = await make(server, person, key, body)
  const inOtherSession = await make(server, again, key, body)

  assertHouse(first, 201, { ...body, ownerId, version: 1, createdAt, updatedAt: createdAt })
  assertSame(first, [second, inOtherSession])
  assert.equal(await countHouses(server, person), 1)
})

test('the same fields in another order and with other spaces are the same request', async () => {
  const server = await theServer()
  const { person, key, body, first } = await withAnswer(server)
  const entries = Object.entries(body).reverse()
  const spaced = JSON.stringify(Object.fromEntries(entries), null, 4)
  const headers = { 'idempotency-key': key, 'content-type': 'application/json; charset=utf-8' }

  const turned = await make(server, person, key, Object.fromEntries(entries))
  const escaped = spaced.replace('Haus', '\\u0048aus')
  const written = await ask(server, 'POST /houses', person, { body: escaped, headers })

  assertSame(first, [turned, written])
  assert.equal(await countHouses(server, person), 1)
})

test('a missing address and null are the same request, and an empty one is another', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const { projectAddress: _none, ...body } = aHouse()

  const missing = await make(server, person, 'k', body)
  const none = await make(server, person, 'k', { ...body, projectAddress: null })
  const empty = await make(server, person, 'k', { ...body, projectAddress: '' })

  assertSame(missing, [none])
  assertRefused(empty, 'idempotency_mismatch')
})

test('an Idempotency-Key with another body answers 422 and makes nothing', async () => {
  const server = await theServer()
  const { person, key, body, first } = await withAnswer(server)

  for (const change of [
    { projectNo: uniqueName('other') },
    { projectNo: `${body.projectNo} ` },
    { projectName: 'haus' },
    { projectAddress: null },
    { projectName: body.projectAddress, projectAddress: body.projectName },
  ]) {
    assertRefused(await make(server, person, key, { ...body, ...change }), 'idempotency_mismatch')
  }

  assert.equal(await countHouses(server, person), 1)
  assertSame(first, [await make(server, person, key, body)])
})

test('an Idempotency-Key with another body that breaks a rule is 400, not 422', async () => {
  const server = await theServer()
  const { person, key, body } = await withAnswer(server)

  const response = await make(server, person, key, { ...body, projectName: '', id: 'x' })

  assertFaults(response, ['/projectName too_short', '/id unknown_field'])
})

test('keys are told apart by each character, also by case and length', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const keys = [
    'a',
    'A',
    'a.',
    '"a"',
    'x'.repeat(254),
    'x'.repeat(255),
    '~',
    '!',
    '%20',
    '__proto__',
  ]

  for (const key of keys) {
    const body = aHouse()
    const first = await make(server, person, key, body)
    assertSame(first, [await make(server, person, key, body)])
  }

  assert.equal(await countHouses(server, person), keys.length)
})

test('an Idempotency-Key belongs to its user: the same key of another makes another house', async () => {
  const server = await theServer()
  const { person, key, body, first } = await withAnswer(server)
  const other = await signedUp(server)

  const taken = await make(server, other, key, body)
  const own = aHouse()
  const made = await make(server, other, key, own)

  assertRefused(taken, 'project_no_taken')
  const house = made.json<House>()
  assertHouse(made, 201, { ...house, ...own, ownerId: other.user.id, version: 1 })
  assert.notEqual(house.id, first.json<House>().id)
  assert.deepEqual([await countHouses(server, person), await countHouses(server, other)], [1, 1])
})

test('POST /houses without a key makes a new house each time it is asked', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const body = aHouse()

  await newHouse(server, person, body)
  const again = await ask(server, 'POST /houses', person, { body })

  assertRefused(again, 'project_no_taken')
  assert.equal(await countStored(server, person), 0)
})

test('POST /houses refuses an Idempotency-Key that is too long, empty or no plain text', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  const long = await make(server, person, 'x'.repeat(256), aHouse())
  const both = await make(server, person, 'two words', { projectNo: 'x' })
  const empty = await make(server, person, '', aHouse())

  assertFaults(long, ['/idempotency-key too_long'])
  assertFaults(both, ['/idempotency-key invalid_format', '/projectName required'])
  const issues = empty.json<{ errors: { pointer: string }[] }>().errors
  assert.deepEqual([...new Set(issues.map(({ pointer }) => pointer))], ['/idempotency-key'])
  for (const key of ['two words', 'a\tb', 'é', 'a,b c', '\u007f']) {
    assertFaults(await make(server, person, key, aHouse()), ['/idempotency-key invalid_format'])
  }
  assert.equal(await countHouses(server, person), 0)
  assert.equal(await countStored(server, person), 0)
})

test('a create that fails stores nothing, and its key works for the next request', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const { id, projectNo } = await newHouse(server, person)
  const body = aHouse({ projectNo })

  const taken = await Promise.all([1, 2, 3, 4].map(() => make(server, person, 'k', body)))
  const invalid = await make(server, person, 'k', { ...body, projectName: '' })
  const stored = await countStored(server, person)
  await ask(server, `DELETE /houses/${id}`, person)
  const made = await make(server, person, 'k', body)

  assert.deepEqual(tally(taken), { '409 project_no_taken': 4 })
  assertFaults(invalid, ['/projectName too_short'])
  assert.equal(stored, 0)
  assertSame(made, [await make(server, person, 'k', body)])
  assert.equal(await countHouses(server, person), 1)
})

test('a house of the longest texts is stored and returned, in any script', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (const letter of ['"', '\\', '🦊', '\u2028', '\u0390', '\ufffd']) {
    const body = {
      projectNo: letter.repeat(128),
      projectName: letter.repeat(256),
      projectAddress: letter.repeat(256),
    }
    const first = await make(server, person, uniqueName(), body)
    assertHouse(first, 201, { ...first.json<House>(), ...body })
    const key = uniqueName()
    await ask(server, `DELETE ${first.headers.location}`, person)
    const second = await make(server, person, key, body)
    assertSame(second, [await make(server, person, key, body)])
  }
})

test('the same Idempotency-Key works for POST /refresh and POST /houses', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const [key, body] = [uniqueName('key'), aHouse()]

  const first = await make(server, person, key, body)
  const rotated = await refresh(server, person.refresh_token, { 'idempotency-key': key })
  const second = await make(server, rotated.json<SignedIn>(), key, body)
  server.clock.advance(60)
  const replayed = await refresh(server, person.refresh_token, { 'idempotency-key': key })

  assertSame(first, [second])
  assert.equal(rotated.json().refreshed, 'rotated')
  assert.equal(replayed.json().refreshed, 'replayed')
  assert.equal(replayed.json().refresh_token, rotated.json().refresh_token)
})

test('keys are kept as hashes, stay out of the log, and go with their account', async () => {
  const server = await theServer()
  const { person, key } = await withAnswer(server)

  const where = { userId: person.user.id }
  const rows = await server.database.client.idempotentRequest.findMany({ where })
  const gone = await ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })

  assert.equal(rows.length, 1)
  assert.ok(!JSON.stringify(rows).includes(key))
  assert.match(String(rows[0]?.keyHash), /^[0-9a-f]{64}$/)
  assertNotLogged(server, [key, createHash('sha256').update(key).digest('hex')])
  assert.equal(gone.statusCode, 204, gone.body)
  assert.equal(await countStored(server, person), 0)
})

test('POST /houses with a key of an account that is just gone answers session_ended', async () => {
  const server = await theServer()
  const { person, key, body } = await withAnswer(server)
  await server.database.client.user.deleteMany({ where: { id: person.user.id } })

  const repeated = await make(server, person, key, body)
  const fresh = await make(server, person, uniqueName('key'), aHouse())

  assertRefused(repeated, 'session_ended')
  assertRefused(fresh, 'session_ended')
})
