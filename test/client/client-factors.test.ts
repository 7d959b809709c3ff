import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Challenge, LatchkeyOptions, OnStepUp, Proof } from '../../client/src/index.ts'
import { newcomer } from '../support/clients.ts'
import { App, FREE, STEP } from '../support/enrolment.ts'
import { PASSWORD } from '../support/factories.ts'
import { answerLost, clientOf, listeningServer } from '../support/network.ts'

// What the client does with the factors of its user.

const ANSWER = 'POST /challenges/answer'

/** Somebody whose address is verified: only such people add factors. */
async function scene(t: TestContext, options: Partial<LatchkeyOptions> = {}) {
  const server = await listeningServer(t, { env: FREE })
  const proofs: Proof[] = []
  const asked: Challenge[] = []
  const onStepUp: OnStepUp = (challenge) => {
    asked.push(challenge)
    return proofs.shift()
  }
  const client = clientOf(server.baseUrl, { onStepUp, ...options })
  const person = newcomer()
  const { id } = await client.latchkey.register(person)
  await server.database.client.user.update({ where: { id }, data: { emailVerified: true } })
  /** A code that was not shown before. */
  const nextCode = (app: App) => {
    server.clock.advance(STEP)
    return app.code()
  }
  return { server, ...client, person, proofs, asked, nextCode }
}

type Scene = Awaited<ReturnType<typeof scene>>

async function addApp({ server, latchkey }: Pick<Scene, 'server' | 'latchkey'>) {
  const { uri, confirm } = await latchkey.factors.addTotp()
  const app = new App(server, uri)
  return { app, ...(await confirm(app.code(), 'Phone')) }
}

for (const transport of ['body', 'cookie'] as const) {
  test(`The client adds an app, and shows the recovery codes though answers get lost (${transport})`, async (t) => {
    const place = await scene(t, { transport })
    const { server, latchkey, network, events, person } = place
    const { secret, uri, confirm } = await latchkey.factors.addTotp()
    const app = new App(server, uri)
    assert.ok(uri.startsWith('otpauth://totp/') && uri.includes(secret))
    network.befall(ANSWER, answerLost, answerLost, answerLost, answerLost)

    await assert.rejects(confirm(app.code(), 'Phone'), TypeError)
    // The user presses the button again.
    const { recoveryCodes = [], name, kind } = await confirm(app.code(), 'Phone')

    assert.deepEqual([recoveryCodes.length, name, kind], [10, 'Phone', 'totp'])
    assert.equal(new Set(network.sent(ANSWER).map(({ key }) => key)).size, 1)
    assert.equal(latchkey.user?.secondFactor, true)
    assert.equal((await latchkey.factors.list()).items.length, 1)
    assert.deepEqual(events, [`signedIn ${person.username}`])
    // They are those that are good.
    await latchkey.signOut()
    place.proofs.push({ method: 'recovery_code', code: recoveryCodes[3] ?? '' })
    await latchkey.signIn({ username: person.username, password: PASSWORD })
    assert.equal((await latchkey.factors.list()).recoveryCodesLeft, 9)
  })
}

test('A wrong code adds nothing, and the right one does so behind it', async (t) => {
  const { server, latchkey } = await scene(t)
  const { uri, confirm } = await latchkey.factors.addTotp()
  const app = new App(server, uri)

  await assert.rejects(confirm(app.wrong()), { code: 'invalid_credentials' })
  assert.deepEqual((await latchkey.factors.list()).items, [])
  assert.equal((await confirm(app.code())).name, null)
})

test('The client asks for a proof before it adds, removes or replaces', async (t) => {
  const place = await scene(t)
  const { server, latchkey, proofs, asked, nextCode } = place
  const { app, id } = await addApp(place)
  const code = () => proofs.push({ method: 'totp', code: nextCode(app) })

  code()
  const codes = await latchkey.factors.recoveryCodes()
  server.clock.advance(601)
  code()
  await latchkey.factors.rename(id, 'Old phone')
  const [before] = (await latchkey.factors.list()).items
  await latchkey.factors.remove(id)

  assert.equal(codes.length, 10)
  assert.equal(before?.name, 'Old phone')
  assert.deepEqual(
    asked.map(({ methods }) => methods),
    [
      ['totp', 'recovery_code'],
      ['totp', 'recovery_code'],
    ],
  )
  assert.deepEqual((await latchkey.factors.list()).items, [])
  assert.equal(latchkey.user?.secondFactor, false)
  // A password alone is enough again.
  server.clock.advance(601)
  proofs.push({ method: 'password', password: PASSWORD })
  assert.ok((await latchkey.factors.addTotp()).uri)
  assert.deepEqual(asked.at(-1)?.methods, ['password'])
})

test('New recovery codes are seen though the answer gets lost', async (t) => {
  const place = await scene(t)
  const { app } = await addApp(place)
  place.proofs.push({ method: 'totp', code: place.nextCode(app) })
  place.network.befall('POST /factors/recovery-codes', (_request, deliver) => deliver(), answerLost)

  const codes = await place.latchkey.factors.recoveryCodes()

  place.proofs.push({ method: 'recovery_code', code: codes[0] ?? '' })
  await place.latchkey.signOut()
  const { username } = place.person
  const user = await place.latchkey.signIn({ username, password: PASSWORD })
  assert.equal(user.username, username)
})

test('An address that is not verified is verified on the way to the factor', async (t) => {
  const server = await listeningServer(t, { env: FREE })
  const { latchkey } = clientOf(server.baseUrl, {
    onStepUp: ({ token, methods }) => {
      assert.deepEqual(methods, ['mail_code'])
      return { method: 'mail_code', code: server.services.challenges.codeOf(token) ?? '' }
    },
  })
  await latchkey.register(newcomer())

  const { uri } = await latchkey.factors.addTotp()

  assert.ok(uri)
})

test('A trusted browser is not asked at the next sign-in, and still before a step', async (t) => {
  const place = await scene(t, { transport: 'cookie' })
  const { latchkey, proofs, asked, person, nextCode, server } = place
  const { app } = await addApp(place)
  await latchkey.signOut()
  proofs.push({ method: 'totp', code: nextCode(app), trustDevice: true })
  const credentials = { username: person.username, password: PASSWORD }
  await latchkey.signIn(credentials)
  await latchkey.signOut()

  await latchkey.signIn(credentials)

  assert.equal(asked.length, 1)
  server.clock.advance(1)
  await assert.rejects(latchkey.factors.recoveryCodes(), { code: 'step_up_required' })
})
