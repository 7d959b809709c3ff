// The last way in to an account stays: password, passkey or provider, removed one by one or at
// once.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { UserId } from '../../src/platform/ids.ts'
import { newAccount } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { bearer, type Opened, PASSWORD, type Person } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { givePasskey, passkeysOf } from '../support/passkeys.ts'
import { assertProblem } from '../support/problems.ts'
import { answerBack, returned, signInBy, withProvider } from '../support/providers.ts'
import { QUIET } from '../support/resets.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const PEOPLE = Object.fromEntries(
  ['one', 'other', 'third'].map((login) => [
    login,
    { email: `${login}@provider.example`, email_verified: true },
  ]),
)

async function placeOf(t: TestContext) {
  const place = await withProvider(t, PEOPLE, { env: QUIET })
  const { server, provider } = place
  const arrive = async (login: string): Promise<Person> => {
    server.clock.advance(1)
    const answer = await signInBy(server, provider, login)
    assert.ok([200, 201].includes(answer.statusCode), answer.body)
    const body = answer.json<Opened>()
    return { ...body, username: body.user.username, email: body.user.email, cookie: undefined }
  }
  const add = async ({ access_token: token }: Opened, login: string): Promise<string> => {
    const back = await returned(server, provider, login, { purpose: 'add_identity', token })
    const answer = await answerBack(server, back, {}, bearer(token))
    assert.equal(answer.statusCode, 201, answer.body)
    return answer.json().id
  }
  return { ...place, arrive, add }
}

async function identityIds(server: TestServer, { access_token }: Opened): Promise<string[]> {
  const answer = await call(server, 'GET /identities', undefined, bearer(access_token))
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<{ items: { id: string }[] }>().items.map(({ id }) => id)
}

const remove = (server: TestServer, { access_token }: Opened, path: string) =>
  call(server, `DELETE ${path}`, undefined, bearer(access_token))

async function onlyPasskey(server: TestServer, person: Person): Promise<string> {
  const [passkey] = await passkeysOf(server, person)
  assert.ok(passkey)
  return passkey.id
}

test('the only identity of an account without a password stays', async (t) => {
  const { server, arrive } = await placeOf(t)
  const person = await arrive('one')
  const [id] = await identityIds(server, person)

  assertProblem(await remove(server, person, `/identities/${id}`), 'last_credential')

  assert.deepEqual(await identityIds(server, person), [id])
  const row = await server.database.client.user.findUniqueOrThrow({
    where: { id: person.user.id },
  })
  assert.equal(row.credentialVersion, 1, 'nothing has changed')
  assert.equal((await arrive('one')).user.id, person.user.id)
})

test('of two identities either one goes, and the other stays', async (t) => {
  const { server, arrive, add } = await placeOf(t)
  const person = await arrive('one')
  const [first] = await identityIds(server, person)
  const second = await add(person, 'other')

  assert.equal((await remove(server, person, `/identities/${first}`)).statusCode, 204)
  assertProblem(await remove(server, person, `/identities/${second}`), 'last_credential')
  assert.equal((await arrive('other')).user.id, person.user.id)
})

test('a password or a passkey is another way in', async (t) => {
  const { server, arrive, add } = await placeOf(t)
  const withPassword = await verifiedUser(server)
  const own = await add(withPassword, 'other')
  const person = await givePasskey(server, await arrive('one'))
  const [identity] = await identityIds(server, person)
  const passkey = await onlyPasskey(server, person)

  assert.equal((await remove(server, withPassword, `/identities/${own}`)).statusCode, 204)
  assert.equal((await remove(server, person, `/identities/${identity}`)).statusCode, 204)
  assertProblem(await remove(server, person, `/factors/${passkey}`), 'last_credential')
  assert.equal((await passkeysOf(server, person)).length, 1)
  const again = await add(person, 'one')
  assert.equal((await remove(server, person, `/factors/${passkey}`)).statusCode, 204)
  assert.deepEqual(await identityIds(server, person), [again])
})

test('a passkey that this server does not take signs nobody in', async (t) => {
  const { server, arrive } = await placeOf(t)
  const person = await givePasskey(server, await arrive('one'))
  const [identity] = await identityIds(server, person)
  const data = { rpId: 'gone.example.org' }
  await server.database.client.factor.updateMany({ data })

  assertProblem(await remove(server, person, `/identities/${identity}`), 'last_credential')
})

