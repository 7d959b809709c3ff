import { createHash, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Provider } from '../../src/config/provider.ts'
import type { Answers } from './http-answers.ts'
import { aProvider, keys, publicJwk } from './lying-provider.ts'

// Providers as their documentation describes them.

const SECRET = 'a-secret'

/** As the preset of GitHub has it. Another issuer is an Enterprise Server. */
export function githubSettings(issuer = 'https://github.com'): Provider {
  const scope = 'read:user user:email'
  return aProvider({ id: 'github', name: 'GitHub', protocol: 'github', issuer, scope })
}

/** As the preset of Apple has it. */
export function appleSettings(): Provider {
  return aProvider({
    id: 'apple',
    name: 'Apple',
    issuer: 'https://appleid.apple.com',
    scope: 'openid email name',
    responseMode: 'form_post',
  })
}

export type GithubUser = {
  id: number
  login: string
  name: string | null
  emails: { email: string; primary: boolean; verified: boolean }[]
}

type Grant<Person> = { person: Person; query: URLSearchParams }

/** GitHub: the form for codes, and `/user` and `/user/emails` of its API. */
export function imitateGithub() {
  const codes = new Map<string, Grant<GithubUser>>()
  const tokens = new Map<string, GithubUser>()
  const calls: string[] = []

  /** A user lets the application in. @returns the parameters of the callback */
  function authorize({ searchParams }: URL, person: GithubUser): URLSearchParams {
    const code = randomUUID().replaceAll('-', '').slice(0, 20)
    codes.set(code, { person, query: searchParams })
    return new URLSearchParams({ code, state: searchParams.get('state') ?? '' })
  }

  async function redeem(request: Request): Promise<Response> {
    const body = new URLSearchParams(await request.text())
    const grant = codes.get(body.get('code') ?? '')
    codes.delete(body.get('code') ?? '')
    const sha256 = createHash('sha256').update(body.get('code_verifier') ?? '')
    const isOwn = grant?.query.get('code_challenge') === sha256.digest('base64url')
    const error = errorOf(body, isOwn ? grant : undefined)
    if (request.headers.get('accept') !== 'application/json')
      return new Response(new URLSearchParams({ access_token: 'as-a-form' }).toString())
    if (!grant || error !== undefined)
      return Response.json({ error, error_description: `${error} is wrong`, error_uri: '/' })
    const access_token = `gho_${randomUUID()}`
    tokens.set(access_token, grant.person)
    return Response.json({ access_token, token_type: 'bearer', scope: 'read:user,user:email' })
  }

  function read(request: Request, path: string): Response {
    const user = tokens.get(request.headers.get('authorization')?.replace(/^Bearer /, '') ?? '')
    if (!request.headers.get('user-agent')) return new Response('User-Agent!', { status: 403 })
    if (!user) return Response.json({ message: 'Bad credentials' }, { status: 401 })
    const { emails, ...profile } = user
    // The address of the profile is what its owner chose to show.
    const shown = { ...profile, email: 'shown@example.com', two_factor_authentication: true }
    return Response.json(path === '/user/emails' ? emails : shown)
  }

  const answers: Answers = (request) => {
    const { host, pathname } = new URL(request.url)
    calls.push(`${request.method} ${host}${pathname}`)
    const path = pathname.replace(/^\/api\/v3/, '')
    const isApi = host === 'api.github.com' || path !== pathname
    if (isApi && /^\/user(\/emails)?$/.test(path)) return read(request, path)
    const isForm = !isApi && pathname === '/login/oauth/access_token'
    return isForm ? redeem(request) : new Response('', { status: 404 })
  }

  return { answers, authorize, calls }
}

/** It answers errors with 200. */
function errorOf(body: URLSearchParams, grant: Grant<unknown> | undefined): string | undefined {
  if (body.get('client_secret') !== SECRET || body.get('client_id') !== 'latchkey')
    return 'incorrect_client_credentials'
  if (!grant) return 'bad_verification_code'
  const isSame = body.get('redirect_uri') === grant.query.get('redirect_uri')
  return isSame ? undefined : 'redirect_uri_mismatch'
}

export type ApplePerson = {
  sub: string
  email?: string
  /** Apple says: a string, or a boolean. */
  email_verified?: string | boolean
  is_private_email?: string | boolean
}

/** Apple: the browser comes back by a form, and no userinfo. */
export function imitateApple() {
  const issuer = 'https://appleid.apple.com'
  const codes = new Map<string, Grant<ApplePerson>>()

  /** A person signs in. @param name is sent at the first sign-in only */
  function authorize({ searchParams }: URL, person: ApplePerson, name?: object): URLSearchParams {
    const state = searchParams.get('state') ?? ''
    if (searchParams.get('response_mode') !== 'form_post')
      return new URLSearchParams({ state, error: 'invalid_request' })
    const code = `c${randomUUID().replaceAll('-', '')}.0.mrzqx.aB-1_`
    codes.set(code, { person, query: searchParams })
    const user = name && { user: JSON.stringify({ name, email: 'unsigned@example.com' }) }
    return new URLSearchParams({ state, code, ...user })
  }

  async function redeem(request: Request): Promise<Response> {
    const body = new URLSearchParams(await request.text())
    const grant = codes.get(body.get('code') ?? '')
    codes.delete(body.get('code') ?? '')
    if (body.get('client_id') !== 'latchkey' || body.get('client_secret') !== SECRET)
      return Response.json({ error: 'invalid_client' }, { status: 400 })
    if (!grant) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    const now = Math.floor(Date.now() / 1000)
    const nonce = grant.query.get('nonce')
    const claims = { iss: issuer, aud: 'latchkey', iat: now, exp: now + 86_400, nonce }
    const id_token = await new SignJWT({ ...claims, nonce_supported: true, ...grant.person })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(keys.privateKey)
    const tokens = { access_token: 'a.0.token', refresh_token: 'r.0.token', id_token }
    return Response.json({ ...tokens, token_type: 'Bearer', expires_in: 3600 })
  }

  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/auth/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    revocation_endpoint: `${issuer}/auth/revoke`,
    jwks_uri: `${issuer}/auth/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    scopes_supported: ['openid', 'email', 'name'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }
  const answers: Answers = (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/auth/token') return redeem(request)
    if (pathname === '/auth/keys') return Response.json({ keys: [publicJwk] })
    const isDocument = pathname === '/.well-known/openid-configuration'
    return isDocument ? Response.json(metadata) : new Response('', { status: 404 })
  }
  return { answers, authorize }
}
