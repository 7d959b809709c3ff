import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LatchkeyOptions } from '../../client/src/index.ts'
import {
  addPasskey,
  answerWithPasskey,
  followUser,
  removePasskey,
  signInWithPasskey,
} from '../../client/src/passkeys.ts'
import { newcomer, until } from '../support/clients.ts'
import { FREE } from '../support/enrolment.ts'
import { PASSWORD, type Person } from '../support/factories.ts'
import { fakeBrowser } from '../support/fake-authenticators.ts'
import { answerLost, clientOf, listeningServer } from '../support/network.ts'
import { askForFactor, handleOf } from '../support/passkeys.ts'

// Passkeys by the client, in a browser that is made of software.

const ANSWER = 'POST /challenges/answer'
const BEGIN = 'POST /challenges'

type Wish = Partial<LatchkeyOptions> & { hasJson?: boolean }

/** Somebody who is signed in on a page, and has a device for passkeys. */
async function scene(t: TestContext, { hasJson = true, ...options }: Wish = {}) {
  const server = await listeningServer(t, { env: FREE })
  const browser = fakeBrowser(t, { hasJson })
  const client = clientOf(server.baseUrl, { onStepUp: answerWithPasskey, ...options })
  const person = newcomer()
  const user = (await client.latchkey.register(person)) as Person['user']
  const where = { id: user.id }
  await server.database.client.user.update({ where, data: { emailVerified: true } })
  return { server, browser, ...client, person, user }
}

/** The same somebody, signed out, with a passkey. */
async function withPasskey(t: TestContext, wish: Wish = {}) {
  const place = await scene(t, wish)
  const factor = await addPasskey(place.latchkey, { name: 'Laptop' })
  assert.ok(factor)
  await place.latchkey.signOut()
  return { ...place, factor }
}

for (const hasJson of [true, false]) {
  const which = hasJson ? 'a new' : 'an old'
  test(`${which} browser adds a passkey once, and signs in with it though answers get lost`, async (t) => {
    const { latchkey, network, browser, person } = await scene(t, { hasJson })
    network.befall(ANSWER, answerLost)

    const factor = await addPasskey(latchkey, { name: 'Laptop' })
    await assert.rejects(addPasskey(latchkey), { name: 'InvalidStateError' })
    await latchkey.signOut()
    network.befall(ANSWER, answerLost)
    const user = await signInWithPasskey(latchkey)

    assert.deepEqual([factor?.name, factor?.recoveryCodes?.length], ['Laptop', 10])
    assert.equal(user?.username, person.username)
    assert.equal(latchkey.user?.username, person.username)
    const { items } = await latchkey.factors.list()
    assert.deepEqual(
      items.map(({ kind, usable, credentialId }) => [kind, usable, credentialId]),
      [['passkey', true, browser.passkeys[0]?.id]],
    )
  })
}

for (const transport of ['body', 'cookie'] as const) {
  test(`a passkey is a second factor and a recent proof (${transport})`, async (t) => {
    const { server, latchkey, person, user, factor } = await withPasskey(t, { transport })
    await askForFactor(server, { user } as Person)

    await latchkey.signIn({ username: person.username, password: PASSWORD })
    server.clock.advance(601)
    await latchkey.factors.rename(factor.id, 'Old laptop')
    const codes = await latchkey.factors.recoveryCodes()

    assert.equal(codes.length, 10)
    assert.equal(latchkey.user?.username, person.username)
  })
}

test('a user who cancels is where he was', async (t) => {
  const { latchkey, browser, network } = await scene(t)
  browser.state.act = 'cancel'

  assert.equal(await addPasskey(latchkey), undefined)
  await latchkey.signOut()
  assert.equal(await signInWithPasskey(latchkey), undefined)

  browser.state.act = 'wait'
  const controller = new AbortController()
  const signIn = signInWithPasskey(latchkey, { signal: controller.signal })
  await until(() => browser.state.running === 1)
  controller.abort()
  assert.equal(await signIn, undefined)
  assert.equal(network.sent(ANSWER).length, 0)
})

test('the device hears which passkeys are good, and never that one is unknown', async (t) => {
  const { server, latchkey, browser, factor, user } = await withPasskey(t)
  const [passkey] = browser.passkeys
  const userId = handleOf({ user })
  await signInWithPasskey(latchkey)
  const accepted = { rpId: 'localhost', userId, allAcceptedCredentialIds: [passkey?.id] }
  assert.deepEqual(browser.signals, [{ name: 'accepted', details: accepted }])

  await removePasskey(latchkey, factor.id)
  assert.deepEqual(browser.signals.at(-1), {
    ...{ name: 'accepted', details: { ...accepted, allAcceptedCredentialIds: [] } },
  })
  await latchkey.signOut()
  await assert.rejects(signInWithPasskey(latchkey), { code: 'invalid_credentials' })

  assert.equal(browser.signals.length, 2)
  assert.equal(await server.database.client.factor.count(), 0)
})

