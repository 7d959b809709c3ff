// Attacks on access tokens and on the Authorization header: forged algorithms, keys, headers and
// claims, damaged texts, tokens of another kind, environment or life, and tokens in places where
// none belongs.
// See also: an access token as a refresh token, forged-refresh-tokens.test.ts; a refresh token on
// protected routes, authorization.test.ts; the header beside a foreign cookie,
// csrf-cors-cookies.test.ts; the cache of verified tokens, ../tokens/token-cache.test.ts; expiry,
// ../sessions/lifetimes.test.ts; spare bits, ../sessions/logout.test.ts; retired keys,
// ../keys/keys.test.ts; two Authorization headers, ../http/wire-raw.test.ts.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { call, statementsOf } from '../support/answers.ts'
import { bearer, PASSWORD, REFRESH_COOKIE, refresh, signedUp } from '../support/factories.ts'
import { accessForgeries } from '../support/forgeries.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem, visible } from '../support/problems.ts'
import { es256, type Forge, startForge } from '../support/token-forging.ts'

const verify = (server: TestServer, token: string) =>
  call(server, 'GET /verify', undefined, bearer(token))

test('every forged or damaged token gets the very same 401, and costs no statement', async (t) => {
  const forge = await startForge(t)
  const { server, person } = forge
  const reference = await verify(server, 'a.b.c')
  assertProblem(reference, 'invalid_token')
  const before = statementsOf(server).length

  for (const [group, forgeries] of Object.entries(accessForgeries)) {
    await t.test(group, async () => {
      for (const [what, make] of Object.entries(forgeries)) {
        const response = await verify(server, make(forge))
        assert.deepEqual(visible(response), visible(reference), what)
      }
    })
  }

  assert.equal(statementsOf(server).length, before)
  assert.equal((await verify(server, person.access_token)).statusCode, 200)
  const log = JSON.stringify(server.logs.filter(({ level }) => Number(level) >= 50))
  assert.equal(log, '[]')
})

test('the forger of these tests makes tokens that are accepted when nothing is wrong', async (t) => {
  const { server, header, claims, privatePem } = await startForge(t)
  const ahead = { ...claims, iat: Number(claims.iat) + 10 }

  const plain = await verify(server, es256(header, claims, privatePem))
  const early = await verify(server, es256(header, ahead, privatePem))

  // The clock of the server that issued it may be ten seconds ahead.
  assert.deepEqual([plain.statusCode, early.statusCode], [200, 200])
})

test('a genuine token that no longer works is told which has ended: its time, its session or its user', async (t) => {
  const { server, person, header, claims, privatePem } = await startForge(t)
  const now = Math.floor(server.clock() / 1000)
  const claiming = (more: object) => es256(header, { ...claims, ...more }, privatePem)
  const leaver = await signedUp(server)
  const gone = { sub: leaver.user.id, sid: leaver.sessionId }
  const leave = { currentPassword: PASSWORD }
  await call(server, 'DELETE /me', leave, bearer(leaver.access_token))

  for (const exp of [0, 1, now - 1, now]) {
    assertProblem(await verify(server, claiming({ exp })), 'token_expired')
  }
  const immortal = claiming({ iat: now - 900, exp: Number.MAX_SAFE_INTEGER })
  assertProblem(await verify(server, immortal), 'token_expired')
  assertProblem(await verify(server, leaver.access_token), 'session_ended')
  assertProblem(await verify(server, claiming(gone)), 'session_ended')
  assert.equal((await verify(server, person.access_token)).statusCode, 200)
})

/**
 * A server that would give the attacker's keys to every caller. @returns its address, and how many
 * did
 */
async function startKeyServer(t: TestContext, { foreign }: Forge) {
  let connections = 0
  const keys = [{ ...foreign.jwk, alg: 'ES256', use: 'sig' }]
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys })))
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return { address, connections: () => connections }
}

