import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { accessTokenSigner } from '../../src/features/keys/key-pair.ts'
import { createMasterSecrets } from '../../src/platform/crypto/master-secret.ts'
import { call } from '../support/answers.ts'
import { bearer, type Opened, ORIGIN, refresh, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { es256, less, partsOf, startForge } from '../support/token-forging.ts'

const HOUR = 3600
const DAY = 24 * HOUR

type Jwks = { keys: Record<string, string>[] }

async function publishedKids(server: TestServer): Promise<(string | undefined)[]> {
  const response = await call(server, 'GET /.well-known/jwks.json')
  return response.json<Jwks>().keys.map(({ kid }) => kid)
}

const kidOf = (token: string) => String(partsOf(token)[0].kid)

const verify = (server: TestServer, token: string) =>
  call(server, 'GET /verify', undefined, bearer(token))

test('GET /.well-known/jwks.json answers with public keys alone, cacheable', async (t) => {
  const server = await startServer(t)

  const response = await call(server, 'GET /.well-known/jwks.json')

  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(response.headers['cache-control'], 'public, max-age=300')
  const { keys } = response.json<Jwks>()
  assert.equal(keys.length, 2)
  for (const { kid, x, y, ...rest } of keys) {
    assert.match(String(kid), /^[0-9a-f-]{36}$/)
    for (const coordinate of [x, y]) assert.match(String(coordinate), /^[\w-]{43}$/)
    assert.deepEqual(rest, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  }
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
    client_id: 'latchkey',
    sub: person.user.id,
    sid: person.sessionId,
    gen: 1,
    jti: payload.jti,
    iat: now,
    exp: now + 900,
    auth_time: now,
    amr: ['pwd'],
    acr: 'aal1',
    role: 'user',
  })
  const [refreshHeader, refreshClaims] = partsOf(person.refresh_token)
  assert.equal(refreshHeader.typ, 'rt+jwt')
  assert.deepEqual(
    [person.username, person.email].filter((fact) => JSON.stringify(refreshClaims).includes(fact)),
    [],
  )
})

test('an access token from before client_id stays good, and another client_id is refused', async (t) => {
  const { server, header, claims, privatePem } = await startForge(t)
  const older = es256(header, less(claims, 'client_id'), privatePem)
  const foreign = es256(header, { ...claims, client_id: 'other' }, privatePem)

  assert.equal((await verify(server, older)).statusCode, 200)
  assertProblem(await verify(server, foreign), 'invalid_token')
})

test('the next key is published a month before it signs, and takes over by date alone', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const [current, next] = await publishedKids(server)

  server.clock.advance(30 * DAY - 1)
  const last = await signedIn(server, person)
  server.clock.advance(1)
  const first = await signedIn(server, person)

  assert.equal(kidOf(person.access_token), current)
  assert.equal(kidOf(last.access_token), current)
  assert.equal(kidOf(first.access_token), next)
  assert.equal((await verify(server, last.access_token)).statusCode, 200)
  assert.equal((await verify(server, first.access_token)).statusCode, 200)
})

test('a retired key verifies until its last token has expired, and no longer', async (t) => {
  const forge = await startForge(t)
  const { server, header, claims, privatePem, kid } = forge
  const [, next] = await publishedKids(server)
  const lasting = () => {
    const iat = Math.floor(server.clock() / 1000)
    return es256(header, { ...claims, iat, exp: iat + 900 }, privatePem)
  }

  server.clock.advance(30 * DAY)
  await server.services.keys.refresh()
  const [previous, current, following] = await publishedKids(server)
  server.clock.advance(DAY + 900)
  await server.services.keys.refresh()
  const before = await verify(server, lasting())
  server.clock.advance(1)
  await server.services.keys.refresh()
  const after = await verify(server, lasting())

  assert.deepEqual([previous, current], [kid, next])
  assert.equal(before.statusCode, 200)
  assertProblem(after, 'invalid_token')
  assert.deepEqual(await publishedKids(server), [next, following])
  const rows = await server.database.client.signingKey.findMany({ orderBy: { sequence: 'asc' } })
  assert.deepEqual(
    rows.map(({ id, sequence }) => [id, sequence]),
    [
      [next, 2],
      [following, 3],
    ],
  )
})

