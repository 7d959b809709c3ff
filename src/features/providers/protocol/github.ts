import type { Provider } from '../../../config/provider.ts'
import { type BoundedFetch, createBoundedFetch, type FetchOptions } from './bounded-fetch.ts'
import { codeOf, readCallback } from './callback.ts'
import { type Claims, subjectOf, textOf, trusted } from './claims.ts'
import { challengeOf } from './pkce.ts'
import { AccessDenied, type Attempt, CallbackRefused, type Protocol } from './protocol.ts'
import { errorText, Unusable } from './unusable.ts'

const GITHUB = 'https://github.com'
const API_HEADERS = {
  accept: 'application/vnd.github+json',
  'user-agent': 'latchkey',
  'x-github-api-version': '2022-11-28',
}

/** Talks OAuth 2.0 as GitHub documents it: neither discovery nor ID token. */
export function createGithub(options: FetchOptions & { isProduction: boolean }): Protocol {
  async function authorizationUrl(provider: Provider, attempt: Attempt): Promise<URL> {
    const url = new URL(`${siteOf(provider)}/login/oauth/authorize`)
    const { state, redirectUri } = attempt
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: provider.clientId,
      redirect_uri: redirectUri,
      scope: provider.scope,
      state,
      ...challengeOf(attempt),
    }).toString()
    return url
  }

  async function identify(provider: Provider, attempt: Attempt, parameters: URLSearchParams) {
    const callback = readCallback(parameters, attempt)
    requireIssuer(callback.iss, provider)
    const caller = { issuer: provider.issuer, isProduction: options.isProduction }
    const fetch = createBoundedFetch(caller, options)
    const token = await redeem(fetch, provider, attempt, codeOf(callback))
    const [user, addresses] = await readPerson(fetch, provider, token)
    const primary = primaryOf(addresses)
    return {
      issuer: provider.issuer,
      subject: numberOf(user.id),
      ...trusted(primary?.email, primary?.verified === true, provider),
      username: textOf(user.login),
      name: textOf(user.name),
      hasSecondFactor: false,
    }
  }

  return { authorizationUrl, identify }
}

function siteOf({ issuer }: Provider): string {
  return issuer.replace(/\/$/, '')
}

/** GitHub Enterprise Server has the API on the host of its site. */
function apiOf(provider: Provider): string {
  const site = siteOf(provider)
  return site === GITHUB ? 'https://api.github.com' : `${site}/api/v3`
}

/** GitHub need not name itself; its OAuth service has a name of its own. */
function requireIssuer(iss: string | undefined, provider: Provider): void {
  const names = [undefined, provider.issuer, `${siteOf(provider)}/login/oauth`]
  if (!names.includes(iss)) throw new CallbackRefused('issuer_wrong')
}

async function redeem(fetch: BoundedFetch, provider: Provider, attempt: Attempt, code: string) {
  const body = new URLSearchParams({
    client_id: provider.clientId,
    client_secret: provider.clientSecret ?? '',
    code,
    redirect_uri: attempt.redirectUri,
    code_verifier: attempt.codeVerifier,
  })
  const headers = { accept: 'application/json', 'user-agent': API_HEADERS['user-agent'] }
  const address = `${siteOf(provider)}/login/oauth/access_token`
  const answer = await fetch(address, { method: 'POST', body, headers })
  const { error, error_description, access_token } = objectIn(await jsonIn(answer))
  if (error !== undefined) throw refusal(error, error_description)
  if (!answer.ok) throw new Unusable(`the token endpoint answers ${answer.status}`)
  if (typeof access_token === 'string' && access_token !== '') return access_token
  throw new Unusable('the token endpoint answers without a token')
}

/** The token endpoint answers errors with 200. */
function refusal(error: unknown, description: unknown): Error {
  if (error === 'bad_verification_code') return new CallbackRefused('code_refused')
  if (error === 'unverified_user_email') return new AccessDenied(error)
  return new Unusable(`the token endpoint answers the ${errorText(error, description)}`)
}

async function readPerson(fetch: BoundedFetch, provider: Provider, token: string) {
  const headers = { ...API_HEADERS, authorization: `Bearer ${token}` }
  const read = async (path: string) => {
    const answer = await fetch(`${apiOf(provider)}${path}`, { headers })
    if (answer.status === 200) return jsonIn(answer)
    throw new Unusable(`${path} of the API answers ${answer.status}`)
  }
  const [user, addresses] = await Promise.all([read('/user'), read('/user/emails')])
  return [objectIn(user), addresses] as const
}

/** The address and its flag come from one entry of the list. */
function primaryOf(addresses: unknown): Claims | undefined {
  if (!Array.isArray(addresses)) throw new Unusable('the API answers without a list of addresses')
  return addresses.find((each) => each?.primary === true)
}

/** Logins change and are used again; ids never. */
function numberOf(id: unknown): string {
  if (Number.isSafeInteger(id) && Number(id) > 0) return subjectOf(String(id))
  throw new Unusable('the id of the user is not a number')
}

async function jsonIn(answer: Response): Promise<unknown> {
  try {
    return await answer.json()
  } catch {
    throw new Unusable(`an answer (${answer.status}) is not JSON`)
  }
}

function objectIn(json: unknown): Claims {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Claims
  throw new Unusable('an answer is not an object of JSON')
}