test('a token that points at the keys of its maker is refused, and nobody asks there', async (t) => {
  const forge = await startForge(t)
  const { server, header, claims, foreign } = forge
  const { address, connections } = await startKeyServer(t, forge)
  const iss = address.replace('/jwks.json', '')
  const pointers = [
    ...[{ jku: address }, { x5u: address }, { kid: address }, { jku: address, kid: address }],
    ...[{ jwk: foreign.jwk }, { jku: address, jwk: foreign.jwk, x5u: address }],
  ]

  for (const pointer of pointers) {
    const forged = es256({ ...header, ...pointer }, claims, foreign.privatePem)
    assertProblem(await verify(server, forged), 'invalid_token')
  }
  const ofIssuer = es256({ ...header, kid: 'x' }, { ...claims, iss }, foreign.privatePem)
  assertProblem(await verify(server, ofIssuer), 'invalid_token')

  // By now the connection waits in the queue of the listener.
  assert.equal((await fetch(address)).status, 200)
  assert.equal(connections(), 1)
})

test('tokens of another environment open nothing, even with the same secret or the same address', async (t) => {
  const secret = Buffer.from('the-same-secret-in-two-environments-0123456789')
  const PUBLIC_URL = 'https://staging.example'
  const here = await startServer(t, { masterSecrets: [secret] })
  const { clock } = here
  const twin = await startServer(t, { clock, masterSecrets: [secret] })
  const staging = await startServer(t, { clock, masterSecrets: [secret], env: { PUBLIC_URL } })
  const strangers = await Promise.all([signedUp(twin), signedUp(staging)])

  const seen = []
  for (const { access_token, refresh_token } of strangers) {
    assertProblem(await verify(here, access_token), 'invalid_token')
    seen.push((await refresh(here, refresh_token)).json<{ code: string }>().code)
  }

  // The refresh token of the twin is genuine here, but no session has its id.
  assert.deepEqual(seen, ['session_ended', 'invalid_token'])
})

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other valid signature that everybody can make of an ECDSA signature: (r, n - s). */
function mirrored(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
  return `${header}.${claims}.${Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url')}`
}

test('the mirrored signature makes no token that outlives signing out', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const twin = mirrored(access_token)
  const before = await verify(server, twin)

  await call(server, 'POST /logout', undefined, bearer(access_token))

  assert.notEqual(twin, access_token)
  assert.equal(before.statusCode, 200)
  assertProblem(await verify(server, twin), 'session_ended')
})

test('the scheme is taken in any case with one or more spaces; other schemes, and it alone, are told apart', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const ask = (authorization: string) => call(server, 'GET /verify', undefined, { authorization })

  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
    for (const space of [' ', '  ', ' '.repeat(500)]) {
      assert.equal((await ask(`${scheme}${space}${access_token}`)).statusCode, 200, scheme)
    }
  }
  for (const other of ['Basic eDp5', `Token ${access_token}`, access_token, 'Bearers x', '']) {
    assertProblem(await ask(other), 'unauthenticated')
  }
  const tabbed = [`Bearer\t${access_token}`, `Bearer \t${access_token}`, `Bearer ${access_token} x`]
  for (const bare of ['Bearer', 'Bearer ', 'bearer\t', ...tabbed]) {
    assertProblem(await ask(bare), 'invalid_token')
  }
})

test('a token in a cookie, a query, a body, a form or a header of another name signs nobody in', async (t) => {
  const server = await startServer(t)
  const { access_token: token, user } = await signedUp(server)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const names = ['access_token', 'token', 'jwt', 'Authorization', 'latchkey-access', 'session']
  const cookie = names.map((name) => `${name}=${token}`).join('; ')
  const headers = ['proxy-authorization', 'x-authorization', 'x-access-token', 'x-auth-token']
  const spoofed = { 'x-user-id': user.id, 'x-user-role': 'admin', 'x-forwarded-user': user.id }

  const answers = [
    await call(server, 'GET /me', undefined, { cookie }),
    await call(server, 'GET /me', undefined, { cookie: `${REFRESH_COOKIE}=${token}` }),
    await call(server, `GET /me?access_token=${token}`),
    await call(server, `GET /me?Authorization=Bearer%20${token}`),
    await call(server, 'PATCH /me', { access_token: token, name: 'x' }),
    await call(server, 'POST /houses', `access_token=${token}`, form),
    await call(server, 'GET /me', undefined, spoofed),
  ]
  for (const name of headers) {
    answers.push(await call(server, 'GET /me', undefined, { [name]: `Bearer ${token}` }))
  }

  for (const answer of answers) assertProblem(answer, 'unauthenticated')
  assert.equal((await verify(server, token)).statusCode, 200)
})
