// runs once
// How servers for tests start, begin again and end: several in a process, quickly, on this machine.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import { defineFeature } from '../../src/features/feature.ts'
import { type StartOptions, startLatchkey } from '../../src/testing/index.ts'
import { send, signIn } from '../support/kit.ts'

/** A start after the first one takes some 90 ms; on a busy machine much more. */
const MOST_MS = 5000

async function started(t: TestContext, options?: StartOptions) {
  const latchkey = await startLatchkey(options)
  t.after(() => latchkey.close())
  return latchkey
}

const greetings = defineFeature({
  name: 'greetings',
  open: () => ({
    routes: async (app) => {
      app.get('/greeting', async () => ({ hello: 'ada' }))
    },
  }),
})

describe('startLatchkey', () => {
  test('starts several servers at once, each with its own people, mails and clock', async (t) => {
    const [one, other] = await Promise.all([started(t), started(t)])
    const ada = await one.signedIn()
    await one.clock.advance('1d')

    assert.notEqual(one.url, other.url)
    assert.equal((await signIn(other, ada.user)).status, 401)
    assert.ok(one.clock.now() - other.clock.now() > 86_000_000)
    await one.overload()
    assert.equal((await signIn(one, ada.user)).status, 503)
    assert.equal((await signIn(other, await other.aUser())).status, 200)
  })

  test('starts quickly after the first time', async (t) => {
    await started(t)
    const since = performance.now()
    await started(t)

    assert.ok(performance.now() - since < MOST_MS)
  })

  test('takes settings and features', async (t) => {
    const settings = { ACCESS_TOKEN_TTL: '1m', EMAIL_VERIFICATION: 'required' }
    const latchkey = await started(t, { settings, features: [greetings] })

    assert.equal((await latchkey.signedIn()).expiresIn, 60)
    const greeting = await send(latchkey, 'GET /greeting')
    assert.deepEqual([greeting.status, greeting.body], [200, { hello: 'ada' }])
    const login = await signIn(latchkey, await latchkey.aUser())
    assert.equal(login.status, 200, 'the address of a made-up person is verified')
  })

  test('has its paths below that of PUBLIC_URL', async (t) => {
    const latchkey = await started(t, { settings: { PUBLIC_URL: 'http://localhost:3000/auth' } })
    const ada = await latchkey.signedIn()

    assert.match(latchkey.url, /^http:\/\/localhost:\d+\/auth$/)
    assert.equal((await ada.fetch('/me')).status, 200)
    assert.equal((await ada.fetch(new URL(`${latchkey.url}/me`))).status, 200)
    await latchkey.dropNextResponse({ path: '/me' })
    await assert.rejects(ada.fetch('/me'), TypeError)
  })

  test('refuses production, wrong settings, and features of a process', async () => {
    const refused = (options: StartOptions, reason: RegExp) =>
      assert.rejects(startLatchkey(options), reason)

    for (const process of [false, true]) {
      await refused({ process, settings: { NODE_ENV: 'production' } }, /refuses production/)
      await refused({ process, settings: { ACCESS_TOKEN_TTL: 'soon' } }, /ACCESS_TOKEN_TTL/)
    }
    await refused({ process: true, features: [greetings] }, /features/)
    await refused({ settings: { ACESS_TOKEN_TTL: '1m' } }, /write ACCESS_TOKEN_TTL/)
  })

  test('names the port that is taken', async (t) => {
    const { url } = await started(t)
    const port = Number(new URL(url).port)

    await assert.rejects(startLatchkey({ port }), /HOST, PORT: the server cannot listen there/)
  })

  test('reset begins again at the same address', async (t) => {
    const latchkey = await started(t)
    const ada = await latchkey.signedIn({ username: 'ada' })
    await send(latchkey, 'POST /challenges', { purpose: 'reset_password', login: 'ada' })
    await latchkey.lastMail(ada.user)
    await latchkey.clock.advance('7d')
    await latchkey.databaseAway()
    await latchkey.reset()

    assert.ok(Math.abs(latchkey.clock.now() - Date.now()) < 5000)
    assert.equal((await send(latchkey, 'GET /readyz')).status, 200)
    assert.deepEqual(await latchkey.mails(), [])
    assert.equal((await ada.fetch('/me')).status, 401)
    assert.equal((await latchkey.signedIn({ username: 'ada' })).user.username, 'ada')
  })

  test('reset does not empty a database that the caller has named', async (t) => {
    const { mkdtempSync, rmSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
    const { join } = await import('node:path')
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-own-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const settings = { DATABASE_URL: `file:${join(folder, 'own.db')}` }
    const latchkey = await startLatchkey({ settings })
    const ada = await latchkey.signedIn()

    await assert.rejects(latchkey.reset(), /would empty the database that DATABASE_URL names/)
    assert.equal((await ada.fetch('/me')).status, 200)
    await latchkey.close()
    const again = await started(t, { settings })
    assert.equal((await signIn(again, ada.user)).status, 200)
  })

  test('close ends delayed requests, and may be called twice', async () => {
    const latchkey = await startLatchkey()
    await latchkey.delay(60_000)
    const held = send(latchkey, 'GET /livez').catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await latchkey.close()
    await latchkey[Symbol.asyncDispose]()

    await held
    await assert.rejects(send(latchkey, 'GET /livez'), TypeError)
  })

  test('listens on this machine alone', async (t) => {
    const { url } = await started(t)
    const { port } = new URL(url)
    const { networkInterfaces } = await import('node:os')
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address
    if (outside === undefined) return t.skip('this machine has no address but loopback')

    const failed = new Promise<Error>((resolve, reject) => {
      request({ host: outside, port, path: '/livez' }, () => reject(new Error('it answers')))
        .on('error', resolve)
        .end()
    })
    assert.match(String(await failed), /ECONNREFUSED/)
  })
})
