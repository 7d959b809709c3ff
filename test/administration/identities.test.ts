// What administrators see of outside providers, and take away.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { OPERATOR } from '../../src/platform/actor.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { eventsOf, newAccount } from '../support/administration.ts'
import { call } from '../support/answers.ts'
import { newIdentity } from '../support/callers.ts'
import { refresh, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { staffed } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { signInBy, withProvider } from '../support/providers.ts'
import {
  answerReset,
  codeIn,
  linkIn,
  mailsTo,
  NEW_PASSWORD,
  subjectsTo,
} from '../support/resets.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }
/** It sends no mails without SMTP_URL. */
const PRODUCTION = {
  ...{ NODE_ENV: 'production', SECRET: randomBytes(48).toString('base64url') },
  ...{ PUBLIC_URL: 'https://auth.example.org', TRUST_PROXY: '127.0.0.1' },
  ...{ ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5', RATE_LIMITS: 'on' },
}
/** The provider of `newIdentity`. */
const LISTED = {
  ...{ OIDC_PROVIDERS: 'nobody', OIDC_NOBODY_ISSUER: 'https://id.example.com' },
  OIDC_NOBODY_CLIENT_ID: 'latchkey',
}
const NOBODY = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'
const ADA = { email: 'ada@example.com', email_verified: true, preferred_username: 'ada' }

type Shown = { id: string; provider: string; issuer: string; subject: string }

test('an administrator sees what its owner sees, and what tells two identities apart', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const person = (await signInBy(server, provider, 'one')).json()
  const admin = await newAdmin(server)

  const own = await ask(server, 'GET /identities', person)
  const seen = await ask(server, `GET /admin/users/${person.user.id}/identities`, admin)

  const [identity] = own.json<{ items: Shown[] }>().items
  const more = { issuer: provider.issuer, subject: 'one' }
  assert.deepEqual(seen.json(), { items: [{ ...identity, ...more }] })
  assertProblem(await ask(server, `GET /admin/users/${NOBODY}/identities`, admin), 'not_found', {
    detail: 'There is no such account.',
  })
})

test('who has lost the last identity to an administrator gets in by a new password', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const person = (await signInBy(server, provider, 'one')).json()
  const admin = await newAdmin(server)
  const url = `/admin/users/${person.user.id}`
  const { items } = (await ask(server, `GET ${url}/identities`, admin)).json()
  const { credentialVersion: before } = await rowOf(server, person.user.id)

  const removed = await ask(server, `DELETE ${url}/identities/${items[0].id}`, admin)

  assert.equal(removed.statusCode, 204, removed.body)
  assertProblem(await refresh(server, person.refresh_token), 'session_ended')
  const { credentialVersion, passwordHash } = await rowOf(server, person.user.id)
  assert.deepEqual([credentialVersion, passwordHash], [before + 1, null])
  const [event] = (await eventsOf(server, person.user.id)).slice(-1)
  assert.deepEqual(event, { type: 'identity_removed', detail: 'real' })
  const { actorId } = await server.database.client.auditEvent.findFirstOrThrow({
    where: { type: 'identity_removed' },
  })
  assert.equal(actorId, admin.user.id)
  assert.equal((await ask(server, `POST ${url}/reset-mail`, admin)).statusCode, 202)
  const reset = (await mailsTo(server, ADA.email, 2)).find(({ text }) => /https?:/.test(text))
  assert.ok(reset)
  const { challenge = '' } = linkIn(reset).fields
  assert.equal((await answerReset(server, challenge, codeIn(reset))).statusCode, 200)
  const signedIn = await call(server, 'POST /login', { username: 'ada', password: NEW_PASSWORD })
  assert.equal(signedIn.statusCode, 200)
})

test('an identity is found under its own account alone, and its owner is told of its end', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const [person, other] = [await signedUp(server), await signedUp(server)]
  const id = await newIdentity(server, person.user.id)

  for (const [user, identity] of [
    [other.user.id, id],
    [person.user.id, NOBODY],
  ]) {
    const answer = await ask(server, `DELETE /admin/users/${user}/identities/${identity}`, admin)
    assertProblem(answer, 'not_found', { detail: 'The account has no identity with this id.' })
  }
  const done = await ask(server, `DELETE /admin/users/${person.user.id}/identities/${id}`, admin)

  assert.equal(done.statusCode, 204)
  assert.equal((await subjectsTo(server, person.email, 1)).length, 1)
  assert.deepEqual(await subjectsTo(server, other.email, 0), [])
})

test('a removal needs a recent proof', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const { id } = await newAccount(server)
  const identity = await newIdentity(server, id)
  server.clock.advance(601)

  const answer = await ask(server, `DELETE /admin/users/${id}/identities/${identity}`, {
    access_token: (await refresh(server, admin.refresh_token)).json().access_token,
  })

  assert.equal(answer.json().code, 'step_up_required')
  assert.equal(await server.database.client.identity.count(), 1)
})

for (const [mails, settings] of [
  ['nobody has proven the address', {}],
  ['the server sends no mails', PRODUCTION],
] as const) {
  test(`the last way in of the last administrator stays where ${mails}`, async (t) => {
    const server = await startServer(t, { env: { ...env, ...LISTED, ...settings } })
    const { id } = await newAccount(server, { role: 'admin' })
    const emailVerified = mails.includes('sends')
    const data = { passwordHash: null, emailVerified }
    await server.database.client.user.update({ where: { id }, data })
    const [first, second] = [await newIdentity(server, id), await newIdentity(server, id)]
    const { administration } = server.services
    const remove = (identity: string) =>
      administration.removeIdentity(id as UserId, identity, OPERATOR)

    await remove(first)
    await assert.rejects(remove(second), /last enabled administrator/)
    assert.equal(await server.database.client.identity.count(), 1)
    await newAccount(server, { role: 'admin' })
    await remove(second)

    assert.equal(await server.database.client.identity.count(), 0)
  })
}

test('user identities and user remove-identity do the same at the command line', async (t) => {
  const { server, run, json } = await staffed(t)
  const { user, username } = await signedUp(server)
  const none = await run(`user identities ${username}`)
  const id = await newIdentity(server, user.id)

  const { items } = await json<{ items: Shown[] }>(`user identities ${username}`)
  const plain = await run(`user identities ${username}`)
  const list = await run('user list')
  const removed = await json(`user remove-identity ${username} ${id} --yes`)
  const again = await run(`user remove-identity ${username} ${id}`)

  assert.equal(none.out, `No outside provider signs in to ${username}.\n`)
  assert.deepEqual(
    items.map(({ id: one, provider, issuer }) => [one, provider, issuer]),
    [[id, 'nobody', 'https://id.example.com']],
  )
  assert.match(plain.out, new RegExp(`^${id} +nobody +- +used: never +https://id.example.com `))
  assert.match(list.out, /identities: 1/)
  assert.deepEqual(removed, { user: username, identity: id })
  assert.equal(again.code, 1)
  assert.match(again.err, /no identity with this id/)
  assert.equal(await server.database.client.identity.count(), 0)
})

const rowOf = ({ database }: TestServer, id: string) =>
  database.client.user.findUniqueOrThrow({ where: { id } })
