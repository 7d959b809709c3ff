// What a frontend has to survive, on demand: lost answers, slow ones, refusals, ended sessions.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import type { TestLatchkey } from '../../src/testing/index.ts'
import { type Ends, endAll, endingWith, refusalOf, send, signIn, startKit } from '../support/kit.ts'

const NOTE = { title: 'Milk', body: 'and bread' }

describe('troubles of latchkey/testing', () => {
  let latchkey: TestLatchkey
  const ends: Ends = []
  before(async () => {
    latchkey = await startKit(endingWith(ends))
  })
  after(() => endAll(ends))

  const notesOf = async ({ headers }: { headers: Record<string, string> }) => {
    const { body } = await send(latchkey, 'GET /notes', undefined, headers)
    return (body.items as object[]).length
  }

  test('dropNextResponse does the work of one request and loses its answer', async () => {
    const ada = await latchkey.signedIn()
    const key = { 'idempotency-key': 'once-and-only-once' }
    const add = () => send(latchkey, 'POST /notes', NOTE, { ...ada.headers, ...key })
    await latchkey.dropNextResponse({ method: 'POST', path: '/notes' })

    assert.equal((await ada.fetch('/me')).status, 200, 'another request is not meant')
    await assert.rejects(add(), TypeError)
    assert.equal(await notesOf(ada), 1)
    assert.equal((await add()).status, 201)
    assert.equal(await notesOf(ada), 1, 'the retry made no second one')
  })

  test('a lost answer to a refresh signs nobody out', async () => {
    const ada = await latchkey.signedIn()
    const refresh = () => send(latchkey, 'POST /refresh', { refresh_token: ada.refreshToken })
    await latchkey.dropNextResponse({ path: '/ref*' })

    await assert.rejects(refresh(), TypeError)
    assert.equal((await refresh()).status, 200)
  })

  test('dropNextResponse that was restored loses nothing', async () => {
    const drop = await latchkey.dropNextResponse()
    await drop.restore()
    await drop[Symbol.asyncDispose]()

    assert.equal((await send(latchkey, 'GET /livez')).status, 200)
  })

  test('delay holds what fits until its time, or until it is restored', async () => {
    const delay = await latchkey.delay(60_000, { path: '/livez' })
    let isAnswered = false
    const held = send(latchkey, 'GET /livez').then(() => {
      isAnswered = true
    })

    assert.equal((await send(latchkey, 'GET /readyz')).status, 200)
    assert.equal(isAnswered, false)
    await delay.restore()
    await held
    await latchkey.delay(50, { path: '/livez' })
    const since = performance.now()
    await send(latchkey, 'GET /livez')
    assert.ok(performance.now() - since >= 49)
    await latchkey.restore()
  })

  test('overload refuses passwords with 503, and nothing else', async () => {
    const ada = await latchkey.signedIn()
    const overload = await latchkey.overload()

    const expected = { status: 503, code: 'overloaded', action: 'retry', wait: '2' }
    assert.deepEqual(refusalOf(await signIn(latchkey, ada.user)), expected)
    const newcomer = { username: 'newcomer', email: 'n@example.com', password: 'some new sentence' }
    assert.deepEqual(refusalOf(await send(latchkey, 'POST /register', newcomer)), expected)
    assert.equal((await ada.fetch('/me')).status, 200)
    assert.equal((await latchkey.aUser()).role, 'user')
    await overload.restore()
    assert.equal((await signIn(latchkey, ada.user)).status, 200)
  })

  test('overload refuses photos, which are taken afterwards', async () => {
    const ada = await latchkey.signedIn()
    const house = { projectNo: 'A-1', projectName: 'Sea View' }
    const { body } = await send(latchkey, 'POST /houses', house, ada.headers)
    const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const upload = () => {
      const form = new FormData()
      form.set('file', new Blob([new Uint8Array(png)], { type: 'image/png' }), 'red.png')
      return ada.fetch(`/houses/${body.id}/photos`, { method: 'POST', body: form })
    }
    const overload = await latchkey.overload()

    const { status, headers } = await upload()
    assert.deepEqual([status, headers.get('retry-after')], [503, '5'])
    await overload.restore()
    assert.equal((await upload()).status, 201)
  })

  test('databaseAway answers 503 where the database is needed, and recovers', async () => {
    const ada = await latchkey.signedIn()
    const away = await latchkey.databaseAway()

    const expected = { status: 503, code: 'unavailable', action: 'retry', wait: '1' }
    assert.deepEqual(refusalOf(await send(latchkey, 'POST /notes', NOTE, ada.headers)), expected)
    assert.deepEqual(
      refusalOf(await send(latchkey, 'GET /notes', undefined, ada.headers)),
      expected,
    )
    assert.deepEqual(refusalOf(await signIn(latchkey, ada.user)), expected)
    assert.equal((await send(latchkey, 'GET /readyz')).status, 503)
    assert.equal((await send(latchkey, 'GET /livez')).status, 200)
    await away[Symbol.asyncDispose]()
    assert.equal((await send(latchkey, 'POST /notes', NOTE, ada.headers)).status, 201)
    assert.equal((await signIn(latchkey, ada.user)).status, 200)
  })

  test('expireAccessTokens ends tokens and no session', async () => {
    const ada = await latchkey.signedIn()
    const now = await latchkey.expireAccessTokens()

    assert.ok(Math.abs(latchkey.clock.now() - now) < 5000)
    const { refreshToken: refresh_token } = ada
    const me = await send(latchkey, 'GET /me', undefined, ada.headers)
    assert.deepEqual([me.status, me.body.code, me.body.action], [401, 'token_expired', 'refresh'])
    assert.equal((await send(latchkey, 'POST /refresh', { refresh_token })).status, 200)
  })

  test('revokeEverything ends the sessions of everybody, who may sign in again', async () => {
    const ada = await latchkey.signedIn()

    assert.ok((await latchkey.revokeEverything()) >= 1)
    const me = await send(latchkey, 'GET /me', undefined, ada.headers)
    assert.deepEqual([me.status, me.body.code, me.body.action], [401, 'session_ended', 'login'])
    const { refreshToken: refresh_token } = ada
    assert.equal(
      (await send(latchkey, 'POST /refresh', { refresh_token })).body.code,
      'session_ended',
    )
    assert.equal((await signIn(latchkey, ada.user)).status, 200)
  })

  test('the clock unlocks, refills rate limits, and ends challenges and sessions', async () => {
    const ada = await latchkey.signedIn()
    const ask = () =>
      send(latchkey, 'POST /challenges', { purpose: 'reset_password', login: ada.user.email })
    const wrong = () =>
      send(latchkey, 'POST /login', { username: ada.user.username, password: 'a wrong guess' })
    const asked = await ask()
    const { code } = await latchkey.lastMail(ada.user)
    for (let guesses = 0; guesses < 10; guesses++) await wrong()
    await ask()
    await ask()

    assert.equal((await ask()).body.code, 'rate_limited')
    assert.equal((await signIn(latchkey, ada.user)).status, 401, 'locked for unknown devices')
    await latchkey.clock.advance('1h')
    assert.notEqual((await ask()).body.code, 'rate_limited')
    assert.equal((await signIn(latchkey, ada.user)).status, 200)
    const late = await send(latchkey, 'POST /challenges/answer', {
      ...{ challenge: asked.body.token, method: 'mail_code', code },
      newPassword: 'another sentence of hers',
    })
    assert.equal(late.body.code, 'challenge_over')
    await latchkey.clock.advance('31d')
    const { refreshToken: refresh_token } = ada
    assert.equal((await send(latchkey, 'POST /refresh', { refresh_token })).status, 401)
  })

  test('troubles that are asked for twice last until both have ended', async () => {
    const { user } = await latchkey.signedIn()
    for (const start of [latchkey.overload, latchkey.databaseAway]) {
      const [first, second] = [await start(), await start()]
      await first.restore()
      assert.equal((await signIn(latchkey, user)).status, 503)
      await second.restore()
      assert.equal((await signIn(latchkey, user)).status, 200)
      await start()
      await start()
      await latchkey.restore()
      assert.equal((await signIn(latchkey, user)).status, 200)
    }
  })
})
