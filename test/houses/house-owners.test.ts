import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import { bearer, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { theServer, UNKNOWN, withHouse } from '../support/house-server.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertRefused,
  assertStored,
  countHouses,
  deedsOf,
  digestOfHouses,
  newAdmin,
  newHouse,
  tally,
} from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'

// Who may write

test('a stranger reads a house and may neither change nor delete it', async () => {
  const { server, person, house, address } = await withHouse()
  const stranger = await signedUp(server)
  const before = await digestOfHouses(server)

  await assertStored(server, stranger, house)
  for (const headers of [{}, { 'if-match': '"1"' }, { 'if-match': '*' }]) {
    for (const method of ['PUT', 'PATCH']) {
      const options = { body: aHouse(), headers }
      assertRefused(await ask(server, `${method} ${address}`, stranger, options), 'not_owner')
    }
    assertRefused(await ask(server, `DELETE ${address}`, stranger, { headers }), 'not_owner')
  }

  assert.equal(await digestOfHouses(server), before)
  await assertStored(server, person, house)
})

test('an administrator changes and deletes the houses of others, which stay theirs', async () => {
  const { server, person, house, address } = await withHouse()
  const admin = await newAdmin(server)
  const body = aHouse()

  const put = await ask(server, `PUT ${address}`, admin, { body })
  const patch = await ask(server, `PATCH ${address}`, admin, {
    body: { projectName: 'Amt' },
    headers: { 'if-match': '"2"' },
  })
  const stale = await ask(server, `DELETE ${address}`, admin, { headers: { 'if-match': '"2"' } })
  const removed = await ask(server, `DELETE ${address}`, admin)

  assertHouse(put, 200, { ...house, ...body, version: 2 })
  assertHouse(patch, 200, { ...house, ...body, projectName: 'Amt', version: 3 })
  assertRefused(stale, 'precondition_failed')
  assert.equal(removed.statusCode, 204)
  assertRefused(await ask(server, `GET ${address}`, person), 'not_found')
  const entries = await auditEntries(server)
  const deeds = entries.filter(
    ({ userId, type }) => userId === admin.user.id && /^house_/.test(type),
  )
  const deed = { userId: admin.user.id, sessionId: null, detail: house.id }
  assert.deepEqual(deeds, [
    { type: 'house_changed_by_admin', ...deed },
    { type: 'house_changed_by_admin', ...deed },
    { type: 'house_deleted_by_admin', ...deed },
  ])
})

test('an administrator writes their own houses as everybody does, without an audit entry', async () => {
  const server = await theServer()
  const admin = await newAdmin(server)
  const { id } = await newHouse(server, admin)

  const patch = await ask(server, `PATCH /houses/${id}`, admin, { body: {} })
  const removed = await ask(server, `DELETE /houses/${id}`, admin)

  assert.deepEqual([patch.statusCode, removed.statusCode], [200, 204])
  assert.ok(!(await deedsOf(server, admin)).some((type) => type.startsWith('house_')))
})

test('an administrator who is one no longer may not write, with old tokens and with new', async () => {
  const { server, person, house, address } = await withHouse()
  const admin = await newAdmin(server)

  await operator(server).changeRole(admin.username, 'user')
  const old = await ask(server, `PUT ${address}`, admin, { body: aHouse() })
  const anew = await signedIn(server, admin)
  const fresh = await ask(server, `PUT ${address}`, anew, { body: aHouse() })
  const removed = await ask(server, `DELETE ${address}`, anew)

  assertProblem(old, 'token_expired')
  assertRefused(fresh, 'not_owner')
  assertRefused(removed, 'not_owner')
  await assertStored(server, person, house)
})

// Houses and their owners

test('GET /dashboard counts the houses that one has made and not deleted', async () => {
  const { server, person, address } = await withHouse()
  const other = await signedUp(server)
  await newHouse(server, other)
  await newHouse(server, person)
  await newHouse(server, person)
  await ask(server, `DELETE ${address}`, person)

  const counts = [person, other, await signedUp(server)].map(async (one) => {
    const answer = await ask(server, 'GET /dashboard', one)
    return answer.json<{ houses: number }>().houses
  })

  assert.deepEqual(await Promise.all(counts), [2, 1, 0])
})

test('DELETE /me takes the houses of the account along and no others', async () => {
  const { server, person, house, address } = await withHouse()
  const other = await signedUp(server)
  const kept = await newHouse(server, other)
  await newHouse(server, person)

  const gone = await ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })

  assert.equal(gone.statusCode, 204, gone.body)
  assertRefused(await ask(server, `GET ${address}`, other), 'not_found')
  await assertStored(server, other, kept)
  assert.deepEqual([await countHouses(server, person), await countHouses(server, other)], [0, 1])
  await newHouse(server, other, { projectNo: house.projectNo })
})

test('POST /houses of an account that is just gone answers session_ended', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  await server.database.client.user.deleteMany({ where: { id: person.user.id } })

  const response = await ask(server, 'POST /houses', person, { body: aHouse() })

  assertRefused(response, 'session_ended')
})

test('POST /houses beside DELETE /me leaves no house behind and never fails', async () => {
  const server = await theServer()

  for (let round = 0; round < 6; round++) {
    const person = await signedUp(server)
    const make = () => ask(server, 'POST /houses', person, { body: aHouse() })
    const [gone, ...made] = await Promise.all([
      ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } }),
      ...[make, make, make, make].map(async (one, index) => {
        for (let turn = 0; turn < round * index * 3; turn++) await new Promise(setImmediate)
        return one()
      }),
    ])

    assert.equal(gone.statusCode, 204, gone.body)
    const { 201: before = 0, '401 session_ended': after = 0 } = tally(made)
    assert.equal(before + after, 4, JSON.stringify(tally(made)))
    assert.equal(await countHouses(server, person), 0)
  }
})

test('every request for houses without a good credential answers 401 before it reads anything', async () => {
  const server = await theServer()
  const address = `/houses/${UNKNOWN}`

  for (const line of ['POST /houses', ...['GET', 'PUT', 'PATCH', 'DELETE'].map(at)]) {
    const body = line.startsWith('GET') ? undefined : { unknown: 1 }
    const broken = { 'if-match': 'x', 'if-none-match': 'x', 'idempotency-key': 'two words' }
    assertProblem(await call(server, line, body, broken), 'unauthenticated')
    const forged = { ...broken, ...bearer('a.b.c') }
    assertProblem(await call(server, line, body, forged), 'invalid_token')
  }

  function at(method: string) {
    return `${method} ${address}`
  }
})