test('a server that slept through months comes back with keys that are fit to sign', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  server.clock.advance(200 * DAY)

  await server.services.keys.refresh()
  const { access_token } = await signedIn(server, person)
  const published = await publishedKids(server)

  assert.equal((await verify(server, access_token)).statusCode, 200)
  assert.ok(published.includes(kidOf(access_token)))
  const newest = await server.database.client.signingKey.findFirst({
    orderBy: { sequence: 'desc' },
  })
  assert.ok(Number(newest?.signsFrom) >= server.clock() + HOUR * 1000)
  // Every key that was made now is published an hour before it signs.
  const made = { createdAt: { gte: new Date(server.clock()) } }
  for (const { signsFrom } of await server.database.client.signingKey.findMany({ where: made })) {
    assert.ok(Number(signsFrom) >= server.clock() + HOUR * 1000)
  }
})

test('a signing key on another curve, or of another kind, is refused', () => {
  const options = { format: 'pem', type: 'pkcs8' } as const
  for (const { privateKey } of [
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('ed25519'),
  ]) {
    const pem = privateKey.export(options).toString()

    assert.throws(() => accessTokenSigner('some-kid', pem), /some-kid is not a P-256 key/)
  }
})

test('keys.rotate lets the next key sign an hour later, when every verifier has it', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const [current, next] = await publishedKids(server)

  const at = await server.services.keys.rotate()
  server.clock.advance(HOUR - 1)
  const before = await signedIn(server, person)
  server.clock.advance(1)
  const after = await signedIn(server, person)

  assert.equal(at, server.clock())
  assert.equal(kidOf(before.access_token), current)
  assert.equal(kidOf(after.access_token), next)
  assert.equal((await verify(server, before.access_token)).statusCode, 200)
})

test('two servers on one database sign with the same key before and after its date', async (t) => {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const first = await startServer(t, { url, clock })
  const second = await startServer(t, { url, clock })
  const person = await signedUp(first)
  clock.advance(30 * DAY)

  await Promise.all([first.services.keys.refresh(), second.services.keys.refresh()])
  await Promise.all([first.services.keys.refresh(), second.services.keys.refresh()])
  const [here, there] = [await signedIn(first, person), await signedIn(second, person)]

  assert.equal(kidOf(here.access_token), kidOf(there.access_token))
  assert.notEqual(kidOf(here.access_token), kidOf(person.access_token))
  assert.deepEqual(await publishedKids(first), await publishedKids(second))
  assert.equal((await publishedKids(first)).length, 3)
  assert.equal((await verify(first, there.access_token)).statusCode, 200)
  assert.equal((await verify(second, here.access_token)).statusCode, 200)
})

test('servers that start on an empty database at once make one ring', async (t) => {
  const [url, clock] = [await freshDatabase(t), testClock()]

  const servers = await Promise.all([1, 2, 3].map(() => startServer(t, { url, clock })))

  const [first, second] = servers
  assert.ok(first && second)
  assert.equal(await first.database.client.signingKey.count(), 2)
  const rings = await Promise.all(servers.map(publishedKids))
  for (const ring of rings) assert.deepEqual(ring, rings[0])
  const person = await signedUp(first)
  assert.equal((await verify(second, person.access_token)).statusCode, 200)
  assert.equal((await refresh(second, person.refresh_token)).statusCode, 200)
})

test('private keys lie in the database encrypted, each under a nonce of its own', async (t) => {
  const { server, privatePem, masterSecret } = await startForge(t)
  const { d = '' } = createPrivateKey(privatePem).export({ format: 'jwk' })
  const scalar = Buffer.from(d, 'base64url')
  const bodies = privatePem.split('\n').slice(1, -2)

  const rows = await server.database.client.signingKey.findMany()

  const text = JSON.stringify(rows)
  const stored = rows.map(({ encryptedKey }) => encryptedKey.split('.'))
  for (const parts of stored) assert.equal(parts.length, 5)
  const plain = stored.flatMap((parts) => parts.map((part) => Buffer.from(part, 'base64url')))
  for (const bytes of plain) {
    assert.ok(!bytes.includes(scalar) && !bytes.includes(masterSecret))
    assert.ok(!bytes.includes('PRIVATE KEY'))
  }
  for (const secret of [d, scalar.toString('hex'), scalar.toString('base64'), ...bodies, '"d"']) {
    assert.ok(!text.includes(secret))
  }
  assert.equal(new Set(stored.map(([, , nonce]) => nonce)).size, rows.length)
})

