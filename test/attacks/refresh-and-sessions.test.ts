// Attacks on refresh tokens and sessions: forged tokens, thieves before and behind the owner, clocks that are set
// back, and sessions that an attacker plants before somebody signs in.
//
// Shown elsewhere: one token fifty times at once, also on two servers, and refreshes beside logout, change of
// password, disabling and deletion, races-and-faults.test.ts; reuse past the grace window, the lost answer with its
// Idempotency-Key, a token in the other transport, test/refresh.test.ts; any sequence of all this against a
// reference model, test/model.test.ts; idle and absolute ends, test/lifetimes.test.ts; ends on one server seen by
// another, and revocations while clocks jump, test/revocations.test.ts and test/two-servers.test.ts.
// Not built: mail about a reused token; flows with a callback, and the state that would be planted for one.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { auditTypes, BROWSER, call, liveSessions, statementsOf, withCookie } from '../answers.ts'
import { encoded, es256, type Forge, hmac, less, partsOf, startForge } from '../forge.ts'
import { startServer, type TestServer, uniqueName } from '../helper.ts'
import {
  bearer,
  cookieOf,
  type Opened,
  ORIGIN,
  PASSWORD,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from '../people.ts'
import { assertProblem, visible } from '../problems.ts'
import { writeNotes } from '../seen.ts'

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

test('a genuine refresh token for the session of somebody else is invalid and harmless', async (t) => {
  const forge = await startForge(t)
  const other = await signedUp(forge.server)

  const response = await refresh(forge.server, claiming({ sid: other.sessionId })(forge))

  assertProblem(response, 'invalid_token')
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

test('a revoked, an expired, a deleted and an unknown session are told apart by nobody', async (t) => {
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

/** Fails when anything of these still opens something. */
async function assertAllDead(server: TestServer, tokens: Opened[]): Promise<void> {
  for (const { access_token, refresh_token } of tokens) {
    const verify = await call(server, 'GET /verify', undefined, bearer(access_token))
    assertProblem(verify, 'session_ended')
    assertProblem(await refresh(server, refresh_token), 'session_ended')
  }
}

/** One refresh, which must succeed. */
async function refreshed(
  server: TestServer,
  { refresh_token }: Opened,
  headers: Record<string, string> = {},
): Promise<Opened> {
  const response = await refresh(server, refresh_token, headers)
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Opened>()
}

/** Past the window, uses what was got: from then on it is known that somebody kept it. */
async function useLate(server: TestServer, { access_token }: Opened): Promise<void> {
  server.clock.advance(31)
  const response = await call(server, 'GET /verify', undefined, bearer(access_token))
  assert.equal(response.statusCode, 200, response.body)
  await writeNotes(server)
}

type Theft = (server: TestServer, stolen: Person) => Promise<Opened[]>

/** Ways to use a stolen refresh token beside its owner. Each gives the tokens that both come to hold. */
const thefts: Record<string, Theft> = {
  'the thief comes first, and the owner when the grace window is over': async (server, stolen) => {
    const thief = await refreshed(server, stolen)
    await useLate(server, thief)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return [thief]
  },
  'the owner comes first, and the thief when the grace window is over': async (server, stolen) => {
    const owner = await refreshed(server, stolen)
    await useLate(server, owner)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return [owner]
  },
  'the thief comes inside the grace window, and both go on': async (server, stolen) => {
    const owner = await refreshed(server, stolen)
    server.clock.advance(29)
    const thief = await refreshed(server, stolen)
    assert.equal(thief.refresh_token, owner.refresh_token)
    server.clock.advance(2)
    const next = await refreshed(server, thief)
    await useLate(server, next)
    assertProblem(await refresh(server, owner.refresh_token), 'session_ended')
    return [owner, thief, next]
  },
  'the thief runs ahead by two generations before the owner looks': async (server, stolen) => {
    const first = await refreshed(server, stolen)
    server.clock.advance(31)
    const second = await refreshed(server, first)
    assertProblem(await refresh(server, stolen.refresh_token), 'session_ended')
    return [first, second]
  },
  'the thief guesses at the Idempotency-Key of the owner': async (server, stolen) => {
    const owner = await refreshed(server, stolen, { 'idempotency-key': 'tab-1' })
    await useLate(server, owner)
    const guess = { 'idempotency-key': 'tab-2' }
    assertProblem(await refresh(server, stolen.refresh_token, guess), 'session_ended')
    return [owner]
  },
}

for (const [what, steal] of Object.entries(thefts)) {
  test(`when ${what}, the session is dead for both and for nobody else`, async (t) => {
    const server = await startServer(t)
    const stolen = await signedUp(server)
    const other = await signedIn(server, stolen)

    const tokens = await steal(server, stolen)

    await assertAllDead(server, [stolen, ...tokens])
    assert.deepEqual(await liveSessions(server, other.access_token), [other.sessionId])
    const reused = (await auditTypes(server)).filter((type) => type === 'refresh_token_reused')
    assert.equal(reused.length, 1)
  })
}

const HOUR = 3600
const SHORT = { SESSION_MAX_AGE: '3h', REFRESH_TOKEN_TTL: '2h', RATE_LIMITS: 'off' }

type End = (server: TestServer, person: Person) => Promise<unknown>

/** What a session does not come back from. The clock has been past its idle end and its absolute one. */
const ends: Record<string, End> = {
  'was refused at its end': async (server, { refresh_token }) => {
    assertProblem(await refresh(server, refresh_token), 'session_ended')
  },
  'was signed out past its end': (server, { refresh_token }) =>
    call(server, 'POST /logout', { refresh_token }),
  'was of an account whose password was changed past its end': async (server, person) => {
    const { access_token } = await signedIn(server, person)
    const change = { currentPassword: PASSWORD, newPassword: 'another horse, another battery' }
    const changed = await call(server, 'PUT /password', change, bearer(access_token))
    assert.equal(changed.statusCode, 200, changed.body)
  },
  'was one of all others that were ended past its end': async (server, person) => {
    const { access_token } = await signedIn(server, person)
    await call(server, 'DELETE /sessions', undefined, bearer(access_token))
  },
  'was of an account that was disabled past its end': async (server, { username }) => {
    await server.services.administration.disable(username)
    await server.services.administration.enable(username)
  },
}

/** Somebody whose session is a second past its idle end, or past its absolute one. */
const tooLate: Record<string, (server: TestServer) => Promise<Person>> = {
  'its idle end': async (server) => {
    const person = await signedUp(server)
    server.clock.advance(2 * HOUR + 1)
    return person
  },
  'its absolute end': async (server) => {
    const person = await signedUp(server)
    server.clock.advance(1.5 * HOUR)
    const kept = await refreshed(server, person)
    server.clock.advance(1.5 * HOUR + 1)
    return { ...person, ...kept }
  },
}

test('a clock that is set back an hour revives no session that is over', async (t) => {
  const server = await startServer(t, { env: SHORT })

  for (const [end, outlive] of Object.entries(tooLate)) {
    for (const [what, finish] of Object.entries(ends)) {
      const person = await outlive(server)
      await finish(server, person)
      server.clock.advance(-HOUR)

      const response = await refresh(server, person.refresh_token)

      assert.equal(response.statusCode, 401, `one that ${what} lives again before ${end}`)
      assertProblem(response, 'session_ended')
    }
  }
})

const join = (server: TestServer, more: object, headers: Record<string, string>) => {
  const username = uniqueName()
  const body = { username, email: `${username}@example.com`, password: PASSWORD, ...more }
  return call(server, 'POST /register', body, headers)
}
const logIn = (
  server: TestServer,
  { username }: Person,
  more: object,
  headers: Record<string, string>,
) => call(server, 'POST /login', { username, password: PASSWORD, ...more }, headers)

const assertAlive = async (server: TestServer, { access_token, sessionId }: Opened) =>
  assert.ok((await liveSessions(server, access_token)).includes(sessionId))

test('signing in over a planted session never adopts it, and ends it', async (t) => {
  const server = await startServer(t)
  const victim = await signedUp(server)
  const inCookie = { transport: 'cookie' }
  const ways = [
    (headers: Record<string, string>) => logIn(server, victim, inCookie, headers),
    (headers: Record<string, string>) => join(server, inCookie, headers),
  ]

  for (const signIn of ways) {
    const attacker = await signedUp(server, { transport: 'cookie' })
    const other = await signedIn(server, attacker)
    const response = await signIn(withCookie(attacker.cookie))
    const opened = response.json<Opened>()

    assert.ok([200, 201].includes(response.statusCode), response.body)
    assert.notEqual(opened.sessionId, attacker.sessionId)
    assert.notEqual(opened.user.id, attacker.user.id)
    assert.equal(partsOf(cookieOf(response))[1].sid, opened.sessionId)
    const planted = await call(server, 'POST /refresh', undefined, withCookie(attacker.cookie))
    assertProblem(planted, 'session_ended')
    const verify = await call(server, 'GET /verify', undefined, bearer(attacker.access_token))
    assertProblem(verify, 'session_ended')
    await assertAlive(server, opened)
    await assertAlive(server, other)
  }
})

test('a sign-in that fails, or that asks for no cookie, ends no session of the browser', async (t) => {
  const server = await startServer(t)
  const [person, victim] = [await signedUp(server, { transport: 'cookie' }), await signedUp(server)]
  const own = withCookie(person.cookie)
  const foreign = withCookie(person.cookie, { origin: 'https://evil.example' })
  const cookie = { transport: 'cookie' }
  const taken = { ...cookie, username: victim.username }

  const answers = [
    await logIn(server, victim, { ...cookie, password: 'wrong' }, own),
    await logIn(server, victim, cookie, foreign),
    await join(server, cookie, foreign),
    await join(server, taken, own),
    await join(server, { ...cookie, password: 'short' }, own),
    await logIn(server, victim, {}, own),
    await join(server, {}, own),
  ]

  const statuses = answers.map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [401, 403, 403, 409, 400, 200, 201])
  assert.deepEqual(answers.map(cookieOf), Array(7).fill(undefined))
  await assertAlive(server, person)
})

test('a forged cookie at a sign-in ends the session of nobody', async (t) => {
  const forge = await startForge(t)
  const { server, person, refreshHeader, refreshClaims } = forge
  const attacker = await signedUp(server)
  const unsigned = `${encoded({ ...refreshHeader, alg: 'none' })}.${encoded(refreshClaims)}.`
  const forged = [
    hmac(refreshHeader, refreshClaims, ''),
    hmac(refreshHeader, refreshClaims, randomBytes(32)),
    es256(forge.header, forge.claims, forge.foreign.privatePem),
    ...[unsigned, person.access_token, person.sessionId, '', 'x'],
  ]

  for (const cookie of forged) {
    const response = await logIn(server, attacker, { transport: 'cookie' }, withCookie(cookie))
    assert.equal(response.statusCode, 200, response.body)
    await assertAlive(server, person)
  }
})

test('every sign-in makes new ids and tokens, whatever the request suggests', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const suggested = { sessionId: person.sessionId, sid: person.sessionId }
  const headers = { ...BROWSER, 'x-session-id': person.sessionId, 'x-request-id': 'chosen' }

  const refused = await logIn(server, person, suggested, headers)
  const opened = [person as Opened]
  for (let time = 0; time < 3; time++) {
    opened.push((await logIn(server, person, {}, headers)).json<Opened>())
  }

  assert.equal(refused.statusCode, 400)
  for (const field of ['sessionId', 'access_token', 'refresh_token'] as const) {
    assert.equal(new Set(opened.map((session) => session[field])).size, 4, field)
  }
})
