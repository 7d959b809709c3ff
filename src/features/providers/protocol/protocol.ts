import type { Provider } from '../../../config/provider.ts'

/** What one sign-in has of its own: known to this server alone, and the same when asked again. */
export type Attempt = {
  /** Comes back with the callback. */
  state: string
  /** Comes back in the ID token. */
  nonce: string
  /** PKCE towards the provider (RFC 7636): 43 characters. */
  codeVerifier: string
  /** The callback of the provider at this server. */
  redirectUri: string
}

/** What a provider has said of a person, checked. */
export type ProvidedIdentity = {
  issuer: string
  /** At most 255 characters; compared exactly. */
  subject: string
  /** An address that accounts may have; undefined where there is none. */
  email: string | undefined
  /** By the same document as the address. */
  emailVerified: boolean
  /** `preferred_username`, as received; at most 255 characters, as the name. */
  username: string | undefined
  name: string | undefined
  /** Whether the provider has asked for a second factor, as far as the settings trust it. */
  hasSecondFactor: boolean
}

/** How a provider is talked to. */
export type Protocol = {
  /** Where the browser is sent. @throws ProviderUnavailable */
  authorizationUrl: (provider: Provider, attempt: Attempt) => Promise<URL>
  /**
   * Turns the parameters of a genuine callback into the person.
   * @param parameters `code`, `state`, `iss` and so on, as they came by query or by form
   * @throws ProviderUnavailable where the provider cannot be reached or used; CallbackRefused where
   *   the callback or the token does not belong to this attempt; AccessDenied where the person or
   *   the provider has said no
   */
  identify: (
    provider: Provider,
    attempt: Attempt,
    parameters: URLSearchParams,
  ) => Promise<ProvidedIdentity>
}

/** What the browser brought does not belong to this attempt, or is used up: begin again. */
export class CallbackRefused extends Error {
  readonly reason: CallbackReason

  constructor(reason: CallbackReason) {
    super(`the callback is refused: ${reason}`)
    this.name = 'CallbackRefused'
    this.reason = reason
  }
}

export type CallbackReason =
  | 'parameter_repeated'
  | 'state_wrong'
  | 'issuer_missing'
  | 'issuer_wrong'
  | 'code_missing'
  | 'code_refused'
  | 'nonce_wrong'

/** The person has said no at the provider, or the provider did not let them through. */
export class AccessDenied extends Error {
  /** The error as the provider names it: `access_denied`. */
  readonly reason: string

  constructor(reason: string) {
    super(`the provider has not signed the person in: ${reason}`)
    this.name = 'AccessDenied'
    this.reason = reason
  }
}
