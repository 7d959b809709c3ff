import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Provider } from '../../src/config/provider.ts'
import type { Attempt } from '../../src/features/providers/protocol/protocol.ts'
import type { Answer, Answers } from './http-answers.ts'

type Json = Record<string, unknown>

/** What it says otherwise than it should. */
export type Lies = {
  metadata?: Json
  claims?: Json
  header?: Json
  userinfo?: Json
  accessToken?: string
  /** Instead of signing. */
  idToken?: (claims: Json) => string | Promise<string>
  /** By path: `/token`. */
  answers?: Record<string, (request: Request) => Answer | Promise<Answer>>
}

export const keys = await generateKeyPair('ES256', { extractable: true })
export const publicJwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig' }

export const ATTEMPT: Attempt = {
  state: 'a-state',
  nonce: 'a-nonce',
  codeVerifier: 'v'.repeat(43),
  redirectUri: 'https://app.example.com/oidc/lying/callback',
}

/** What an honest browser brings. */
export function callback(changes: Record<string, string | undefined> = {}): URLSearchParams {
  const all = Object.entries({ code: 'a-code', state: ATTEMPT.state, ...changes })
  return new URLSearchParams(all.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/** As settings describe a provider. */
export function aProvider(changes: Partial<Provider> = {}): Provider {
  return {
    id: 'lying',
    name: 'Lying',
    protocol: 'oidc',
    issuer: 'https://issuer.example.com',
    clientId: 'latchkey',
    clientSecret: 'a-secret',
    scope: 'openid email profile',
    responseMode: 'query',
    verifiedClaim: 'email_verified',
    trustEmail: 'verified',
    trustMfa: [],
    ...changes,
  }
}

/** A provider that says what a test wants. It is honest as long as `lies` is empty. */
export function lyingProvider(issuer: () => string, lies: Lies = {}) {
  const calls: string[] = []
  const honest: Record<string, () => Response | Promise<Response>> = {
    '/.well-known/openid-configuration': () =>
      Response.json({
        issuer: issuer(),
        authorization_endpoint: `${issuer()}/authorize`,
        token_endpoint: `${issuer()}/token`,
        jwks_uri: `${issuer()}/keys`,
        userinfo_endpoint: `${issuer()}/userinfo`,
        id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
        ...lies.metadata,
      }),
    '/keys': () => Response.json({ keys: [publicJwk] }),
    '/userinfo': () => Response.json({ sub: 'somebody', ...lies.userinfo }),
    '/token': async () => {
      const id_token = await (lies.idToken ?? sign)(claims())
      const access_token = lies.accessToken ?? 'an-access-token'
      return Response.json({ access_token, token_type: 'Bearer', id_token })
    },
  }

  function claims(): Json {
    const now = Math.floor(Date.now() / 1000)
    const own = { iss: issuer(), sub: 'somebody', aud: 'latchkey', nonce: ATTEMPT.nonce }
    return { ...own, iat: now, exp: now + 300, ...lies.claims }
  }

  function sign(claims: Json): Promise<string> {
    const header = { alg: 'ES256', kid: 'one', ...lies.header }
    return new SignJWT(claims).setProtectedHeader(header).sign(keys.privateKey)
  }

  const answers: Answers = async (request) => {
    const base = new URL(issuer()).pathname.replace(/\/$/, '')
    const path = new URL(request.url).pathname.slice(base.length)
    calls.push(path)
    const answer = lies.answers?.[path] ?? honest[path]
    return answer ? answer(request) : new Response('no such page', { status: 404 })
  }
  return { answers, calls, lies }
}