test('a stored key that was changed or exchanged stops the start', async (t) => {
  const url = await freshDatabase(t)
  const { database } = await startServer(t, { url })
  const [one, two] = await database.client.signingKey.findMany()
  assert.ok(one && two)
  const store = (encryptedKey: string) =>
    database.client.signingKey.updateMany({ where: { id: one.id }, data: { encryptedKey } })
  const middle = one.encryptedKey.length - 60
  const inside = one.encryptedKey[middle] === 'A' ? 'B' : 'A'
  const changed = one.encryptedKey.slice(0, middle) + inside + one.encryptedKey.slice(middle + 1)

  for (const damaged of [changed, two.encryptedKey, 'v1.x.y.z', '']) {
    await store(damaged)
    await assert.rejects(startServer(t, { url }), Error, damaged)
  }

  await store(one.encryptedKey)
  await startServer(t, { url })
})

test('a wrong master secret refuses to start, and says SECRET', async (t) => {
  const url = await freshDatabase(t)
  await startServer(t, { url, masterSecrets: [randomBytes(48)] })

  const start = startServer(t, { url, masterSecrets: [randomBytes(48)] })

  await assert.rejects(
    start,
    /SECRET: none of the listed secrets opens what is stored sealed; list the one/,
  )
})

test('a new master secret before the old one keeps everybody signed in', async (t) => {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const [old, fresh] = [randomBytes(48), randomBytes(48)]
  const before = await startServer(t, { url, clock, masterSecrets: [old] })
  const [person, idle] = [await signedUp(before), await signedUp(before)]

  const both = await startServer(t, { url, clock, masterSecrets: [fresh, old] })
  const verified = await verify(both, person.access_token)
  const refreshed = (await refresh(both, person.refresh_token)).json<Opened>()
  const after = await startServer(t, { url, clock, masterSecrets: [fresh] })

  assert.equal(verified.statusCode, 200)
  assert.equal(refreshed.refreshed, 'rotated')
  assert.notEqual(kidOf(String(refreshed.refresh_token)), kidOf(String(person.refresh_token)))
  assert.equal((await verify(after, refreshed.access_token)).statusCode, 200)
  assert.equal((await refresh(after, refreshed.refresh_token)).statusCode, 200)
  assertProblem(await refresh(after, idle.refresh_token), 'invalid_token')
  const rows = await after.database.client.signingKey.findMany()
  const secrets = createMasterSecrets([fresh])
  for (const { id, encryptedKey } of rows) assert.match(secrets.open(encryptedKey, id), /PRIVATE/)
  const stale = startServer(t, { url, clock, masterSecrets: [old] })
  await assert.rejects(stale, /SECRET/)
})

for (const name of ['oauth-authorization-server', 'openid-configuration']) {
  test(`GET /.well-known/${name} says what a service needs that knows the issuer alone`, async (t) => {
    const issuer = 'https://id.example.com'
    const server = await startServer(t, { env: { PUBLIC_URL: issuer } })
    const url = `/.well-known/${name}`

    const answer = await server.inject({ url })
    const head = await server.inject({ method: 'HEAD', url })

    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(answer.headers['cache-control'], 'public, max-age=300')
    assert.deepEqual(answer.json(), {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      token_endpoint: `${issuer}/login`,
      grant_types_supported: ['password'],
      token_endpoint_auth_methods_supported: ['none'],
      response_types_supported: ['none'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
    assert.equal(head.statusCode, 200)
    assert.equal(head.headers['content-length'], String(answer.body.length))
  })
}
