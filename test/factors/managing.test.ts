// What the owner does with factors that are there: list, rename, remove, new codes, the switch
// (ASVS 5.0 6.5.6, 7.4.3, 7.5.1).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import {
  asked,
  type Enrolled,
  enrolled,
  FREE,
  factorsOf,
  logIn,
  prove,
  signedInFully,
} from '../support/enrolment.ts'
import { bearer, type Opened } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { deviceCookie } from '../support/lockout.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import { subjectsTo } from '../support/resets.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const env = FREE

const as = ({ access_token }: Opened) => bearer(access_token)
const removeAs = (server: TestServer, session: Opened, id: string) =>
  call(server, `DELETE /factors/${id}`, undefined, as(session))
const renew = (server: TestServer, session: Opened, key?: string) =>
  call(server, 'POST /factors/recovery-codes', undefined, {
    ...as(session),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  })
const switchTo = (server: TestServer, session: Opened, secondFactor: boolean, more: object = {}) =>
  call(server, 'PATCH /me', { secondFactor, ...more }, as(session))

async function secondFactorOf(server: TestServer, { user }: Pick<Enrolled, 'user'>) {
  const { secondFactor } = await server.database.client.user.findUniqueOrThrow({
    where: { id: user.id },
  })
  return secondFactor
}

/** Somebody with an app, and a session in which both factors were shown. */
async function manager(server: TestServer) {
  const person = await enrolled(server)
  return { person, session: await signedInFully(server, person) }
}

test('a name comes and goes, without a proof, and read-only fields do not matter', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const [factor] = (await factorsOf(server, person)).json().items

  const named = await call(
    server,
    `PATCH /factors/${factor.id}`,
    { ...factor, name: 'Old phone' },
    as(person),
  )
  const bare = await call(server, `PATCH /factors/${factor.id}`, { name: null }, as(person))

  assert.deepEqual([named.statusCode, named.json()], [200, { ...factor, name: 'Old phone' }])
  assert.deepEqual([bare.statusCode, bare.json()], [200, { ...factor, name: null }])
  const long = { name: 'x'.repeat(101) }
  const refused = await call(server, `PATCH /factors/${factor.id}`, long, as(person))
  assert.equal(refused.json().code, 'validation_failed')
})

test('nobody sees, renames or removes the factor of somebody else, or the set of codes', async (t) => {
  const server = await startServer(t, { env })
  const { session } = await manager(server)
  const other = await enrolled(server)
  const set = await server.database.client.factor.findFirstOrThrow({ where: { kind: 'recovery' } })
  const nobody = '01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c'

  for (const id of [other.factorId, nobody, set.id]) {
    const renamed = await call(server, `PATCH /factors/${id}`, { name: 'Mine' }, as(session))
    const removed = await removeAs(server, session, id)
    for (const answer of [renamed, removed]) {
      assertProblem(answer, 'not_found', { detail: 'You have no factor with this id.' })
    }
  }
  assert.equal((await removeAs(server, session, 'x')).statusCode, 404)
  const { items } = (await factorsOf(server, other)).json()
  assert.deepEqual([items.length, items[0].name], [1, null])
  assert.equal(await server.database.client.factor.count(), 4)
})

test('the last factor takes the codes along; the password alone signs in again', async (t) => {
  const server = await startServer(t, { env })
  const { person, session } = await manager(server)
  const open = await asked(server, person)

  const answer = await removeAs(server, session, person.factorId)

  assert.deepEqual([answer.statusCode, answer.body], [204, ''])
  const { client } = server.database
  assert.equal((await client.factor.count()) + (await client.recoveryCode.count()), 0)
  assert.equal(await secondFactorOf(server, person), false)
  server.clock.advance(60)
  const late = await prove(server, open.token, person.app.code())
  assert.equal(late.json().code, 'invalid_credentials', late.body)
  const other = await call(server, 'GET /me', undefined, as(person))
  assertProblem(other, 'session_ended')
  assert.equal((await call(server, 'GET /me', undefined, as(session))).statusCode, 200)
  assert.equal((await logIn(server, person.username)).statusCode, 200)
  const [entry] = (await auditEntries(server)).filter(({ type }) => type === 'factor_removed')
  assert.deepEqual([entry?.userId, entry?.detail], [person.user.id, 'totp'])
  const subjects = await subjectsTo(server, person.email, 3)
  assert.ok(subjects.includes('A way to sign in to localhost:3000 was removed'))
  assert.ok(deviceCookie(answer))
})

test('removing, new codes and the switch need a recent proof with both factors', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const session = await signedInFully(server, person)
  const attempts = (who: Opened) => [
    removeAs(server, who, person.factorId),
    renew(server, who),
    switchTo(server, who, false),
  ]
  const before = await server.database.client.recoveryCode.findMany()

  for (const attempt of attempts(person)) {
    const answer = await attempt
    assert.equal(answer.json().code, 'step_up_required', answer.body)
    assert.match(String(answer.headers['www-authenticate']), /acr_values="aal2"/)
  }
  server.clock.advance(601)
  for (const attempt of attempts(session)) {
    assert.equal((await attempt).json().code, 'step_up_required')
  }
  assert.deepEqual(await server.database.client.recoveryCode.findMany(), before)
  assert.equal(await secondFactorOf(server, person), true)

  const { challenge } = (await renew(server, session)).json()
  const stepped = await prove(server, challenge.token, person.app.code(), {
    access: session.access_token,
  })
  assert.equal(stepped.statusCode, 200, stepped.body)
  assert.equal((await renew(server, stepped.json())).statusCode, 201)
})

