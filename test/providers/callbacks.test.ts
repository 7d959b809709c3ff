// What comes back from a provider: which `state` is taken, how often, and where browsers go.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { call } from '../support/answers.ts'
import { bearer, cookieOf } from '../support/factories.ts'
import { challengeIn } from '../support/factors.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { startOidcProvider } from '../support/oidc-provider.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import {
  answerBack,
  begin,
  comeBack,
  fragmentOf,
  pkce,
  providerEnv,
  RETURN_TO,
  returned,
  signInBy,
  withProvider,
} from '../support/providers.ts'
import { QUIET } from '../support/resets.ts'
import { beginSignIn } from '../support/sign-in-codes.ts'

const ADA = { email: 'ada@example.com', email_verified: true, preferred_username: 'ada' }
const CALLBACK = '/oidc/real/callback'
const FRONTEND = { origin: 'http://localhost:5173' }
const TWO = { OIDC_PROVIDERS: 'real,other', OIDC_OTHER_CLIENT_ID: 'latchkey' }

const stateOf = (url: URL) => url.searchParams.get('state') ?? ''
const brought = (server: TestServer, state: string, more = '&code=a', path = CALLBACK) =>
  call(server, `GET ${path}?state=${encodeURIComponent(state)}${more}`)

function assertNowhere(answer: LightMyRequestResponse): void {
  assertProblem(answer, 'challenge_over')
  assert.equal(answer.headers.location, undefined)
}

test('a state that was not sealed for a provider leads nowhere, and uses nothing up', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA }, { env: QUIET })
  const { url } = await begin(server)
  const state = stateOf(url)
  const other = (await beginSignIn(server, 'ada')).json().token
  const back = await returned(server, provider, 'one')
  const forged = ['A', 'B'].map((letter) => `${letter}${state.slice(1)}`)
  const wrong = ['', 'x', `${state}=`, state.slice(1), `${state.slice(0, -1)}~`, other]

  for (const one of [...wrong, ...forged.filter((text) => text !== state), back.challenge]) {
    assertNowhere(await brought(server, one))
  }
  assertNowhere(await call(server, `GET ${CALLBACK}`))

  assert.equal((await answerBack(server, back)).statusCode, 201)
  assert.ok(fragmentOf(await comeBack(server, await provider.signIn(url, 'one'))).challenge)
})

test('a step-up without methods is not taken for a state', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA }, { env: QUIET })
  const { access_token } = (await signInBy(server, provider, 'one')).json()
  server.clock.advance(800)
  const id = '01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c'
  const refused = await call(server, `DELETE /identities/${id}`, undefined, bearer(access_token))
  const { token, methods } = challengeIn(refused)

  assert.deepEqual(methods, [])
  assertNowhere(await brought(server, token))
  assert.equal(await server.database.client.challenge.count(), 2, 'it was not used up')
})

test('a state is good for its provider alone, and cannot be answered', async (t) => {
  const url = await freshDatabase(t)
  const provider = await startOidcProvider(t, {
    ...{ redirectUri: `http://localhost:3000${CALLBACK}`, people: { one: ADA } },
  })
  const env = { ...providerEnv(provider.issuer), ...TWO, OIDC_OTHER_ISSUER: provider.issuer }
  const server = await startServer(t, { url, env })
  const { codeVerifier, url: away } = await begin(server)
  const state = stateOf(away)
  const callback = await provider.signIn(away, 'one')

  const answered = await answerBack(server, { challenge: state, codeVerifier })
  const elsewhere = await brought(server, state, '&code=a', '/oidc/other/callback')
  const unknown = await brought(server, state, '&code=a', '/oidc/nobody/callback')

  assertFaults(answered, ['/method not_allowed'])
  for (const answer of [elsewhere, unknown, await comeBack(server, callback)]) {
    assert.deepEqual(fragmentOf(answer), { error: 'challenge_over' })
  }
  const resent = await call(server, 'POST /challenges/send', { challenge: state })
  assertProblem(resent, 'challenge_over')
})

