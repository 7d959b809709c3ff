// Domains and origins of passkeys, and what browsers are asked for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '../../src/platform/ids.ts'
import { createAuthenticator } from '../../src/testing/authenticator.ts'
import { call } from '../support/answers.ts'
import { SECRET } from '../support/config.ts'
import { signedUp } from '../support/factories.ts'
import { challengeIn, login } from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import {
  answerByPasskey,
  askForFactor,
  begunByPasskey,
  givePasskey,
  handleOf,
  newNonce,
  type PasskeyView,
  personWithPasskey,
  prove,
  proveNew,
} from '../support/passkeys.ts'

const ANDROID = `android:apk-key-hash:${'A_-9'.repeat(11).slice(1)}`
const COMPANY = {
  PUBLIC_URL: 'https://auth.example.org',
  CORS_ORIGINS: 'https://app.example.org,capacitor://localhost',
  WEBAUTHN_RP_ID: 'example.org,auth.example.org',
  WEBAUTHN_ORIGINS: `${ANDROID},https://example.com`,
}

test('a browser is asked for any passkey that has verified its user', async (t) => {
  const server = await startServer(t)

  const [one, other] = [await begunByPasskey(server), await begunByPasskey(server)]
  const { challenge, ...options } = one.passkey

  assert.deepEqual(options, { rpId: 'localhost', timeout: 300_000, userVerification: 'required' })
  assert.equal(Buffer.from(challenge, 'base64url').length, 32)
  assert.notEqual(challenge, other.passkey.challenge)
})

test('beside a password a browser is asked for the passkeys of the account, newest domain first', async (t) => {
  const url = await freshDatabase(t)
  const old = await startServer(t, { url, env: { ...COMPANY, WEBAUTHN_RP_ID: 'auth.example.org' } })
  const server = await startServer(t, { url, env: COMPANY, clock: old.clock })
  const own = { origin: 'https://auth.example.org' }
  const person = await signedUp(server)
  await askForFactor(server, person)

  const older = await givePasskey(old, person, { ...own, rpId: 'auth.example.org' })
  const before = await asked(server, person)
  const newer = await givePasskey(server, person, { ...own, rpId: 'example.org' })
  const after = await asked(server, person)

  const transports = ['hybrid', 'internal']
  const rest = { timeout: 300_000, userVerification: 'preferred' }
  const one = (id: string) => [{ type: 'public-key', id, transports }]
  assert.deepEqual(before, {
    ...{ ...rest, rpId: 'auth.example.org', allowCredentials: one(older.passkey.id) },
  })
  assert.deepEqual(after, {
    ...{ ...rest, rpId: 'example.org', allowCredentials: one(newer.passkey.id) },
  })
})

test('a passkey of a domain that is no longer listed is neither offered nor taken', async (t) => {
  const url = await freshDatabase(t)
  const old = await startServer(t, { url, env: { ...COMPANY, WEBAUTHN_RP_ID: 'auth.example.org' } })
  const server = await startServer(t, {
    ...{ url, clock: old.clock, env: { ...COMPANY, WEBAUTHN_RP_ID: 'example.org' } },
  })
  const kind = { origin: 'https://auth.example.org', rpId: 'auth.example.org' }
  const person = await givePasskey(old, await signedUp(old), kind)
  await askForFactor(old, person)
  const { factorStore, passkeys, secondFactor } = server.services
  const factors = await factorStore.listOf(person.user.id as UserId)
  const nonce = newNonce()
  const credential = person.passkey.use(nonce)

  assert.deepEqual(factors.map(passkeys.options.usable), [false])
  assert.deepEqual(secondFactor.methodsOf(factors), [])
  assert.equal(await prove(server, { credential, nonce }), undefined)
  assert.equal(await prove(server, { credential, nonce, userId: person.user.id }), undefined)
  assert.ok(await prove(old, { credential, nonce }))
})

test('a passkey of one listed domain is not that of another one', async (t) => {
  const server = await startServer(t, { env: COMPANY })
  const person = await personWithPasskey(server, {
    ...{ origin: 'https://auth.example.org', rpId: 'example.org' },
  })
  const nonce = newNonce()
  const credential = person.passkey.use(nonce, { rpId: 'auth.example.org' })

  assert.equal(await prove(server, { credential, nonce }), undefined)
})

