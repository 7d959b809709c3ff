// Passkeys that are added to an account (ASVS 5.0 7.5.1). What makes one: new-passkeys.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthenticator } from '../../src/testing/authenticator.ts'
import { auditEntries, call, UUID_V7 } from '../support/answers.ts'
import { beginAdding, FREE, factorsOf } from '../support/enrolment.ts'
import { bearer, type Opened, type Person, refresh, signedIn } from '../support/factories.ts'
import { challengeIn } from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import {
  answerByPasskey,
  begunByPasskey,
  givePasskey,
  handleOf,
  passkeysOf,
} from '../support/passkeys.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import { subjectsTo } from '../support/resets.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const WRONG = { detail: 'The proof is wrong.', members: { attemptsLeft: 4 } }

test('a passkey is added, with recovery codes behind the first factor, and signs in', async (t) => {
  const server = await startServer(t, { env: FREE })
  const person = await verifiedUser(server)
  const elsewhere = await signedIn(server, person)
  const before = await userOf(server, person)

  const { token, passkey, ...view } = await begunAdding(server, person)
  const authenticator = createAuthenticator({ userHandle: passkey.user.id })
  const credential = authenticator.create(passkey.challenge)
  const answer = await add(server, person, token, credential, { name: 'Phone' })

  assert.deepEqual(view, { purpose: 'add_passkey', methods: ['passkey'], expiresIn: 600 })
  assert.equal(passkey.user.id, handleOf(person))
  assert.equal(answer.statusCode, 201, answer.body)
  const { id, recoveryCodes, ...factor } = answer.json()
  const { id: credentialId } = credential
  const createdAt = new Date(server.clock()).toISOString()
  assert.match(id, UUID_V7)
  assert.equal(recoveryCodes.length, 10)
  assert.deepEqual(factor, {
    ...{ kind: 'passkey', name: 'Phone', createdAt, lastUsedAt: null },
    ...{ usable: true, backedUp: false, credentialId, rpId: 'localhost' },
  })
  assert.deepEqual(await userOf(server, person), before)
  assert.equal((await refresh(server, elsewhere.refresh_token)).statusCode, 200)
  const { type, detail } = (await auditEntries(server)).at(-1) ?? {}
  assert.deepEqual([type, detail], ['factor_added', 'passkey'])
  const subjects = await subjectsTo(server, person.email, 2)
  assert.ok(subjects.includes('A new way to sign in to localhost:3000'), String(subjects))
  const begun = await begunByPasskey(server)
  const signIn = authenticator.use(begun.passkey.challenge)
  assert.equal((await answerByPasskey(server, begun.token, signIn)).statusCode, 200)
})

test('a second passkey brings no recovery codes, and a browser is told of the first', async (t) => {
  const server = await startServer(t, { env: FREE })
  const person = await givePasskey(server, await verifiedUser(server))

  const { token, passkey } = await begunAdding(server, person)
  const credential = createAuthenticator().create(passkey.challenge)
  const answer = await add(server, person, token, credential)

  assert.deepEqual(
    passkey.excludeCredentials.map(({ id }) => id),
    [person.passkey.id],
  )
  assert.equal(answer.statusCode, 201, answer.body)
  assert.ok(!('recoveryCodes' in answer.json()))
  assert.equal((await factorsOf(server, person)).json().items.length, 2)
})

test('a lost answer comes again with the same passkey and codes, and many at once add one', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env: FREE })
  const second = await startServer(t, { url, env: FREE, clock: first.clock })
  const person = await verifiedUser(first)
  const { token, passkey } = await begunAdding(first, person)
  const credential = createAuthenticator().create(passkey.challenge)

  const answers = await Promise.all(
    crowd((index) =>
      add(index % 2 ? first : second, person, token, credential, { key: 'one-key' }),
    ),
  )

  assert.deepEqual(statuses(answers), { 201: 50 })
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1)
  assert.equal((await passkeysOf(first, person)).length, 1)
})

test('a credential is added once, by the owner and by others', async (t) => {
  const server = await startServer(t, { env: FREE })
  const one = await verifiedUser(server)
  const other = await verifiedUser(server)
  const authenticator = createAuthenticator()
  const adding = [one, other, one, other].map(async (person) => {
    const { token, passkey } = await begunAdding(server, person)
    return add(server, person, token, authenticator.create(passkey.challenge))
  })

  const answers = await Promise.all(adding)
  const { token, passkey } = await begunAdding(server, other)
  const late = await add(server, other, token, authenticator.create(passkey.challenge))

  assert.equal(answers.filter(({ statusCode }) => statusCode === 201).length, 1)
  assert.ok(answers.every(({ statusCode }) => [201, 401, 410].includes(statusCode)))
  assertProblem(late, 'invalid_credentials', WRONG)
})

