import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import { bearer, refresh, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { assertFaults } from '../support/problems.ts'
import { assertNow, patch } from '../support/profile.ts'

test('PATCH /me chooses the language of mails, and null takes the choice back, without the password', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const locale of ['zh-CN', 'en', null]) {
    const response = await patch(server, person, { locale })

    assert.equal(response.statusCode, 200, response.body)
    assert.deepEqual(response.json(), { ...person.user, locale })
    await assertNow(server, person, { ...person.user, locale })
  }

  const changes = (await auditEntries(server)).filter(({ type }) => type === 'profile_changed')
  const change = {
    ...{ type: 'profile_changed', userId: person.user.id },
    ...{ sessionId: null, detail: 'locale' },
  }
  assert.deepEqual(changes, [change, change, change])
})

test('PATCH /me refuses a language that the server does not offer, and changes nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  for (const locale of ['de', 'zh-cn', 'zh', 'EN', '', 'en ', '__proto__', 'x'.repeat(35)]) {
    const response = await patch(server, person, { locale, name: 'Ada' })

    assertFaults(response, ['/locale not_allowed'])
  }
  assertFaults(await patch(server, person, { locale: 'x'.repeat(36) }), ['/locale too_long'])
  assertFaults(await patch(server, person, { locale: 1 }), ['/locale wrong_type'])

  await assertNow(server, person, person.user)
})

test('the language is in every answer that shows the account, in the export, and for administrators', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const admin = await newAdmin(server)
  const person = await signedUp(server)
  await patch(server, person, { locale: 'zh-CN' })
  const expected = { ...person.user, locale: 'zh-CN' }

  const dashboard = await ask(server, 'GET /dashboard', person)
  const exported = await ask(server, 'GET /me/export', person)
  const one = await ask(server, `GET /admin/users/${person.user.id}`, admin)
  const continued = await refresh(server, person.refresh_token)

  assert.deepEqual(dashboard.json().user, expected)
  assert.equal(exported.json().account.locale, 'zh-CN')
  assert.equal(one.json().locale, 'zh-CN')
  assert.deepEqual(continued.json().user, expected)
})

test('a language that the server stopped offering stays, and may be sent back with the rest', async (t) => {
  const url = await freshDatabase(t)
  const before = await startServer(t, { url })
  const person = await signedUp(before)
  await patch(before, person, { locale: 'zh-CN' })
  const server = await startServer(t, { url, env: { LANGUAGES: 'en' } })

  const whole = await call(server, 'GET /me', undefined, bearer(person.access_token))
  const named = await patch(server, person, { ...whole.json(), name: 'Ada' })
  const none = await patch(server, person, { locale: null })
  const again = await patch(server, person, { locale: 'zh-CN' })

  assert.deepEqual(whole.json(), { ...person.user, locale: 'zh-CN' })
  assert.deepEqual(named.json(), { ...person.user, locale: 'zh-CN', name: 'Ada' })
  assert.deepEqual(none.json(), { ...person.user, locale: null, name: 'Ada' })
  assertFaults(again, ['/locale not_allowed'])
})