test('of twenty callbacks at once one brings a challenge', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const { url } = await begin(server)
  const callback = await provider.signIn(url, 'one')

  const answers = await Promise.all(Array.from({ length: 20 }, () => comeBack(server, callback)))

  const seen = answers.map(fragmentOf)
  assert.equal(seen.filter(({ challenge }) => challenge).length, 1)
  assert.equal(seen.filter(({ error }) => error === 'challenge_over').length, 19)
})

test('who stays away for more than ten minutes begins again', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const [early, late] = [await begin(server), await begin(server)]

  server.clock.advance(599)
  const inTime = await comeBack(server, await provider.signIn(early.url, 'one'))
  server.clock.advance(1)
  const over = await comeBack(server, await provider.signIn(late.url, 'one'))

  assert.ok(fragmentOf(inTime).challenge)
  assert.deepEqual(fragmentOf(over), { error: 'challenge_over' })
})

test('an answer comes within five minutes', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const back = await returned(server, provider, 'one')
  server.clock.advance(300)

  assertProblem(await answerBack(server, back), 'challenge_over')
})

test('a state outlives a new master secret as long as the old one is listed', async (t) => {
  const url = await freshDatabase(t)
  const [older, newer] = [randomBytes(48), randomBytes(48)]
  const provider = await startOidcProvider(t, {
    ...{ redirectUri: `http://localhost:3000${CALLBACK}`, people: { one: ADA } },
  })
  const env = providerEnv(provider.issuer)
  const first = await startServer(t, { url, env, masterSecrets: [older] })
  const { clock } = first
  const both = await startServer(t, { url, env, clock, masterSecrets: [newer, older] })
  const begun = await begin(first)
  const dropped = await begin(first)

  const back = await comeBack(both, await provider.signIn(begun.url, 'one'))
  const { challenge = '' } = fragmentOf(back)
  const answer = await answerBack(both, { challenge, codeVerifier: begun.codeVerifier })

  assert.equal(answer.statusCode, 201, answer.body)
  const other = await startServer(t, { env, clock, masterSecrets: [newer] })
  assertNowhere(await comeBack(other, await provider.signIn(dropped.url, 'one')))
})

const NOT_LISTED = [
  ...['https://evil.example/', 'http://localhost:5173', 'http://localhost:5173/x', '//localhost'],
  ...['http://localhost:5174/', 'http://localhost:5173/#', 'http://localhost:5173/?', '/'],
  ...['http://localhost:5173@evil.example/', 'javascript:alert(1)', 'http://127.0.0.1:80/evil'],
]

test('only a listed address gets anything', async (t) => {
  const listed = `${RETURN_TO},http://127.0.0.1/cb,com.example.app:/done`
  const env = { RETURN_URLS: listed }
  const { server, provider } = await withProvider(t, { one: ADA }, { env })
  const { codeChallenge } = pkce()
  const wish = { purpose: 'sign_in', provider: 'real', codeChallenge }

  for (const returnTo of NOT_LISTED) {
    const answer = await call(server, 'POST /challenges', { ...wish, returnTo })
    assertFaults(answer, ['/returnTo not_allowed'])
  }
  const unknown = { ...wish, provider: 'nobody', returnTo: RETURN_TO }
  assertFaults(await call(server, 'POST /challenges', unknown), ['/provider not_allowed'])
  for (const returnTo of ['http://127.0.0.1:51234/cb', 'com.example.app:/done']) {
    const { url } = await begin(server, { returnTo })
    const back = await comeBack(server, await provider.signIn(url, 'one'))
    const { location } = back.headers
    assert.match(String(location).replace(returnTo, ''), /^#challenge=[\w-]{2768}$|^#challenge=/)
    assert.ok(String(location).startsWith(`${returnTo}#challenge=`))
  }
})

test('an address that is not listed any more gets nothing', async (t) => {
  const gone = 'https://gone.example/'
  const env = { RETURN_URLS: `${RETURN_TO},${gone}` }
  const { server, provider, url, settings } = await withProvider(t, { one: ADA }, { env })
  const { clock } = server
  const later = await startServer(t, { url, clock, env: { ...settings, RETURN_URLS: RETURN_TO } })
  const [fresh, old] = [
    await begin(server, { returnTo: gone }),
    await begin(server, { returnTo: gone }),
  ]

  assertNowhere(await comeBack(later, await provider.signIn(fresh.url, 'one')))
  clock.advance(86_400)
  assertNowhere(await brought(later, stateOf(old.url)))
})

test('the person says no at the provider', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const { url } = await begin(server)

  const back = await comeBack(server, await provider.refuse(url))

  assert.deepEqual(fragmentOf(back), { error: 'access_denied' })
})