test('an account has 20 passkeys at most, and the one too many uses nothing up', async (t) => {
  const server = await startServer(t, { env: FREE })
  const person = await verifiedUser(server)
  for (let count = 0; count < 19; count++) await givePasskey(server, person)
  const begun = await Promise.all([1, 2, 3].map(() => begunAdding(server, person)))
  const credentials = begun.map(({ passkey }) => createAuthenticator().create(passkey.challenge))
  const addOne = (index: number) =>
    add(server, person, begun[index]?.token ?? '', credentials[index] ?? {})

  const answers = await Promise.all([0, 1, 2].map(addOne))
  const full = await beginAdding(server, person, 'add_passkey')
  const rows = await passkeysOf(server, person)
  await server.database.client.factor.delete({ where: { id: rows[0]?.id ?? '' } })
  const later = await addOne(answers.findIndex(({ statusCode }) => statusCode === 409))

  assert.deepEqual(statuses(answers), { 201: 1, '409 limit_reached': 2 })
  assertProblem(full, 'limit_reached', { detail: 'You have 20 passkeys; remove one first.' })
  assert.equal(rows.length, 20)
  assert.equal(later.statusCode, 201, later.body)
})

test('a wrong attestation is a wrong proof, and the right one works after it', async (t) => {
  const server = await startServer(t, { env: FREE })
  const person = await verifiedUser(server)
  const { token, passkey } = await begunAdding(server, person)
  const authenticator = createAuthenticator()
  const client = { origin: 'https://evil.example' }

  const wrong = await add(
    server,
    person,
    token,
    authenticator.create(passkey.challenge, { client }),
  )
  const right = await add(server, person, token, authenticator.create(passkey.challenge))

  assertProblem(wrong, 'invalid_credentials', WRONG)
  assert.equal(right.statusCode, 201, right.body)
})

test('only the session that has begun adds the passkey', async (t) => {
  const server = await startServer(t, { env: FREE })
  const person = await verifiedUser(server)
  const stranger = await verifiedUser(server)
  const elsewhere = await signedIn(server, person)
  const { token, passkey } = await begunAdding(server, person)
  const credential = createAuthenticator().create(passkey.challenge)

  for (const session of [stranger, elsewhere]) {
    assertProblem(await add(server, session, token, credential), 'challenge_over')
  }
  assertProblem(await answerByPasskey(server, token, credential), 'unauthenticated')
  assertProblem(
    await call(server, 'POST /challenges', { purpose: 'add_passkey' }),
    'unauthenticated',
  )
  assert.equal((await add(server, person, token, credential)).statusCode, 201)
})

test('adding a passkey needs a recent proof', async (t) => {
  const server = await startServer(t, { env: { ...FREE, ACCESS_TOKEN_TTL: '1h' } })
  const person = await verifiedUser(server)
  server.clock.advance(601)

  const refused = await beginAdding(server, person, 'add_passkey')

  assert.equal(refused.json().code, 'step_up_required')
  assert.equal(challengeIn(refused).purpose, 'step_up')
})

test('where the server has no domain, no passkey can be added', async (t) => {
  const env = { ...FREE, PUBLIC_URL: 'http://127.0.0.1:3000' }
  const server = await startServer(t, { env })

  const refused = await beginAdding(server, await verifiedUser(server), 'add_passkey')

  assertProblem(refused, 'not_found', { detail: 'This server does not offer this purpose.' })
})

type Begun = {
  token: string
  passkey: { challenge: string; user: { id: string }; excludeCredentials: { id: string }[] }
}

async function begunAdding(server: TestServer, session: Opened): Promise<Begun> {
  const answer = await beginAdding(server, session, 'add_passkey')
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json<Begun>()
}

function add(
  server: TestServer,
  { access_token }: Opened,
  token: string,
  credential: object,
  { name, key }: { name?: string; key?: string } = {},
) {
  const body = { challenge: token, method: 'passkey', credential, ...(name ? { name } : {}) }
  const headers = { ...bearer(access_token), ...(key ? { 'idempotency-key': key } : {}) }
  return call(server, 'POST /challenges/answer', body, headers)
}

/** What a passkey as a convenience must not change. */
function userOf({ database }: TestServer, { user }: Person) {
  return database.client.user.findUniqueOrThrow({
    where: { id: user.id },
    select: { credentialVersion: true, secondFactor: true },
  })
}