for (const [env, rpId, origins, others] of [
  [
    COMPANY,
    'example.org',
    [
      ...['https://auth.example.org', 'https://app.example.org', 'https://example.com'],
      ...['capacitor://localhost', ANDROID],
    ],
    [
      ...['https://example.org', 'https://evil.example.org', 'http://auth.example.org'],
      ...['https://auth.example.org:8443', 'http://localhost:3000', 'http://localhost'],
    ],
  ],
  [
    {},
    'localhost',
    ['http://localhost:3000', 'http://localhost:5173', 'http://localhost'],
    ['http://localhost.evil.example', 'https://localhost:5173', 'http://evil.example:3000'],
  ],
  [
    { NODE_ENV: 'production', SECRET, ARGON2_MEMORY_KIB: '19456', ARGON2_TIME: '2' },
    'localhost',
    ['http://localhost:3000'],
    ['http://localhost:5173', 'http://localhost'],
  ],
] as const) {
  test(`of ${origins[0]} ${'NODE_ENV' in env ? 'in production ' : ''}only configured origins count, not that of the request`, async (t) => {
    const server = await startServer(t, {
      env: { PUBLIC_URL: 'http://localhost:3000', ...env } as Record<string, string>,
    })
    const person = await personWithPasskey(server, { rpId, origin: origins[0] })
    for (const [listed, isExpected] of [
      [origins, true],
      [others, false],
    ] as const) {
      for (const origin of listed) {
        const begun = await begunByPasskey(server)
        const credential = person.passkey.use(begun.passkey.challenge, { client: { origin } })
        const headers = { origin, host: origin.replace(/^.*:\/\//, '') }
        const answer = await answerByPasskey(server, begun.token, credential, headers)

        assert.equal(answer.statusCode, isExpected ? 200 : 401, `${origin}: ${answer.body}`)
        const nonce = newNonce()
        const added = createAuthenticator({ rpId, origin }).create(nonce)
        assert.equal(
          (await proveNew(server, { credential: added, nonce })) !== undefined,
          isExpected,
        )
      }
    }
  })
}

test('what a new passkey is made of', async (t) => {
  const server = await startServer(t, { env: COMPANY })
  const person = await personWithPasskey(server, {
    ...{ origin: 'https://auth.example.org', rpId: 'example.org' },
  })
  const { factorStore, passkeys } = server.services
  const id = person.user.id as UserId
  const factors = await factorStore.listOf(id)
  const user = { id, username: person.username, name: null }

  const options = passkeys.options.creation('a challenge', user, factors)

  assert.deepEqual(options, {
    rp: { id: 'example.org', name: 'auth.example.org' },
    user: { id: handleOf(person), name: person.username, displayName: person.username },
    challenge: 'a challenge',
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
    timeout: 300_000,
    excludeCredentials: [
      { type: 'public-key', id: person.passkey.id, transports: ['hybrid', 'internal'] },
    ],
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    attestation: 'none',
  })
  const named = passkeys.options.creation('', { ...user, name: 'Lý Thái Tổ' }, [])
  assert.equal(named.user.displayName, 'Lý Thái Tổ')
})

test('browsers learn which pages of other domains may use the passkeys', async (t) => {
  const server = await startServer(t, { env: COMPANY })

  const answer = await call(server, 'GET /.well-known/webauthn')

  assert.equal(answer.statusCode, 200)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  assert.equal(answer.headers['cache-control'], 'public, max-age=300')
  assert.deepEqual(answer.cookies, [])
  assert.deepEqual(answer.json(), {
    origins: ['https://auth.example.org', 'https://app.example.org', 'https://example.com'],
  })
})

/** What the second factor of an account asks a browser for, but for the challenge. */
async function asked(server: TestServer, person: { username: string }) {
  const view = challengeIn<PasskeyView>(await login(server, person))
  const { challenge: _, ...options } = view.passkey
  return options
}
