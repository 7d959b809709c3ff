import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Provider } from '../../src/config/provider.ts'

/** What the provider knows of a person: claims, and how the person signs in there. */
export type Person = Record<string, unknown> & { amr?: string[]; acr?: string }

type Options = {
  /** The callback of the server under test. */
  redirectUri: string
  /** By what they type at the provider, which is their `sub` too. */
  people: Record<string, Person>
  clientId?: string
  /** None: a public client. Kept by Basic, as `oidc-provider` registers clients. */
  clientSecret?: string | undefined
  /** Further configuration of `oidc-provider`. */
  configuration?: Record<string, unknown>
  /** Whether a person chooses on a page; without one, what comes is taken for the choice. */
  hasPage?: boolean
}

/** What the browser brings to the callback. */
export type Callback = { method: 'GET' | 'POST'; url: URL; parameters: URLSearchParams }

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const JWKS = { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' }] }
const CLAIMS = {
  openid: ['sub'],
  email: ['email', 'email_verified'],
  profile: ['name', 'preferred_username'],
}

/** A real OpenID provider on a port of its own, with the people that a test names. */
export async function startOidcProvider(t: TestContext, options: Options) {
  const { clientId = 'latchkey', clientSecret, redirectUri, people } = options
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = await quietly(() => makeProvider(issuer, { ...options, clientId }))
  const requests: string[] = []
  const answer = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, search, searchParams } = new URL(request.url ?? '/', issuer)
    requests.push(`${request.method} ${pathname}`)
    if (!pathname.startsWith('/interaction/')) return answer(request, response)
    if (options.hasPage && search === '')
      return response.setHeader('content-type', 'text/html').end(pageFor(Object.keys(people)))
    const login = searchParams.get('login')
    const { amr, acr } = people[login ?? ''] ?? {}
    const result =
      login === null ? { error: 'access_denied' } : { login: { accountId: login, amr, acr } }
    return provider.interactionFinished(request, response, result)
  })

  /** As the settings would describe it. */
  const settings: Provider = {
    id: 'real',
    name: 'Real',
    protocol: 'oidc',
    issuer,
    clientId,
    clientSecret,
    scope: 'openid email profile',
    responseMode: 'query',
    verifiedClaim: 'email_verified',
    trustEmail: 'verified',
    trustMfa: [],
  }
  return {
    issuer,
    settings,
    /** What was asked of it: `GET /jwks`. */
    requests,
    /** Drives a browser from the address until the provider sends it back, signed in. */
    signIn: (url: URL, login: string) =>
      drive(url, redirectUri, `?login=${encodeURIComponent(login)}`),
    /** The same, but the person says no. */
    refuse: (url: URL) => drive(url, redirectUri, ''),
  }
}

/** Who is there? */
function pageFor(logins: readonly string[]): string {
  const links = logins.map((login) => `<a href="?login=${login}">${login}</a>`)
  return `<!doctype html><title>Provider</title>${links.join(' ')} <a href="?no">No</a>`
}

// biome-ignore lint/suspicious/noExplicitAny: oidc-provider has no types.
async function makeProvider(issuer: string, options: Options): Promise<any> {
  // @ts-expect-error: it has no types.
  const { default: OidcProvider } = await import('oidc-provider')
  const { clientId, clientSecret, redirectUri, people, configuration } = options
  const client = {
    client_id: clientId,
    redirect_uris: [redirectUri],
    ...(clientSecret === undefined
      ? { token_endpoint_auth_method: 'none' }
      : { client_secret: clientSecret }),
  }
  return new OidcProvider(issuer, {
    clients: [client],
    jwks: JWKS,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { ...CLAIMS, acr: null, amr: null },
    acrValues: Object.values(people).flatMap(({ acr }) => acr ?? []),
    responseModes: ['query', 'form_post'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, sub: string) =>
      people[sub] && { accountId: sub, claims: () => ({ ...people[sub], sub }) },
    loadExistingGrant: grantAll,
    ttl: { Interaction: 60, Grant: 60, Session: 60, AccessToken: 60, IdToken: 60 },
    ...configuration,
  })
}

/** Nobody is asked for consent. */
// biome-ignore lint/suspicious/noExplicitAny: oidc-provider has no types.
async function grantAll({ oidc }: any) {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  })
  grant.addOIDCScope(Object.keys(CLAIMS).join(' '))
  grant.addOIDCClaims(['acr', 'amr'])
  await grant.save()
  return grant
}

/** A browser of its own: cookies, redirects, and the form that sends itself. */
async function drive(start: URL, redirectUri: string, choice: string): Promise<Callback> {
  const cookies = new Map<string, string>()
  let url = start
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const text = await answer.text()
    const location = answer.headers.get('location')
    if (location === null) return postedForm(text)
    url = new URL(location, url)
    if (url.href.startsWith(`${redirectUri}?`))
      return { method: 'GET', url, parameters: url.searchParams }
    if (url.pathname.startsWith('/interaction/')) url.search = choice
  }
  throw new Error(`the provider does not send the browser back from ${start}`)
}

function postedForm(page: string): Callback {
  const action = /action="([^"]+)"/.exec(page)?.[1]
  if (action === undefined) throw new Error(`no form: ${page}`)
  const inputs = page.matchAll(/name="([^"]+)" value="([^"]*)"/g)
  const fields = [...inputs].map(([, name = '', value = '']): [string, string] => [
    name,
    unescaped(value),
  ])
  return {
    method: 'POST',
    url: new URL(unescaped(action)),
    parameters: new URLSearchParams(fields),
  }
}

function unescaped(html: string): string {
  return html.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'")
}

/** It warns of what only matters outside tests. */
async function quietly<Result>(make: () => Promise<Result>): Promise<Result> {
  const { warn, info } = console
  Object.assign(console, { warn: () => {}, info: () => {} })
  try {
    return await make()
  } finally {
    Object.assign(console, { warn, info })
  }
}

/** An attempt with secrets of its own. */
export function anAttempt(redirectUri: string) {
  return {
    state: randomUUID(),
    nonce: randomUUID(),
    codeVerifier: randomBytes(32).toString('base64url'),
    redirectUri,
  }
}
