import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import type { AccessClaims } from '../../src/features/tokens/claims.ts'
import { createGuard } from '../../src/features/tokens/guard.ts'
import { call } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { es256, startForge } from '../support/token-forging.ts'

const verify = (server: TestServer, token: string) =>
  call(server, 'GET /verify', undefined, bearer(token))

test('the same token ten times is taken ten times', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)

  for (let turn = 0; turn < 10; turn++) {
    assert.equal((await verify(server, access_token)).statusCode, 200)
  }
})

test('nobody can change the claims that requests with one token share', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const request = { headers: bearer(access_token) } as never
  await verify(server, access_token)

  const claims = await server.services.guard.readAccessToken(request)

  assert.ok(claims)
  assert.throws(() => Object.assign(claims, { sub: 'admin', role: 'admin' }), TypeError)
  assert.throws(() => claims.amr.push('mfa'), TypeError)
  assert.equal((await verify(server, access_token)).json<{ role: string }>().role, 'user')
})

test('a token that is cached still expires at its exp', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  await verify(server, access_token)
  server.clock.advance(900)

  assertProblem(await verify(server, access_token), 'token_expired')
})

test('a token that is known already ends with its session all the same', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  await verify(server, access_token)

  await call(server, 'POST /logout', undefined, bearer(access_token))

  assertProblem(await verify(server, access_token), 'session_ended')
})

test('a token that is known already goes with its key', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const before = await verify(server, access_token)

  const kid = server.services.keys.current().kid
  await server.database.client.signingKey.deleteMany({ where: { id: kid } })
  await server.services.keys.refresh()

  assert.equal(before.statusCode, 200)
  assertProblem(await verify(server, access_token), 'invalid_token')
})

test('a refused token stays refused, and a good one beside it stays good', async (t) => {
  const { server, person, header, claims, foreign } = await startForge(t)
  const forged = es256(header, claims, foreign.privatePem)

  for (let turn = 0; turn < 3; turn++) {
    assertProblem(await verify(server, forged), 'invalid_token')
    assert.equal((await verify(server, person.access_token)).statusCode, 200)
  }
})

test('many parallel users never see one another through the cache', async (t) => {
  const { server, header, claims, privatePem } = await startForge(t)
  const people = Array.from({ length: 200 }, (_, n) => {
    const sub = String(claims.sub).slice(0, -4) + String(n).padStart(4, '0')
    return { sub, token: es256(header, { ...claims, sub }, privatePem) }
  })

  for (let turn = 0; turn < 3; turn++) {
    const seen = await Promise.all(people.map(({ token }) => verify(server, token)))
    assert.deepEqual(
      seen.map((response) => response.json<{ sub: string }>().sub),
      people.map(({ sub }) => sub),
    )
  }
})

test('the tokens that came last are remembered, and no more of them than there is room for', async (t) => {
  const { server, header, claims, privatePem } = await startForge(t)
  const { keys, revocations } = server.services
  const app = Fastify()
  t.after(() => app.close())
  const guard = createGuard({
    ...{ clock: server.clock, revocations, issuer: String(claims.iss) },
    ...{ publicPem: keys.publicPem, lookFor: keys.lookFor, retiredKey: keys.retiredKey },
    ...{ accessSeconds: 900, graceSeconds: 30, seen: { note: () => undefined }, cacheSize: 2 },
  })
  await guard.install(app)
  const read: (AccessClaims | undefined)[] = []
  app.get('/', async (request) => void read.push(await guard.readAccessToken(request)))
  const tokens = [1, 2, 3].map((n) => es256(header, { ...claims, jti: `${n}` }, privatePem))

  // What is remembered is the same object, and what is verified anew another one.
  for (const turn of [0, 1, 0, 1, 2, 1, 2, 0]) {
    await app.inject({ url: '/', headers: bearer(tokens[turn]) })
  }

  const [first, second, firstAgain, secondAgain, third, secondLater, thirdAgain, firstLater] = read
  assert.deepEqual([first?.jti, second?.jti, third?.jti], ['1', '2', '3'])
  for (const [one, other] of [
    [firstAgain, first],
    [secondAgain, second],
    [secondLater, second],
    [thirdAgain, third],
  ]) {
    assert.equal(one, other)
  }
  assert.notEqual(firstLater, first)
  assert.equal(firstLater?.jti, '1')
})
