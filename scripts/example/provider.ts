import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { PROVIDER_PEOPLE } from './people.ts'
import type { Places } from './places.ts'
import { providerPage } from './provider-page.ts'
import { PROVIDER } from './settings.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

const CLAIMS = {
  openid: ['sub'],
  email: ['email', 'email_verified'],
  profile: ['name', 'preferred_username'],
}

/**
 * A real OpenID provider where one chooses who one is, without a password.
 * @param desk answers at `/`
 */
export async function startProvider({ ports, provider, publicUrl }: Places, desk: Handler) {
  const redirectUri = `${publicUrl}/oidc/${PROVIDER}/callback`
  const oidc = await quietly(() => makeProvider(provider, redirectUri))
  const answer: Handler = oidc.callback()

  /** The page where one chooses, and the choice. */
  function interact(request: IncomingMessage, response: ServerResponse, query: URLSearchParams) {
    const choice = query.get('as')
    if (choice === null) return sendPage(response, providerPage())
    const isKnown = Object.hasOwn(PROVIDER_PEOPLE, choice)
    const result = isKnown ? { login: { accountId: choice } } : { error: 'access_denied' }
    return oidc.interactionFinished(request, response, result)
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', provider)
    if (pathname === '/') return desk(request, response)
    if (pathname.startsWith('/interaction/')) return interact(request, response, searchParams)
    return answer(request, response)
  })
  server.listen(ports.provider, '127.0.0.1')
  await once(server, 'listening')
  return {
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Sends a page that is never kept. */
export function sendPage(response: ServerResponse, html: string): void {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('cache-control', 'no-store').end(html)
}

// biome-ignore lint/suspicious/noExplicitAny: oidc-provider has no types.
async function makeProvider(issuer: string, redirectUri: string): Promise<any> {
  // @ts-expect-error: it has no types.
  const { default: Provider } = await import('oidc-provider')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const client = { client_id: 'latchkey', token_endpoint_auth_method: 'none' }
  return new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: CLAIMS,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ ...PROVIDER_PEOPLE[sub]?.claims, sub }),
    }),
    loadExistingGrant: grantAll,
    // One is asked again at each sign-in.
    ttl: { Interaction: 600, Grant: 60, Session: 1, AccessToken: 60, IdToken: 60 },
  })
}

/** Nobody is asked for consent. */
// biome-ignore lint/suspicious/noExplicitAny: oidc-provider has no types.
async function grantAll({ oidc }: any) {
  const { clientId } = oidc.client
  const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId })
  grant.addOIDCScope(Object.keys(CLAIMS).join(' '))
  await grant.save()
  return grant
}

/** It warns of what only matters in production. */
async function quietly<Result>(make: () => Promise<Result>): Promise<Result> {
  const { warn, info } = console
  Object.assign(console, { warn: () => {}, info: () => {} })
  try {
    return await make()
  } finally {
    Object.assign(console, { warn, info })
  }
}