test('of two removals at once, at two servers, one is refused', async (t) => {
  const { server, url, settings, arrive, add } = await placeOf(t)
  const other = await startServer(t, { url, env: settings, clock: server.clock })
  const person = await arrive('one')
  for (let round = 0; round < 5; round++) {
    await add(person, 'one')
    await add(person, 'other')
    const ids = await identityIds(server, person)
    assert.equal(ids.length, 2)

    const answers = await Promise.all(
      ids.map((id, at) => remove(at === 0 ? server : other, person, `/identities/${id}`)),
    )

    const codes = answers.map(({ statusCode }) => statusCode).sort()
    assert.deepEqual(codes, [204, 409])
    assert.equal((await identityIds(server, person)).length, 1)
  }
})

test('an identity and a passkey removed at once leave one of them', async (t) => {
  const { server, url, settings, arrive } = await placeOf(t)
  const other = await startServer(t, { url, env: settings, clock: server.clock })
  const person = await givePasskey(server, await arrive('one'))
  const [identity] = await identityIds(server, person)
  const passkey = await onlyPasskey(server, person)

  const answers = await Promise.all([
    remove(server, person, `/identities/${identity}`),
    remove(other, person, `/factors/${passkey}`),
  ])

  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [204, 409])
  const left = [await identityIds(server, person), await passkeysOf(server, person)]
  assert.equal(left.flat().length, 1)
})

test('an old session without a password signs in again', async (t) => {
  const { server, arrive, add } = await placeOf(t)
  const person = await arrive('one')
  const id = await add(person, 'other')
  server.clock.advance(800)

  const refused = await remove(server, person, `/identities/${id}`)
  const { challenge } = refused.json()
  assertProblem(refused, 'step_up_required', {
    detail: 'Sign in with your provider once more.',
    ...{ members: { challenge }, authenticate: ', max_age=600' },
  })
  assert.deepEqual(challenge.methods, [])
  const fresh = await arrive('one')

  assert.equal((await remove(server, fresh, `/identities/${id}`)).statusCode, 204)
})

test('an account that is deleted frees its identity', async (t) => {
  const { server, arrive, add } = await placeOf(t)
  const person = await verifiedUser(server)
  await add(person, 'one')
  const body = { currentPassword: PASSWORD }

  const deleted = await call(server, 'DELETE /me', body, bearer(person.access_token))

  assert.equal(deleted.statusCode, 204, deleted.body)
  assert.equal(await server.database.client.identity.count(), 0)
  assert.notEqual((await arrive('one')).user.id, person.user.id)
})

test('the export shows the identities, and those of nobody else', async (t) => {
  const { server, arrive, add } = await placeOf(t)
  const person = await arrive('one')
  await arrive('third')
  await add(person, 'other')

  const answer = await call(server, 'GET /me/export', undefined, bearer(person.access_token))

  assert.equal(answer.statusCode, 200, answer.body)
  const { identities } = answer.json<{ identities: { subject: string; email: string }[] }>()
  assert.deepEqual(
    identities.map(({ subject, email }) => [subject, email]),
    ['one', 'other'].map((login) => [login, `${login}@provider.example`]),
  )
})

test('an administrator without a password counts as one', async (t) => {
  const { server, arrive } = await placeOf(t)
  const { username } = await arrive('one')
  const first = await newAccount(server, { role: 'admin' })
  await operator(server).changeRole(username, 'admin')

  await operator(server).changeRole(first.username, 'user')

  const LAST = /last enabled administrator/
  await assert.rejects(operator(server).changeRole(username, 'user'), LAST)
  await assert.rejects(operator(server).disable(username), LAST)
})

test('an identity whose provider the settings do not list any more is not a way in', async (t) => {
  const { server, arrive } = await placeOf(t)
  const person = await arrive('one')
  const { client } = server.database
  const { services } = server
  const facts = { issuer: 'https://gone.example', subject: 'one', provider: 'gone', email: null }
  const userId = person.user.id as UserId
  await client.$transaction((tx) => services.identityStore.insert(tx, userId, facts, true))
  const all = await client.identity.findMany({ where: { userId } })
  const idOf = (name: string) => all.find((one) => one.provider === name)?.id

  assertProblem(await remove(server, person, `/identities/${idOf('real')}`), 'last_credential')
  const gone = await remove(server, person, `/identities/${idOf('gone')}`)
  assert.equal(gone.statusCode, 204, gone.body)
})
