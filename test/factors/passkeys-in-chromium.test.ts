// runs once
// Passkeys in a real browser, with its virtual authenticator.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { auditTypes, call } from '../support/answers.ts'
import { skipWithoutChromium } from '../support/browser.ts'
import {
  addAuthenticator,
  type BrowserWithPasskeys,
  createIn,
  goTo,
  openPasskeyBrowser,
  useIn,
} from '../support/browser-passkeys.ts'
import { beginAdding, FREE, factorsOf } from '../support/enrolment.ts'
import { bearer, type Opened, type Person } from '../support/factories.ts'
import { challengeIn, login } from '../support/factors.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import {
  answerByPasskey,
  askForFactor,
  begunByPasskey,
  type PasskeyView,
} from '../support/passkeys.ts'
import { verifiedUser } from '../support/sign-in-codes.ts'

const skip = skipWithoutChromium('passkeys')

test('a passkey is made, is not made twice on a device, and signs in by itself', {
  skip,
}, async (t) => {
  const { server, person, browser } = await scene(t)

  const added = await addIn(browser, server, person)
  const again = await begunAdding(server, person)
  const twice = await createIn(browser, again.passkey)
  const signedIn = await signInWith(browser, server)

  assert.equal(added.statusCode, 201, added.body)
  assert.equal(twice, 'InvalidStateError')
  assert.equal(signedIn.statusCode, 200, signedIn.body)
  assert.equal(signedIn.json().user.id, person.user.id)
  assert.deepEqual(await amrOf(server, signedIn.json()), ['hwk', 'user', 'mfa'])
})

test('a page offers passkeys in a form, before anybody has typed a name', { skip }, async (t) => {
  const { server, person, browser } = await scene(t)
  await addIn(browser, server, person)

  const { token, passkey } = await begunByPasskey(server)
  const credential = await useIn(browser, passkey, 'conditional')
  const answer = await answerByPasskey(server, token, made(credential))

  assert.equal(answer.statusCode, 200, answer.body)
})

test('a passkey works on another port than the one where it was made', { skip }, async (t) => {
  const { server, person, browser, port } = await scene(t)
  await addIn(browser, server, person)

  await goTo(browser, port + 1 > 65_535 ? port - 1 : port + 1)
  const answer = await signInWith(browser, server)

  assert.equal(answer.statusCode, 200, answer.body)
})

test('a device that cannot verify its user is a second factor, and does not sign in alone', {
  skip,
}, async (t) => {
  const { server, person, browser } = await scene(t, { hasUserVerification: false })
  await addIn(browser, server, person)
  await askForFactor(server, person)

  const alone = await begunByPasskey(server)
  const refused = await useIn(browser, { ...alone.passkey, timeout: 2000 })
  const challenge = challengeIn<PasskeyView>(await login(server, person))
  const beside = await useIn(browser, challenge.passkey)
  const answer = await answerByPasskey(server, challenge.token, made(beside))
  // A page that asks for less than it was told gets less.
  const lax = await useIn(browser, {
    ...alone.passkey,
    userVerification: 'discouraged',
    allowCredentials: challenge.passkey.allowCredentials,
  })

  assert.equal(refused, 'NotAllowedError')
  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(await amrOf(server, answer.json()), ['pwd', 'hwk', 'mfa'])
  assert.equal((await answerByPasskey(server, alone.token, made(lax))).statusCode, 401)
})

test('a passkey of a cloud says so', { skip }, async (t) => {
  const { server, person, browser } = await scene(t, {
    ...{ defaultBackupEligibility: true, defaultBackupState: true },
  })

  await addIn(browser, server, person)
  const answer = await signInWith(browser, server)

  assert.deepEqual(await amrOf(server, answer.json()), ['swk', 'user', 'mfa'])
  const [item] = (await factorsOf(server, person)).json().items
  assert.deepEqual([item.kind, item.usable, item.backedUp], ['passkey', true, true])
})

test('a copy of a passkey is found out by its counter', { skip }, async (t) => {
  const { server, person, browser } = await scene(t)
  const { devTools, authenticatorId } = browser
  await addIn(browser, server, person)
  await signInWith(browser, server)
  const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId })
  const [original] = credentials
  assert.ok(original && original.signCount > 0)

  assert.equal((await signInWith(browser, server)).statusCode, 200)
  await devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  const copy = await addAuthenticator(devTools)
  await devTools.send('WebAuthn.addCredential', {
    ...{ authenticatorId: copy, credential: original },
  })
  const refused = await signInWith(browser, server)

  assert.equal(refused.statusCode, 401, refused.body)
  assert.ok((await auditTypes(server)).includes('factor_cloned'))
})

async function scene(t: TestContext, traits: Parameters<typeof openPasskeyBrowser>[1] = {}) {
  const server = await startServer(t, { env: FREE })
  const person = await verifiedUser(server)
  await server.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.app.server.address() as AddressInfo
  const browser = await openPasskeyBrowser(t, traits)
  await goTo(browser, port)
  return { server, person, browser, port }
}

type Begun = { token: string; passkey: object }

async function begunAdding(server: TestServer, person: Person): Promise<Begun> {
  return (await beginAdding(server, person, 'add_passkey')).json<Begun>()
}

async function addIn(browser: BrowserWithPasskeys, server: TestServer, person: Person) {
  const { token, passkey } = await begunAdding(server, person)
  const credential = made(await createIn(browser, passkey))
  return answerByPasskey(server, token, credential, bearer(person.access_token))
}

async function signInWith(browser: BrowserWithPasskeys, server: TestServer) {
  const { token, passkey } = await begunByPasskey(server)
  return answerByPasskey(server, token, made(await useIn(browser, passkey)))
}

function made(result: object | string): object {
  assert.equal(typeof result, 'object', String(result))
  return result as object
}

async function amrOf(server: TestServer, { access_token }: Opened): Promise<string[]> {
  const claims = await call(server, 'GET /verify', undefined, bearer(access_token))
  return claims.json().amr
}
