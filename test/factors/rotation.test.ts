// A new master secret: what was sealed and derived with the one before survives it.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  asked,
  begunTotp,
  type Enrolled,
  enrolled,
  FREE,
  prove,
  STEP,
} from '../support/enrolment.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const [OLD, NEW] = ['old', 'new'].map((name) => Buffer.from(`${name}-master-secret-`.repeat(4)))
assert.ok(OLD && NEW)
const secrets = { old: [OLD], both: [NEW, OLD], new: [NEW] }

type With = keyof typeof secrets

/** Servers on one database, each with its own list of secrets. */
async function servers(t: TestContext) {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env: FREE, masterSecrets: secrets.old })
  const start = (list: With) =>
    startServer(t, { url, env: FREE, clock: first.clock, masterSecrets: secrets[list] })
  return { first, start }
}

async function signsIn(server: TestServer, person: Enrolled, recoveryCode = '') {
  server.clock.advance(STEP)
  const { token } = await asked(server, person)
  const how = recoveryCode === '' ? {} : { method: 'recovery_code' }
  return (await prove(server, token, recoveryCode || person.app.code(), how)).statusCode
}

const seedOf = async ({ database }: TestServer, { factorId }: Enrolled) =>
  (await database.client.factor.findUniqueOrThrow({ where: { id: factorId } })).secret

test('apps, recovery codes and open challenges survive two listed secrets', async (t) => {
  const { first, start } = await servers(t)
  const person = await enrolled(first)
  first.clock.advance(STEP)
  const open = await asked(first, person)

  const both = await start('both')

  assert.equal((await prove(both, open.token, person.app.code())).statusCode, 200)
  assert.equal(await signsIn(both, person), 200)
  assert.equal(await signsIn(both, person, person.recoveryCodes[0]), 200)
})

test('a lost answer shows the same recovery codes after the change', async (t) => {
  const { first, start } = await servers(t)
  const person = await verifiedUser(first)
  const { token, app } = await begunTotp(first, person)
  const given = { access: person.access_token, key: 'key' }
  const code = app.code()
  const lost = await prove(first, token, code, given)

  const again = await prove(await start('both'), token, code, given)

  assert.deepEqual([again.statusCode, again.json()], [201, lost.json()])
})

test('seeds are sealed again, and then the old secret may go', async (t) => {
  const { first, start } = await servers(t)
  const people: Enrolled[] = []
  for (let count = 0; count < 3; count++) people.push(await enrolled(first))
  const [person] = people
  assert.ok(person)
  const before = await seedOf(first, person)

  const both = await start('both')
  const { resealing } = both.services
  await resealing.run(new AbortController().signal)
  const after = await seedOf(both, person)
  const again = await resealing.all()

  assert.notEqual(after, before)
  assert.deepEqual(again, { sealed: 0, lost: 0, days: 0, lostDays: 0 })
  const lines = both.logs.filter(({ msg }) => String(msg).startsWith('the seeds of all apps'))
  assert.deepEqual(
    lines.map(({ sealed }) => sealed),
    [3],
  )
  const without = await start('new')
  for (const one of people) {
    assert.equal(await signsIn(without, one), 200)
    assert.equal(await signsIn(without, one, one.recoveryCodes[0]), 200)
  }
})

test('an old secret that goes too early makes codes wrong, without an error; the log has the reason', async (t) => {
  const { first, start } = await servers(t)
  const person = await enrolled(first)
  // Its start seals the signing keys anew, and the seeds come later.
  await (await start('both')).close()

  const without = await start('new')

  assert.equal(await signsIn(without, person), 401)
  assert.equal(await signsIn(without, person, person.recoveryCodes[0]), 200)
  assert.deepEqual(await without.services.resealing.all(), {
    sealed: 0,
    lost: 1,
    days: 0,
    lostDays: 2,
  })
  assert.ok(without.logs.some(({ msg }) => msg === 'the seed of an app cannot be opened'))
})

test('with one secret no seed is looked at', async (t) => {
  const server = await startServer(t, { env: FREE })
  await enrolled(server)
  const before = server.queries.length

  await server.services.resealing.run(new AbortController().signal)

  assert.equal(server.queries.slice(before).filter((sql) => sql.includes('Factor')).length, 0)
})
