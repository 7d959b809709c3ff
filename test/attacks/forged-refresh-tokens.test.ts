// Attacks with refresh tokens that are forged, damaged or of another session. See also:
// refresh-races.test.ts, ../sessions/refresh.test.ts, ../model/model.test.ts,
// ../sessions/lifetimes.test.ts.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { auditTypes, call, liveSessions, statementsOf } from '../support/answers.ts'
import { bearer, ORIGIN, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { assertProblem, visible } from '../support/problems.ts'
import { encoded, es256, type Forge, hmac, less, startForge } from '../support/token-forging.ts'

type Forgery = (forge: Forge) => string

const headed = (more: object): Forgery => {
  return ({ refreshHeader, refreshClaims, refreshKey }) =>
    hmac({ ...refreshHeader, ...more }, refreshClaims, refreshKey.key)
}
const claiming = (more: object): Forgery => {
  return ({ refreshHeader, refreshClaims, refreshKey }) =>
    hmac(refreshHeader, { ...refreshClaims, ...more }, refreshKey.key)
}
const keyed = (key: (forge: Forge) => string | Buffer): Forgery => {
  return (forge) => hmac(forge.refreshHeader, forge.refreshClaims, key(forge))
}
const damaged = (change: (token: string) => string): Forgery => {
  return ({ person }) => change(String(person.refresh_token))
}

const forgeries: Record<string, Forgery> = {
  'an access token': ({ person }) => person.access_token,
  nonsense: () => 'nonsense',
  nothing: () => '',
  'no signature': damaged((token) => token.replace(/[^.]*$/, '')),
  'a signature cut short': damaged((token) => token.slice(0, -2)),
  'a space behind it': damaged((token) => `${token} `),
  'a line break behind it': damaged((token) => `${token}\n`),
  'padding behind it': damaged((token) => `${token}=`),
  'a NUL behind it': damaged((token) => `${token}\0`),
  'alg none': ({ refreshHeader, refreshClaims }) =>
    `${encoded({ ...refreshHeader, alg: 'none' })}.${encoded(refreshClaims)}.`,
  'alg HS512': ({ refreshHeader, refreshClaims, refreshKey }) =>
    hmac({ ...refreshHeader, alg: 'HS512' }, refreshClaims, refreshKey.key, 'sha512'),
  'alg null': headed({ alg: null }),
  'ES256 under the key of access tokens': ({ header, refreshClaims, privatePem }) =>
    es256({ ...header, typ: 'rt+jwt' }, refreshClaims, privatePem),
  'another key': keyed(() => randomBytes(32)),
  'the empty key': keyed(() => ''),
  'the master secret itself': keyed(({ masterSecret }) => masterSecret),
  'the public key': keyed(({ publicPem }) => publicPem),
  'the key id': keyed(({ refreshKey }) => refreshKey.id),
  'the typ of access tokens': headed({ typ: 'at+jwt' }),
  'the typ JWT': headed({ typ: 'JWT' }),
  'an unknown kid': headed({ kid: 'unknown' }),
  'the kid __proto__': headed({ kid: '__proto__' }),
  'the kid null': headed({ kid: null }),
  'the kid of 4 kB': headed({ kid: 'x'.repeat(2000) }),
  'a crit': headed({ crit: ['exp'] }),
  'a jku': headed({ jku: 'http://127.0.0.1:9/' }),
  'no kid': ({ refreshHeader, refreshClaims, refreshKey }) =>
    hmac(less(refreshHeader, 'kid'), refreshClaims, refreshKey.key),
  'another iss': claiming({ iss: 'https://evil.example' }),
  'the aud of access tokens': claiming({ aud: ORIGIN }),
  'the aud in a list': claiming({ aud: [`${ORIGIN}/refresh`] }),
  'gen zero': claiming({ gen: 0 }),
  'gen below zero': claiming({ gen: -1 }),
  'gen of text': claiming({ gen: '1' }),
  'half a gen': claiming({ gen: 1.5 }),
  'a gen beyond the column': claiming({ gen: 2_147_483_647 }),
  'sid in a list': ({ refreshClaims, ...forge }) =>
    claiming({ sid: [refreshClaims.sid] })({ refreshClaims, ...forge }),
  'sid an operator': claiming({ sid: { not: '' } }),
  'sub null': claiming({ sub: null }),
  'exp of text': claiming({ exp: '9999999999' }),
  'a list of claims': ({ refreshHeader, refreshClaims, refreshKey }) =>
    hmac(refreshHeader, [refreshClaims], refreshKey.key),
}
for (const name of ['iss', 'aud', 'sub', 'sid', 'gen', 'iat', 'exp']) {
  forgeries[`no ${name}`] = ({ refreshHeader, refreshClaims, refreshKey }) =>
    hmac(refreshHeader, less(refreshClaims, name), refreshKey.key)
}

test('every forged, damaged or foreign refresh token gets the very same 401, and costs no statement', async (t) => {
  const forge = await startForge(t)
  const { server, person } = forge
  const reference = await refresh(server, 'a.b.c')
  assertProblem(reference, 'invalid_token')
  const before = statementsOf(server).length

  for (const [what, make] of Object.entries(forgeries)) {
    assert.deepEqual(visible(await refresh(server, make(forge))), visible(reference), what)
  }

  assert.equal(statementsOf(server).length, before)
  assert.deepEqual(await auditTypes(server), ['registered', 'signed_in'])
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
  const genuine = hmac(forge.refreshHeader, forge.refreshClaims, forge.refreshKey.key)
  assert.equal((await refresh(server, genuine)).json().refreshed, 'rotated')
})

test('a genuine refresh token for the session of somebody else finds none, and is harmless', async (t) => {
  const forge = await startForge(t)
  const other = await signedUp(forge.server)

  const response = await refresh(forge.server, claiming({ sid: other.sessionId })(forge))

  assertProblem(response, 'session_ended')
  const live = await liveSessions(forge.server, other.access_token)
  assert.deepEqual(live, [other.sessionId])
})

test('a genuine refresh token of a session that is gone says session_ended, no more', async (t) => {
  const forge = await startForge(t)
  const sid = `${forge.person.sessionId.slice(0, -4)}0000`

  const unknown = await refresh(forge.server, claiming({ sid })(forge))
  await forge.server.database.client.session.deleteMany()
  const deleted = await refresh(forge.server, forge.person.refresh_token)

  assertProblem(unknown, 'session_ended')
  assert.deepEqual(visible(deleted), visible(unknown))
})

test('a revoked, an expired, a deleted and an unknown session cannot be told apart', async (t) => {
  const server = await startServer(t)
  const [signedOut, expired, deleted] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  await call(server, 'POST /logout', undefined, bearer(signedOut.access_token))
  const leave = { currentPassword: PASSWORD }
  await call(server, 'DELETE /me', leave, bearer(deleted.access_token))
  server.clock.advance(31 * 86_400)

  const answers = []
  for (const { refresh_token } of [signedOut, expired, deleted]) {
    answers.push(visible(await refresh(server, refresh_token)))
  }
  await server.database.client.session.deleteMany()
  const unknown = await refresh(server, expired.refresh_token)

  assertProblem(unknown, 'session_ended')
  assert.deepEqual(answers, [visible(unknown), visible(unknown), visible(unknown)])
})