test('an app that comes back after its removal has a new seed; codes of the old one are wrong', async (t) => {
  const server = await startServer(t, { env })
  const { person, session } = await manager(server)
  assert.equal((await removeAs(server, session, person.factorId)).statusCode, 204)
  const next = await enrolled(server, { ...person, access_token: session.access_token })
  server.clock.advance(60)

  const { token } = await asked(server, next)

  assert.equal((await prove(server, token, person.app.code())).statusCode, 401)
  const [old = ''] = person.recoveryCodes
  assert.equal((await prove(server, token, old, { method: 'recovery_code' })).statusCode, 401)
  assert.equal((await prove(server, token, next.app.code())).statusCode, 200)
})

test('a retry with the key shows the same codes for a while; any other request makes new ones', async (t) => {
  const server = await startServer(t, { env })
  const { session } = await manager(server)

  const first = await renew(server, session, 'key')
  const again = await renew(server, session, 'key')
  const other = await renew(server, session, 'other')
  const late = await renew(server, session, 'key')
  const bare = await renew(server, session)

  const all = [first, again, other, late, bare]
  assert.deepEqual(statuses(all), { 201: 5 })
  const sets = all.map((answer) => JSON.stringify(answer.json().recoveryCodes))
  assert.equal(sets[0], sets[1])
  assert.equal(new Set(sets).size, 4)
  assert.equal(await server.database.client.recoveryCode.count(), 10)
  const made = (await auditEntries(server)).filter(({ type }) => type === 'recovery_codes_made')
  assert.equal(made.length, 4)
  assert.equal(await server.database.client.idempotentRequest.count(), 0)
})

test('20 requests for new codes at once leave one set, which is that of the last answer', async (t) => {
  const server = await startServer(t, { env })
  const { person, session } = await manager(server)

  const answers = await Promise.all(crowd(() => renew(server, session, 'key')).slice(0, 20))

  const good = answers.filter(({ statusCode }) => statusCode === 201)
  assert.ok(good.length > 0)
  assert.ok(answers.every(({ statusCode }) => [201, 503].includes(statusCode)))
  assert.equal(new Set(good.map(({ body }) => body)).size, 1)
  const [code = ''] = good[0]?.json().recoveryCodes ?? []
  const { token } = await asked(server, person)
  assert.equal((await prove(server, token, code, { method: 'recovery_code' })).statusCode, 200)
})

test('without a factor there are no codes and no switch', async (t) => {
  const server = await startServer(t, { env })
  const person = await verifiedUser(server)

  for (const answer of [await renew(server, person), await switchTo(server, person, true)]) {
    assertProblem(answer, 'second_factor_missing')
  }
  assert.equal((await switchTo(server, person, false)).statusCode, 200)
  assert.deepEqual((await factorsOf(server, person)).json(), { items: [], recoveryCodesLeft: 0 })
  const { credentialVersion } = await server.database.client.user.findUniqueOrThrow({
    where: { id: person.user.id },
  })
  assert.equal(credentialVersion, 1)
})

test('the switch decides whether the password is enough, and ends other sessions', async (t) => {
  const server = await startServer(t, { env })
  const { person, session } = await manager(server)

  const off = await switchTo(server, session, false)
  assert.equal(off.statusCode, 200, off.body)
  assert.equal(off.json().secondFactor, false)
  assert.ok(deviceCookie(off))
  assertProblem(await call(server, 'GET /me', undefined, as(person)), 'session_ended')
  const login = await logIn(server, person.username)
  assert.equal(login.statusCode, 200)

  const on = await switchTo(server, session, true)
  assert.equal(on.json().secondFactor, true)
  assertProblem(await call(server, 'GET /me', undefined, as(login.json())), 'session_ended')
  await asked(server, person)
  const changed = (await auditEntries(server)).filter(
    ({ type }) => type === 'second_factor_changed',
  )
  assert.deepEqual(
    changed.map(({ detail }) => detail),
    ['off', 'on'],
  )
  const subjects = await subjectsTo(server, person.email, 4)
  const told = subjects.filter((subject) => subject === 'Sign-ins to localhost:3000 have changed')
  assert.equal(told.length, 2)
})

test('a client that sends its whole account back changes no switch and needs no proof', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const me = (await call(server, 'GET /me', undefined, as(person))).json()

  const answer = await call(server, 'PATCH /me', { ...me, name: 'Ada' }, as(person))

  assert.deepEqual([answer.statusCode, answer.json()], [200, { ...me, name: 'Ada' }])
  const refused = await switchTo(server, person, false, { name: 'Eve' })
  assert.equal(refused.json().code, 'step_up_required')
  assert.deepEqual((await call(server, 'GET /me', undefined, as(person))).json(), {
    ...{ ...me, name: 'Ada' },
  })
})

test('of one removal from two sessions at once one is done, and the other session has ended', async (t) => {
  const server = await startServer(t, { env })
  for (let round = 0; round < 4; round++) {
    const { person, session } = await manager(server)
    const other = await signedInFully(server, person)

    const answers = await Promise.all([
      removeAs(server, session, person.factorId),
      removeAs(server, other, person.factorId),
    ])

    const { 204: done, ...rest } = statuses(answers)
    assert.equal(done, 1, JSON.stringify(rest))
    const [problem] = Object.keys(rest)
    assert.ok(['401 session_ended', '404 not_found'].includes(problem ?? ''), problem)
    const live = await server.database.client.session.count({
      where: { userId: person.user.id, revokedAt: null },
    })
    assert.equal(live, 1)
  }
})
