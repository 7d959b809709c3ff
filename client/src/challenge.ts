import type { components } from './api-types.ts'

/** What has to be proved: keep its `token` for the answer. */
export type Challenge = components['schemas']['Challenge']

/** What proves a person: what was typed, or what `navigator.credentials` has signed. */
export type Proof =
  | { method: 'totp' | 'recovery_code' | 'mail_code'; code: string; trustDevice?: boolean }
  | { method: 'passkey'; credential: object; trustDevice?: boolean }
  | { method: 'password'; password: string }
