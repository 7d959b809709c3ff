import { isIP } from 'node:net'
import { list, origin, refuse } from './readers.ts'

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
  const isHost = URL.canParse(address) && new URL(address).hostname === name
  if (isHost && isDomain(name)) return name
  return refuse(
    'every entry must be a domain name without scheme and port, such as example.org or localhost; an IP address cannot have passkeys',
  )
}

/** Whether a host, as URL spells it, is a name and no address. */
export function isDomain(hostname: string): boolean {
  return isIP(hostname) === 0 && DOMAIN.test(hostname)
}

/** Origins of apps and of related domains, separated by commas. */
export function webauthnOrigins(text: string): readonly string[] {
  const entries = list(text).map((entry) => (ANDROID_APP.test(entry) ? entry : origin(entry)))
  return [...new Set(entries)]
}
