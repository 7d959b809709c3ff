import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { call } from './answers.ts'
import { bearer } from './factories.ts'
import { freshDatabase, startServer, type TestClock, type TestServer } from './helper.ts'
import { type Callback, type Person, startOidcProvider } from './oidc-provider.ts'

export const RETURN_TO = 'http://localhost:5173/'
const CALLBACK = 'http://localhost:3000/oidc/real/callback'

/** The settings of a provider that runs at this address. */
export const providerEnv = (issuer: string): Record<string, string> => ({
  ...{ OIDC_PROVIDERS: 'real', OIDC_REAL_ISSUER: issuer, OIDC_REAL_CLIENT_ID: 'latchkey' },
  ...{ CORS_ORIGINS: 'http://localhost:5173', RATE_LIMITS: 'off' },
})

type Options = {
  env?: Record<string, string>
  url?: string
  clock?: TestClock
  /** Further configuration of the provider. */
  configuration?: Record<string, unknown>
}

/** A server and a real provider, with the people that it knows. */
export async function withProvider(
  t: TestContext,
  people: Record<string, Person>,
  { env = {}, url, clock, configuration = {} }: Options = {},
) {
  const provider = await startOidcProvider(t, { redirectUri: CALLBACK, people, configuration })
  const database = url ?? (await freshDatabase(t))
  const settings = { ...providerEnv(provider.issuer), ...env }
  const server = await startServer(t, {
    ...{ env: settings, url: database },
    ...(clock === undefined ? {} : { clock }),
  })
  return { server, provider, url: database, settings }
}

/** PKCE of a client: a verifier, and what it sends of it. */
export function pkce() {
  const codeVerifier = randomBytes(32).toString('base64url')
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
  return { codeVerifier, codeChallenge }
}

type Wish = { purpose?: string; transport?: 'body' | 'cookie'; returnTo?: string; token?: string }

/** What a client begins. */
export async function begin(server: TestServer, wish: Wish = {}) {
  const { purpose = 'sign_in', transport, returnTo = RETURN_TO, token } = wish
  const { codeVerifier, codeChallenge } = pkce()
  const body = {
    ...{ purpose, provider: 'real', codeChallenge, returnTo },
    ...(transport === undefined ? {} : { transport }),
  }
  const headers = {
    ...(token === undefined ? {} : bearer(token)),
    ...(transport === 'cookie' ? { origin: 'http://localhost:5173' } : {}),
  }
  const answer = await call(server, 'POST /challenges', body, headers)
  assert.equal(answer.statusCode, 201, answer.body)
  return { codeVerifier, url: new URL(answer.json<{ url: string }>().url) }
}

/** Brings a browser back from the provider. @returns the answer of the server */
export function comeBack(server: TestServer, { method, url, parameters }: Callback) {
  if (method === 'GET') return call(server, `GET ${url.pathname}${url.search}`)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'https://provider.example',
  }
  return server.inject({
    ...{ method: 'POST', url: url.pathname, headers, payload: String(parameters) },
  })
}

/** What the fragment says to the client. */
export function fragmentOf({ statusCode, headers }: Awaited<ReturnType<typeof comeBack>>) {
  assert.equal(statusCode, 303)
  const location = String(headers.location)
  assert.ok(location.startsWith(`${RETURN_TO}#`), location)
  return Object.fromEntries(new URLSearchParams(location.slice(RETURN_TO.length + 1)))
}

type Provider = Awaited<ReturnType<typeof startOidcProvider>>

/**
 * The way to the provider and back. @returns what the client needs for its answer
 * @param back the server that the browser comes back to
 */
export async function returned(
  server: TestServer,
  provider: Provider,
  login: string,
  wish: Wish = {},
  back = server,
) {
  const { codeVerifier, url } = await begin(server, wish)
  const answer = await comeBack(back, await provider.signIn(url, login))
  const { challenge, error } = fragmentOf(answer)
  assert.ok(challenge, `#error=${error}`)
  return { challenge, codeVerifier }
}

type Back = { challenge: string; codeVerifier: string }

/** The answer of the client. */
export function answerBack(server: TestServer, back: Back, more: object = {}, headers = {}) {
  return call(server, 'POST /challenges/answer', { ...back, method: 'oidc', ...more }, headers)
}

/** The whole way. */
export async function signInBy(server: TestServer, provider: Provider, login: string, more = {}) {
  return answerBack(server, await returned(server, provider, login), more)
}
