import type { IDToken } from 'openid-client'
import type { Provider } from '../../../config/provider.ts'
import { lookOnce } from '../../../platform/look-once.ts'
import { createBoundedFetch, type FetchOptions } from './bounded-fetch.ts'
import { type Callback, codeOf, readCallback } from './callback.ts'
import { type Claims, emailOf, hasTrustedFactor, nameInForm, subjectOf, textOf } from './claims.ts'
import { type Discovered, discover } from './discovery.ts'
import { challengeOf } from './pkce.ts'
import { type Attempt, CallbackRefused, type Protocol } from './protocol.ts'
import { speaksFor } from './tenants.ts'
import { bodyErrorOf, isWrongNonce, Unusable } from './unusable.ts'

/** How long a discovery document is used. Its keys are read more often, by the library. */
const KEEP_MS = 60 * 60 * 1000

export type OpenidOptions = FetchOptions & { isProduction: boolean; now?: () => number }

/** Talks OpenID Connect: discovery, code flow with PKCE (RFC 9700), ID token and userinfo. */
export function createOpenid({ isProduction, now, ...options }: OpenidOptions): Protocol {
  const known = new Map<string, () => Promise<Discovered>>()

  /** All who ask meanwhile share one look; one that failed is not kept. */
  function discovered(provider: Provider): Promise<Discovered> {
    const { id, issuer } = provider
    const caller = { issuer, isProduction }
    const look = () => discover(provider, caller, createBoundedFetch(caller, options))
    const kept = known.get(id) ?? lookOnce(look, { keepMs: KEEP_MS, ...(now && { now }) })
    known.set(id, kept)
    return kept()
  }

  async function authorizationUrl(provider: Provider, attempt: Attempt): Promise<URL> {
    const { library, config } = await discovered(provider)
    return library.buildAuthorizationUrl(config, parametersOf(provider, attempt))
  }

  async function identify(provider: Provider, attempt: Attempt, parameters: URLSearchParams) {
    const callback = readCallback(parameters, attempt)
    const found = await discovered(provider)
    requireIssuer(callback, found)
    const { claims, accessToken } = await redeem(found, attempt, codeOf(callback))
    requireSameIssuer(callback, claims)
    const subject = subjectOf(claims.sub)
    const hasEmail = claims.email !== undefined
    const person: Claims = hasEmail ? claims : await userinfo(found, subject, accessToken)
    const hasForm = provider.responseMode === 'form_post'
    const name = textOf(claims.name) ?? textOf(person.name)
    return {
      issuer: claims.iss,
      subject,
      ...emailOf(person, provider),
      username: textOf(claims.preferred_username) ?? textOf(person.preferred_username),
      name: name ?? (hasForm ? nameInForm(parameters) : undefined),
      hasSecondFactor: hasTrustedFactor(claims, provider),
    }
  }

  return { authorizationUrl, identify }
}

function parametersOf(provider: Provider, attempt: Attempt): Record<string, string> {
  return {
    redirect_uri: new URL(attempt.redirectUri).href,
    scope: provider.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    ...challengeOf(attempt),
    ...(provider.responseMode === 'form_post' && { response_mode: 'form_post' }),
  }
}

/** Of another provider it is a mix-up (RFC 9207). */
function requireIssuer({ iss }: Callback, { metadata }: Discovered): void {
  const isAnnounced = metadata.authorization_response_iss_parameter_supported === true
  if (iss === undefined && isAnnounced) throw new CallbackRefused('issuer_missing')
  if (iss !== undefined && !speaksFor(iss, metadata.issuer))
    throw new CallbackRefused('issuer_wrong')
}

/** Where many tenants share a document, the token must be of the tenant that sent the code. */
function requireSameIssuer({ iss }: Callback, claims: IDToken): void {
  if (iss !== undefined && iss !== claims.iss) throw new CallbackRefused('issuer_wrong')
}

/** Gives the code for the ID token. The callback was checked before, so the library sees little. */
async function redeem({ library, config, metadata }: Discovered, attempt: Attempt, code: string) {
  const { state, nonce, codeVerifier, redirectUri } = attempt
  const url = new URL(redirectUri)
  url.search = new URLSearchParams({ code, state, iss: metadata.issuer }).toString()
  try {
    const tokens = await library.authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (!claims || !speaksFor(claims.iss, metadata.issuer))
      throw new Unusable('the ID token is of another issuer')
    return { claims, accessToken: tokens.access_token }
  } catch (error) {
    if (isWrongNonce(error)) throw new CallbackRefused('nonce_wrong')
    if (bodyErrorOf(error) === 'invalid_grant') throw new CallbackRefused('code_refused')
    throw error
  }
}

/** Nothing, where the provider has no such endpoint (Apple). */
async function userinfo(
  { library, config, metadata }: Discovered,
  subject: string,
  accessToken: string,
): Promise<Claims> {
  if (metadata.userinfo_endpoint === undefined) return {}
  return library.fetchUserInfo(config, accessToken, subject)
}
