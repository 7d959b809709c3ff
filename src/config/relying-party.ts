import type { Config } from './config.ts'
import { isDomain } from './passkey-readers.ts'

/** What passkeys are made for and used with (WebAuthn 3). */
export type RelyingParty = {
  /** The domains that passkeys of this server belong to, newest first; none switches them off. */
  rpIds: readonly string[]
  /** Pages and apps that may use them, by configuration alone. */
  origins: readonly string[]
}

type Settings = Pick<Config, 'http' | 'corsOrigins' | 'factors'>

export function relyingPartyOf({ http, corsOrigins, factors }: Settings): RelyingParty {
  const { origin: own } = http.publicUrl
  const { hostname } = new URL(own)
  const { rpIds = isDomain(hostname) ? [hostname] : [], webauthnOrigins: others } = factors
  return { rpIds, origins: [...new Set([own, ...corsOrigins, ...others])] }
}
