// A session that ends while it changes a factor: "sign out everywhere" comes before the change, and
// stops it, or behind it (ASVS 5.0 7.4.1).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthenticator } from '../../src/testing/authenticator.ts'
import { call } from '../support/answers.ts'
import {
  beginAdding,
  begunTotp,
  enrolled,
  FREE,
  factorsOf,
  prove,
  signedInFully,
} from '../support/enrolment.ts'
import { bearer, type Opened, signedIn } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { answerByPasskey } from '../support/passkeys.ts'
import { assertProblem } from '../support/problems.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const env = FREE
const as = ({ access_token }: Opened) => bearer(access_token)

type Place = Record<string, (...given: never[]) => Promise<unknown>>

/** Does something when a function of the server is called, before it runs. */
function before(place: object, name: string, deed: () => Promise<unknown>): void {
  const functions = place as Place
  const run = functions[name]
  assert.ok(run)
  functions[name] = async (...given) => {
    functions[name] = run
    await deed()
    return run(...given)
  }
}

/** What the owner does in another session: all the others end, that of the thief with them. */
async function signOutOthers(server: TestServer, owner: Opened): Promise<void> {
  const answer = await call(server, 'DELETE /sessions', undefined, as(owner))
  assert.equal(answer.statusCode, 200, answer.body)
}

test('a session that ends while it adds an app or a passkey leaves none', async (t) => {
  const server = await startServer(t, { env })
  const { recoveryCodes } = server.services

  for (const kind of ['totp', 'passkey']) {
    const thief = await verifiedUser(server)
    const owner = await signedIn(server, thief)
    const answerLater = kind === 'totp' ? await app(server, thief) : await passkey(server, thief)
    before(recoveryCodes, 'prepare', () => signOutOthers(server, owner))

    assertProblem(await answerLater(), 'challenge_over')

    const { items, recoveryCodesLeft } = (await factorsOf(server, owner)).json()
    assert.deepEqual([items, recoveryCodesLeft], [[], 0])
    const me = await call(server, 'GET /me', undefined, as(owner))
    assert.deepEqual([me.statusCode, me.json().secondFactor], [200, false])
  }
})

async function app(server: TestServer, person: Opened) {
  const begun = await begunTotp(server, person)
  const code = begun.app.code()
  return () => prove(server, begun.token, code, { access: person.access_token })
}

async function passkey(server: TestServer, person: Opened) {
  const begun = (await beginAdding(server, person, 'add_passkey')).json()
  const device = createAuthenticator({ userHandle: begun.passkey.user.id })
  const credential = device.create(begun.passkey.challenge)
  return () => answerByPasskey(server, begun.token, credential, as(person))
}

test('a session that ends while it removes, renews or switches changes nothing', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)

  for (const [line, body] of [
    [`DELETE /factors/${person.factorId}`, undefined],
    ['POST /factors/recovery-codes', undefined],
    ['PATCH /me', { secondFactor: false }],
  ] as const) {
    const thief = await signedInFully(server, person)
    const owner = await signedInFully(server, person)
    before(server.services.sessions, 'endInTransaction', () => signOutOthers(server, owner))

    const refused = await call(server, line, body, as(thief))

    assertProblem(refused, 'session_ended')
    const { items, recoveryCodesLeft } = (await factorsOf(server, owner)).json()
    assert.deepEqual([items.length, recoveryCodesLeft], [1, 10])
    const me = await call(server, 'GET /me', undefined, as(owner))
    assert.deepEqual([me.statusCode, me.json().secondFactor], [200, true])
  }
})
