import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startLatchkey } from 'latchkey/testing'

let latchkey

before(async () => {
  latchkey = await startLatchkey()
})
after(() => latchkey.close())

const post = (path, body) =>
  fetch(`${latchkey.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a session outlives its access token', async () => {
  const ada = await latchkey.signedIn()
  await latchkey.clock.advance('16m')

  assert.equal((await ada.fetch('/me')).status, 401)
  assert.equal((await post('/refresh', { refresh_token: ada.refreshToken })).status, 200)
})

test('a refresh whose answer is lost signs nobody out', async () => {
  const ada = await latchkey.signedIn()
  await latchkey.dropNextResponse({ method: 'POST', path: '/refresh' })

  await assert.rejects(post('/refresh', { refresh_token: ada.refreshToken }))
  assert.equal((await post('/refresh', { refresh_token: ada.refreshToken })).status, 200)
})

test('a sign-in with an authenticator app takes two steps', async () => {
  const { username, password, totp } = await latchkey.aUser({ totp: true })

  const login = await post('/login', { username, password })
  const { code, challenge } = await login.json()
  assert.deepEqual([login.status, code], [401, 'second_factor_required'])
  const answer = await post('/challenges/answer', {
    challenge: challenge.token,
    method: 'totp',
    code: latchkey.totpCode(totp.secret),
  })
  assert.equal(answer.status, 200)
})