test('the device hears the new name of the user', async (t) => {
  const { latchkey, browser, user } = await withPasskey(t)
  await signInWithPasskey(latchkey)
  browser.signals.length = 0
  const forget = followUser(latchkey)

  await latchkey.api.PATCH('/me', { body: { name: 'Ada' } })
  await until(() => browser.signals.length === 1)

  const { username } = user
  assert.deepEqual(browser.signals, [
    {
      name: 'user',
      details: {
        ...{ rpId: 'localhost', userId: handleOf({ user }), name: username, displayName: 'Ada' },
      },
    },
  ])
  forget()
  await latchkey.api.PATCH('/me', { body: { name: 'Grace' } })
  await sleep(50)
  assert.equal(browser.signals.length, 1)
})

test('a form offers passkeys until one signs in, and begins again after a failure', async (t) => {
  const { latchkey, browser, network, person } = await withPasskey(t)
  browser.state.act = 'wait'
  const errors: unknown[] = []
  network.befall(ANSWER, async () => {
    const body = { type: '', title: '', status: 401, detail: 'No.', instance: '' }
    const problem = { ...body, code: 'invalid_credentials', action: 'fix_request' }
    return new Response(JSON.stringify(problem), { status: 401 })
  })
  const offered = signInWithPasskey(latchkey, {
    ...{ conditional: true, onError: (error) => errors.push(error) },
  })
  await until(() => browser.state.running === 1)

  browser.state.act = 'use'
  const user = await offered

  assert.equal(user?.username, person.username)
  assert.deepEqual(
    errors.map((error) => (error as { code: string }).code),
    ['invalid_credentials'],
  )
  assert.deepEqual(
    browser.requests.map(({ mediation }) => mediation),
    ['conditional', 'conditional'],
  )
  assert.equal(browser.state.most, 1)
})

test('a form continues with a new challenge before the old one expires', async (t) => {
  const { latchkey, browser, network, server } = await withPasskey(t)
  browser.state.act = 'wait'
  // A second before it is replaced.
  network.befall(BEGIN, async (_request, deliver) => {
    const begun = (await (await deliver()).json()) as object
    return new Response(JSON.stringify({ ...begun, expiresIn: 61 }), { status: 201 })
  })
  const before = network.sent(BEGIN).length
  const offered = signInWithPasskey(latchkey, { conditional: true })
  await until(() => browser.state.running === 1)
  server.clock.advance(3601)
  await sleep(1100)
  await until(() => network.sent(BEGIN).length === before + 2 && browser.state.running === 1)

  browser.state.act = 'use'

  assert.ok(await offered)
})

test('what the user asks for interrupts the form, which then continues', async (t) => {
  const { latchkey, browser, server } = await withPasskey(t)
  browser.state.act = 'wait'
  const controller = new AbortController()
  const { signal } = controller
  const offered = signInWithPasskey(latchkey, { conditional: true, signal })
  await until(() => browser.state.running === 1)
  const modal = signInWithPasskey(clientOf(server.baseUrl).latchkey)
  await until(() => browser.requests.length === 2)
  browser.state.act = 'cancel'
  assert.equal(await modal, undefined)
  browser.state.act = 'wait'
  await until(() => browser.requests.length === 3 && browser.state.running === 1)

  controller.abort()

  assert.equal(await offered, undefined)
  assert.equal(browser.state.most, 1)
  assert.deepEqual(
    browser.requests.map(({ mediation }) => mediation),
    ['conditional', 'optional', 'conditional'],
  )
})

test('a form stops when somebody signs in otherwise, or when it is shown again', async (t) => {
  const { latchkey, browser, person } = await withPasskey(t)
  browser.state.act = 'wait'
  const first = signInWithPasskey(latchkey, { conditional: true })
  await until(() => browser.state.running === 1)

  const second = signInWithPasskey(latchkey, { conditional: true })
  assert.equal(await first, undefined)
  await until(() => browser.state.running === 1)
  await latchkey.signIn({ username: person.username, password: PASSWORD })

  assert.equal(await second, undefined)
  assert.equal(browser.state.running, 0)
})

test('without WebAuthn a form offers nothing', async (t) => {
  const { latchkey, network } = await scene(t)
  Reflect.deleteProperty(globalThis, 'PublicKeyCredential')

  assert.equal(await signInWithPasskey(latchkey, { conditional: true }), undefined)
  assert.equal(network.sent(BEGIN).length, 0)
})
