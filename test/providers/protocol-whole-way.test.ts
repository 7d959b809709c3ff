// runs once
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { anAttempt, startOidcProvider } from '../support/oidc-provider.ts'
import { aProtocol, denied, refused } from '../support/protocol.ts'
import { sourceFiles } from '../support/sources.ts'

// The whole way with a real provider, which checks what is sent to it.

const REDIRECT_URI = 'http://localhost:3000/oidc/real/callback'
const ALICE = {
  email: 'alice@example.com',
  email_verified: true,
  name: 'Alice A.',
  preferred_username: 'alice',
}
const SECRET = 'a secret: with ~signs+ and/ =more_than-24.letters'

type Options = Partial<Parameters<typeof startOidcProvider>[1]>

async function world(t: TestContext, options: Options = {}) {
  const provider = await startOidcProvider(t, {
    redirectUri: REDIRECT_URI,
    people: { alice: ALICE },
    clientSecret: SECRET,
    ...options,
  })
  const { protocol, unavailable, lines } = aProtocol()
  const { settings } = provider

  async function signIn(login = 'alice', changes = {}) {
    const own = { ...settings, ...changes }
    const attempt = anAttempt(REDIRECT_URI)
    const { parameters } = await provider.signIn(
      await protocol.authorizationUrl(own, attempt),
      login,
    )
    return { parameters, attempt, identify: () => protocol.identify(own, attempt, parameters) }
  }
  return { provider, protocol, settings, signIn, unavailable, lines }
}

test('a person signs in, and userinfo describes them', async (t) => {
  const { signIn, provider, lines } = await world(t)

  const { identify } = await signIn()

  assert.deepEqual(await identify(), {
    issuer: provider.issuer,
    subject: 'alice',
    email: 'alice@example.com',
    emailVerified: true,
    username: 'alice',
    name: 'Alice A.',
    hasSecondFactor: false,
  })
  const calls = provider.requests.filter((request) => !/auth|interaction/.test(request))
  assert.deepEqual(calls, [
    'GET /.well-known/openid-configuration',
    'POST /token',
    'GET /jwks',
    'GET /me',
  ])
  assert.deepEqual(lines, [])
})

test('an ID token with an address needs no userinfo', async (t) => {
  const { signIn, provider } = await world(t, { configuration: { conformIdTokenClaims: false } })

  const identity = await (await signIn()).identify()

  assert.deepEqual(
    [identity.email, identity.emailVerified, identity.name],
    ['alice@example.com', true, 'Alice A.'],
  )
  assert.ok(!provider.requests.includes('GET /me'))
})

test('a public client signs in by PKCE alone', async (t) => {
  const { signIn } = await world(t, { clientSecret: undefined })

  assert.equal((await (await signIn()).identify()).subject, 'alice')
})

test('a wrong secret makes the provider unavailable, and stays out of the log', async (t) => {
  const { signIn, unavailable, lines } = await world(t)

  const { identify } = await signIn('alice', { clientSecret: 'wrong-but-secret' })

  await unavailable(identify(), /invalid_client|401/)
  assert.doesNotMatch(JSON.stringify(lines), /wrong-but-secret/)
})

test('the browser is sent with a challenge, a state and a nonce', async (t) => {
  const { protocol, settings } = await world(t)
  const attempt = anAttempt(REDIRECT_URI)

  const url = await protocol.authorizationUrl(settings, attempt)

  const sha256 = createHash('sha256').update(attempt.codeVerifier).digest('base64url')
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: 'latchkey',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid email profile',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: sha256,
    code_challenge_method: 'S256',
  })
})

test('a provider may send the browser back by a form', async (t) => {
  const { protocol, provider, settings } = await world(t)
  const own = { ...settings, responseMode: 'form_post' as const }
  const attempt = anAttempt(REDIRECT_URI)

  const callback = await provider.signIn(await protocol.authorizationUrl(own, attempt), 'alice')

  assert.equal(callback.method, 'POST')
  assert.equal((await protocol.identify(own, attempt, callback.parameters)).subject, 'alice')
})

test('a code is of use once, and to its own attempt alone', async (t) => {
  const { signIn, protocol, settings } = await world(t)
  const first = await signIn()
  const second = await signIn()

  await first.identify()
  await refused(first.identify(), 'code_refused')
  const { state } = second.attempt
  const stranger = { ...anAttempt(REDIRECT_URI), state }
  await refused(protocol.identify(settings, stranger, second.parameters), 'code_refused')
})

test('another nonce is refused, though all else is right', async (t) => {
  const { signIn, protocol, settings } = await world(t)
  const { attempt, parameters } = await signIn()

  const other = { ...attempt, nonce: 'another' }
  await refused(protocol.identify(settings, other, parameters), 'nonce_wrong')
})

test('a person who says no is denied', async (t) => {
  const { protocol, provider, settings } = await world(t)
  const attempt = anAttempt(REDIRECT_URI)

  const { parameters } = await provider.refuse(await protocol.authorizationUrl(settings, attempt))

  await denied(protocol.identify(settings, attempt, parameters), 'access_denied')
})

test('a second factor counts where the settings trust how it was asked for', async (t) => {
  const people = { bob: { ...ALICE, amr: ['pwd', 'otp'] }, carol: { ...ALICE, acr: 'gold' } }
  const { signIn } = await world(t, {
    people,
    configuration: {
      claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'] },
    },
  })
  const has = async (login: string, trustMfa: string[]) =>
    (await (await signIn(login, { trustMfa })).identify()).hasSecondFactor

  assert.equal(await has('bob', ['otp']), true)
  assert.equal(await has('bob', ['hwk']), false)
  assert.equal(await has('carol', ['gold', 'hwk']), true)
  assert.equal(await has('carol', []), false)
})

test('first uses at the same time share one discovery', async (t) => {
  const { protocol, provider, settings } = await world(t)

  const attempts = Array.from({ length: 8 }, () => anAttempt(REDIRECT_URI))
  await Promise.all(attempts.map((attempt) => protocol.authorizationUrl(settings, attempt)))

  assert.deepEqual(provider.requests, ['GET /.well-known/openid-configuration'])
})

test('the library is loaded at the first use, not at the start', async () => {
  const sources = [...(await sourceFiles())]

  const atStart = sources.filter(([, text]) => /^import (?!type).*'openid-client'/m.test(text))
  assert.deepEqual(
    atStart.map(([file]) => file),
    [],
  )
  assert.ok(sources.some(([, text]) => text.includes("=> import('openid-client')")))
})