async function assertReady(server: TestServer): Promise<void> {
  assert.equal((await call(server, 'GET /readyz')).statusCode, 200)
}

test('a provider that is away keeps nothing else from working', async (t) => {
  const database = await freshDatabase(t)
  let server: TestServer | undefined
  let callback: Awaited<ReturnType<Awaited<ReturnType<typeof startOidcProvider>>['signIn']>>
  await t.test('it is there while somebody signs in', async (inner: TestContext) => {
    const redirectUri = `http://localhost:3000${CALLBACK}`
    const provider = await startOidcProvider(inner, { redirectUri, people: { one: ADA } })
    server = await startServer(t, { url: database, env: providerEnv(provider.issuer) })
    callback = await provider.signIn((await begin(server)).url, 'one')
  })

  await t.test('and away when the browser comes back', async () => {
    assert.ok(server)
    assert.deepEqual(fragmentOf(await comeBack(server, callback)), {
      error: 'provider_unavailable',
    })
    await assertReady(server)
  })

  await t.test('or from the beginning', async () => {
    const away = await startServer(t, { env: providerEnv('http://127.0.0.1:9') })
    const { codeChallenge } = pkce()
    const wish = { purpose: 'sign_in', provider: 'real', codeChallenge, returnTo: RETURN_TO }
    const answer = await call(away, 'POST /challenges', wish)
    assertProblem(answer, 'provider_unavailable')
    assert.equal((await call(away, 'GET /providers')).statusCode, 200)
    await assertReady(away)
  })
})

test('the way on is kept nowhere, and no cookie is set', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const { url } = await begin(server, { transport: 'cookie' })
  const callback = await provider.signIn(url, 'one')

  const head = await call(server, `HEAD ${callback.url.pathname}${callback.url.search}`)
  const back = await comeBack(server, callback)

  assert.equal(head.statusCode >= 400, true)
  assert.equal(back.statusCode, 303)
  assert.equal(back.body, '')
  const { 'cache-control': cache, 'referrer-policy': referrer } = back.headers
  assert.deepEqual([cache, referrer], ['no-store', 'no-referrer'])
  assert.equal(back.headers['set-cookie'], undefined)
  assert.ok(fragmentOf(back).challenge)
})

test('a provider may send a form from its own site', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const { url, codeVerifier } = await begin(server)
  const { url: at, parameters } = await provider.signIn(url, 'one')

  const back = await comeBack(server, { method: 'POST', url: at, parameters })
  const { challenge = '' } = fragmentOf(back)

  assert.equal((await answerBack(server, { challenge, codeVerifier })).statusCode, 201)
})

test('in cookie transport the token is in the cookie, for allowed origins alone', async (t) => {
  const { server, provider } = await withProvider(t, { one: ADA })
  const { codeChallenge } = pkce()
  const wish = { purpose: 'sign_in', provider: 'real', codeChallenge, returnTo: RETURN_TO }
  const cookie = { ...wish, transport: 'cookie' }

  const unasked = await call(server, 'POST /challenges', cookie)
  const back = await returned(server, provider, 'one', { transport: 'cookie' })
  const foreign = await answerBack(server, back, {}, { origin: 'https://evil.example' })
  const without = await answerBack(server, back)
  const answer = await answerBack(server, back, {}, FRONTEND)

  for (const one of [unasked, foreign, without]) assert.equal(one.json().code, 'csrf_rejected')
  assert.equal(answer.statusCode, 201, answer.body)
  assert.equal(answer.json().refresh_token, undefined)
  assert.ok(cookieOf(answer))
  const inBody = await signInBy(server, provider, 'one')
  assert.ok(inBody.json().refresh_token)
  assert.equal(cookieOf(inBody), undefined)
})
