import type { components } from './api-types.ts'

/** What has to be proved: keep its `token` for the answer. */
export type Challenge = components['schemas']['Challenge']

/** Where the browser has to go, to a provider. */
export type ProviderRedirect = components['schemas']['ProviderRedirect']

/** What proves a person: what was typed, or what `navigator.credentials` has signed. */
export type Proof =
  | { method: 'totp' | 'recovery_code' | 'mail_code'; code: string; trustDevice?: boolean }
  | { method: 'passkey'; credential: object; trustDevice?: boolean }
  | { method: 'password'; password: string }

/** What proves who has sent the browser to a provider. */
export type ProviderProof = {
  method: 'oidc'
  codeVerifier: string
  /** Of a new account. */
  username?: string | undefined
}
