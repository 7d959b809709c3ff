// runs once
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { fetchFrom } from '../support/http-answers.ts'
import {
  ATTEMPT,
  aProvider,
  callback,
  keys,
  type Lies,
  lyingProvider,
  publicJwk,
} from '../support/lying-provider.ts'
import { aProtocol, refused } from '../support/protocol.ts'

// ID tokens that no sign-in may accept.

const ISSUER = 'https://issuer.example.com'
const NOW = Math.floor(Date.now() / 1000)

function world(lies: Lies = {}) {
  const { answers, calls } = lyingProvider(() => ISSUER, lies)
  const { protocol, unavailable, lines } = aProtocol({ fetch: fetchFrom(answers) })
  const identify = () => protocol.identify(aProvider(), ATTEMPT, callback())
  return { identify, unavailable, calls, lines, lies }
}

const encoded = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')

test('an honest token is accepted', async () => {
  assert.equal((await world().identify()).subject, 'somebody')
})

for (const [name, lies, reason] of [
  ['for another client', { claims: { aud: 'another' } }, /"aud"/],
  ['for several clients, by nobody', { claims: { aud: ['latchkey', 'another'] } }, /"aud"/],
  [
    'for several clients, asked for by another',
    { claims: { aud: ['latchkey', 'another'], azp: 'another' } },
    /"azp"/,
  ],
  ['that has expired', { claims: { exp: NOW - 60 } }, /"exp"/],
  ['that never expires', { claims: { exp: undefined } }, /"exp"/],
  ['that is not valid yet', { claims: { nbf: NOW + 600 } }, /"nbf"/],
  ['of another issuer', { claims: { iss: 'https://other.example.com' } }, /"iss"/],
  ['of the issuer with a slash', { claims: { iss: `${ISSUER}/` } }, /"iss"/],
  ['of nobody', { claims: { sub: undefined } }, /"sub"/],
  ['whose subject is empty', { claims: { sub: '' } }, /subject is not a string of 1 to 255/],
  ['whose subject is long', { claims: { sub: 'x'.repeat(256) } }, /subject is not a string of 1/],
  ['whose subject is long in bytes', { claims: { sub: 'ü'.repeat(128) } }, /1 to 255/],
  ['whose subject has a control character', { claims: { sub: 'a\u0000' } }, /1 to 255/],
  ['whose subject ends in half a character', { claims: { sub: 'a\ud800' } }, /1 to 255/],
  ['whose subject is a number', { claims: { sub: 7 } }, /"sub"/],
  ['by an unknown key', { header: { kid: 'other' } }, /no applicable keys/],
  ['with a critical extension', { header: { crit: ['b64'], b64: true } }, /"crit"/],
] as const satisfies [string, Lies, RegExp][]) {
  test(`a token ${name} makes the provider unavailable`, async () => {
    const { identify, unavailable } = world(lies)

    await unavailable(identify(), reason)
  })
}

test('a longest subject and a listed client are accepted', async () => {
  const claims = { sub: 'x'.repeat(255), aud: ['latchkey'], email: 'a@example.com' }

  assert.equal((await world({ claims }).identify()).subject.length, 255)
})

for (const [name, nonce] of [
  ['another', 'b-nonce'],
  ['no', undefined],
] as const)
  test(`a token with ${name} nonce is refused`, async () => {
    await refused(world({ claims: { nonce } }).identify(), 'nonce_wrong')
  })

test('a token without a signature is not accepted, though the metadata lists it', async () => {
  for (const alg of ['none', 'None', 'NONE']) {
    const idToken = (claims: object) => `${encoded({ alg })}.${encoded(claims)}.`
    const { identify, unavailable } = world({ idToken })

    await unavailable(identify(), /alg|unsupported/i)
  }
})

test('a token with a broken signature is not accepted', async () => {
  const other = await generateKeyPair('ES256')
  const idToken = (claims: object) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(other.privateKey)
  const { identify, unavailable } = world({ idToken })

  await unavailable(identify(), /signature/)
})

test('a token signed with the public key as a secret is not accepted', async () => {
  const pem = await exportSPKI(keys.publicKey)
  for (const secret of [pem, JSON.stringify(publicJwk), 'a-secret']) {
    const idToken = (claims: object) => {
      const text = `${encoded({ alg: 'HS256', kid: 'one' })}.${encoded(claims)}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }
    const { identify, unavailable } = world({ idToken })

    await unavailable(identify(), /unsupported/)
  }
})

test('what is not a token is not accepted', async () => {
  for (const text of ['', 'a', 'a.b', 'a.b.c', 'a.b.c.d.e', `${encoded([])}.${encoded({})}.x`]) {
    const { identify, unavailable } = world({ idToken: () => text })

    await unavailable(identify(), /./)
  }
})

test('many tokens by unknown keys make the keys be read once', async () => {
  const { identify, unavailable, calls, lies } = world()
  for (let kid = 0; kid < 5; kid++) {
    lies.header = { kid: `unknown-${kid}` }
    await unavailable(identify(), /no applicable keys/)
  }

  assert.equal(calls.filter((path) => path === '/keys').length, 1)
  assert.equal(calls.filter((path) => path.startsWith('/.well-known')).length, 1)
})

test('a new key is read once the old keys are a minute old', async (t) => {
  const { identify, unavailable, lies, calls } = world()
  const next = await generateKeyPair('ES256', { extractable: true })
  await identify()
  lies.idToken = (claims) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'two' }).sign(next.privateKey)
  const both = [publicJwk, { ...(await exportJWK(next.publicKey)), kid: 'two' }]
  lies.answers = { '/keys': () => Response.json({ keys: both }) }
  await unavailable(identify(), /no applicable keys/)

  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 })

  assert.equal((await identify()).subject, 'somebody')
  assert.equal(calls.filter((path) => path === '/keys').length, 2)
})

test('nothing is fetched from an address that a token names', async () => {
  const header = { jku: 'https://evil.example.com/keys', x5u: 'https://evil.example.com/x5u' }
  const claims = { iss: ISSUER, email: 'a@example.com', picture: 'https://evil.example.com/p' }
  const seen: string[] = []
  const { answers } = lyingProvider(() => ISSUER, { header, claims })
  const fetch = fetchFrom((request) => {
    seen.push(new URL(request.url).host)
    return answers(request)
  })
  const { protocol } = aProtocol({ fetch })

  await protocol.identify(aProvider(), ATTEMPT, callback())

  assert.deepEqual(new Set(seen), new Set(['issuer.example.com']))
})

test('no log has a code, a verifier, a secret or a token', async () => {
  for (const lies of [
    { claims: { aud: 'another' } },
    { claims: { nonce: 'x' } },
    { userinfo: { sub: 'another' } },
    { answers: { '/token': () => Response.json({ access_token: 'an-access-token' }) } },
  ] satisfies Lies[]) {
    const { identify, lines } = world(lies)
    await assert.rejects(identify())

    const secrets = /an-access-token|a-code|a-secret|v{43}|a-nonce|eyJ/
    assert.doesNotMatch(JSON.stringify(lines), secrets)
  }
})
