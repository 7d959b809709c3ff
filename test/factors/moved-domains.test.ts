// Second factors of owners whose passkeys belong to a domain that is no longer listed.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, type Opened, signedUp } from '../support/factories.ts'
import { login, personWithApp, signedInByApp } from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { givePasskey } from '../support/passkeys.ts'
import { assertProblem } from '../support/problems.ts'

const OLD = {
  PUBLIC_URL: 'https://auth.example.org',
  WEBAUTHN_RP_ID: 'auth.example.org',
}
const NEW = { ...OLD, WEBAUTHN_RP_ID: 'example.org' }
const wish = { origin: OLD.PUBLIC_URL, rpId: OLD.WEBAUTHN_RP_ID }

/** A server of before the change of the domain, and one of after it. */
async function moved(t: TestContext) {
  const url = await freshDatabase(t)
  const before = await startServer(t, { url, env: OLD })
  return { before, server: await startServer(t, { url, env: NEW, clock: before.clock }) }
}

const factorsOf = async (server: TestServer, { access_token }: Opened) =>
  (await call(server, 'GET /factors', undefined, bearer(access_token))).json().items as {
    id: string
    kind: string
    usable: boolean
  }[]

test('who has only passkeys of an old domain cannot shut himself out with the switch', async (t) => {
  const { before, server } = await moved(t)
  const person = await givePasskey(before, await signedUp(server), wish)
  const on = (to: TestServer) =>
    call(to, 'PATCH /me', { secondFactor: true }, bearer(person.access_token))

  assertProblem(await on(server), 'second_factor_missing')
  assert.equal((await login(server, person)).statusCode, 200)
  assert.equal((await on(before)).statusCode, 200)
})

test('without the last factor that works the password is enough, and old passkeys stay', async (t) => {
  const { before, server } = await moved(t)
  const person = await personWithApp(server)
  await givePasskey(before, person, wish)
  const session = (await signedInByApp(server, person)).json<Opened>()
  const app = (await factorsOf(server, session)).find(({ kind }) => kind === 'totp')

  const headers = bearer(session.access_token)
  const removed = await call(server, `DELETE /factors/${app?.id}`, undefined, headers)

  assert.equal(removed.statusCode, 204, removed.body)
  const me = (await call(server, 'GET /me', undefined, headers)).json()
  assert.equal(me.secondFactor, false)
  const left = await factorsOf(server, session)
  assert.deepEqual(
    left.map(({ kind, usable }) => [kind, usable]),
    [['passkey', false]],
  )
  assert.equal((await login(server, person)).statusCode, 200)
})
