import { startLatchkey, type TestLatchkey } from 'latchkey/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let latchkey: TestLatchkey

beforeAll(async () => {
  latchkey = await startLatchkey({ settings: { ACCESS_TOKEN_TTL: '1m' } })
})
afterAll(() => latchkey.close())

test('a busy server asks to wait, and takes the password afterwards', async () => {
  const { username, password } = await latchkey.aUser()
  const signIn = () =>
    fetch(`${latchkey.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    })

  const overload = await latchkey.overload()
  const refused = await signIn()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('2')

  await overload.restore()
  expect((await signIn()).status).toBe(200)
})

test('a session that an operator revokes ends at once', async () => {
  const ada = await latchkey.signedIn()
  await latchkey.revokeEverything()

  const answer = await ada.fetch('/me')
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({ code: 'session_ended', action: 'login' })
})
