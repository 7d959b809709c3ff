import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { call } from '../answers.ts'
import { es256, partsOf, startForge } from '../forge.ts'
import { accessForgeries } from '../forgeries.ts'
import { startServer } from '../helper.ts'
import { bearer, ORIGIN, signedUp } from '../people.ts'
import { assertProblem, visible } from '../problems.ts'

for (const [group, forgeries] of Object.entries(accessForgeries)) {
  test(`every forged or damaged token (${group}) gets the very same 401`, async (t) => {
    const forge = await startForge(t)
    const reference = await call(forge.server, 'GET /verify', undefined, bearer('a.b.c'))
    assertProblem(reference, 'invalid_token')

    for (const [what, make] of Object.entries(forgeries)) {
      const response = await call(forge.server, 'GET /verify', undefined, bearer(make(forge)))
      assert.deepEqual(visible(response), visible(reference), what)
    }

    const genuine = bearer(forge.person.access_token)
    const untouched = await call(forge.server, 'GET /verify', undefined, genuine)
    assert.equal(untouched.statusCode, 200)
    const log = JSON.stringify(forge.server.logs.filter(({ level }) => Number(level) >= 50))
    assert.equal(log, '[]')
  })
}

test('the forger of these tests makes tokens that are accepted when nothing is wrong', async (t) => {
  const { server, header, claims, privatePem } = await startForge(t)

  const response = await call(
    server,
    'GET /verify',
    undefined,
    bearer(es256(header, claims, privatePem)),
  )

  assert.equal(response.statusCode, 200)
})

test('an access token has the header and the claims of RFC 9068 and nothing personal', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const jwks = (await call(server, 'GET /.well-known/jwks.json')).json<JSONWebKeySet>()

  const { payload, protectedHeader } = await jwtVerify(
    person.access_token,
    createLocalJWKSet(jwks),
    {
      issuer: ORIGIN,
      audience: ORIGIN,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      currentDate: new Date(server.clock()),
    },
  )

  const now = Math.floor(server.clock() / 1000)
  assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'at+jwt', kid: jwks.keys[0]?.kid })
  assert.match(String(payload.jti), /^[0-9a-f-]{36}$/)
  assert.deepEqual(payload, {
    iss: ORIGIN,
    aud: ORIGIN,
    sub: person.user.id,
    sid: person.sessionId,
    jti: payload.jti,
    iat: now,
    exp: now + 900,
    auth_time: now,
    amr: ['pwd'],
    role: 'user',
  })
  const [refreshHeader, refreshClaims] = partsOf(person.refresh_token)
  assert.equal(refreshHeader.typ, 'rt+jwt')
  assert.deepEqual(
    [person.username, person.email].filter((fact) => JSON.stringify(refreshClaims).includes(fact)),
    [],
  )
})

for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
  test(`the scheme "${scheme}" is taken, since its name has no case`, async (t) => {
    const server = await startServer(t)
    const { access_token } = await signedUp(server)

    const headers = { authorization: `${scheme} ${access_token}` }

    assert.equal((await call(server, 'GET /verify', undefined, headers)).statusCode, 200)
  })
}

test('other schemes, and a scheme without a token, are told apart', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const ask = (authorization: string) => call(server, 'GET /verify', undefined, { authorization })

  for (const other of ['Basic eDp5', `Token ${access_token}`, access_token, 'Bearers x', '']) {
    assertProblem(await ask(other), 'unauthenticated')
  }
  for (const bare of ['Bearer', 'Bearer ', 'bearer\t', `Bearer\t${access_token}`]) {
    assertProblem(await ask(bare), 'invalid_token')
  }
})

test('an access token may come from a clock that is ten seconds ahead', async (t) => {
  const { server, header, claims, privatePem } = await startForge(t)

  const ahead = es256(header, { ...claims, iat: Number(claims.iat) + 10 }, privatePem)
  const response = await call(server, 'GET /verify', undefined, bearer(ahead))

  assert.equal(response.statusCode, 200)
})
