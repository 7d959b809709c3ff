import { isIP } from 'node:net'
import { list, origin, refuse } from './readers.ts'
import type { Config } from './settings.ts'

/** What passkeys are made for and used with (WebAuthn 3). */
export type RelyingParty = {
  /** The domains that passkeys of this server belong to, newest first; none switches them off. */
  rpIds: readonly string[]
  /** Pages and apps that may use them, by configuration alone. */
  origins: readonly string[]
}

/** The origin of an Android app: SHA-256 of the certificate that signs it, in base64url. */
const ANDROID_APP = /^android:apk-key-hash:[\w-]{43}$/

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const DOMAIN = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`)

/** Domain names, separated by commas. */
export function rpIds(text: string): readonly string[] {
  return [...new Set(list(text).map(domainName))]
}

function domainName(text: string): string {
  const name = text.toLowerCase()
  const address = `https://${name}`
  const isDomain = URL.canParse(address) && new URL(address).hostname === name
  if (isDomain && isName(name)) return name
  return refuse(
    'every entry must be a domain name without scheme and port, such as example.org or localhost; an IP address cannot have passkeys',
  )
}

function isName(hostname: string): boolean {
  return isIP(hostname) === 0 && DOMAIN.test(hostname)
}

/** Origins of apps and of related domains, separated by commas. */
export function webauthnOrigins(text: string): readonly string[] {
  const entries = list(text).map((entry) => (ANDROID_APP.test(entry) ? entry : origin(entry)))
  return [...new Set(entries)]
}

type Settings = Pick<Config, 'http' | 'corsOrigins' | 'factors'>

export function relyingPartyOf({ http, corsOrigins, factors }: Settings): RelyingParty {
  const { origin: own } = http.publicUrl
  const { hostname } = new URL(own)
  const { rpIds = isName(hostname) ? [hostname] : [], webauthnOrigins: others } = factors
  return { rpIds, origins: [...new Set([own, ...corsOrigins, ...others])] }
}
