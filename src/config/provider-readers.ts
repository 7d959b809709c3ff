import { isLoopback, list, refuse } from './readers.ts'

// No message repeats a text: a client secret may have been written into the wrong setting.

export const MAX_PROVIDERS = 10
const MAX_VALUES = 20
const MAX_ISSUER = 255
const ID = /^[a-z][a-z0-9-]{0,31}$/
/** VSCHAR of RFC 6749, appendix A, without spaces at the ends. */
const CREDENTIAL = /^[!-~](?:[ -~]*[!-~])?$/
const VALUE = /^[!-~]{1,200}$/
const NAME = /^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,50}(?<!\s)$/u
const DISCOVERY = '/.well-known/'

/** Ids separated by commas, in the order in which people see them. */
export function providerIds(text: string): readonly string[] {
  const ids = list(text)
  if (ids.length > MAX_PROVIDERS)
    refuse(`it lists ${ids.length} providers; the maximum is ${MAX_PROVIDERS}`)
  if (!ids.every(isProviderId))
    refuse(
      'every id must begin with a small letter and have small letters, digits and - only, at most 32, such as google,keycloak',
    )
  if (new Set(ids).size < ids.length) refuse('it lists a provider twice; remove one of them')
  return ids
}

export function isProviderId(text: string): boolean {
  return ID.test(text)
}

/** Kept exactly as written: OpenID Connect compares it so. */
export function issuer(text: string): string {
  const url = /^https?:\/\/[!-[\]-~]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (!url) return refuse('it must be an https:// address, such as https://id.example.org/realms/a')
  if (text.includes(DISCOVERY))
    refuse(`write it without ${DISCOVERY}openid-configuration, as the issuer in that document`)
  if (/[?#]/.test(text)) refuse('it has a query or a fragment; remove it')
  if (text.includes('@')) refuse('it has a user; remove the user')
  if (text.length > MAX_ISSUER) refuse(`it has more than ${MAX_ISSUER} characters`)
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    refuse('it must be https; http is for this machine only, outside production')
  return text
}

export function clientId(text: string): string {
  if (text.length > 255 || !CREDENTIAL.test(text))
    refuse('it must be the client id that the provider shows: up to 255 characters of ASCII')
  return text
}

export function clientSecret(text: string): string {
  if (text.length > 4096 || !CREDENTIAL.test(text))
    refuse('it must be one line of ASCII, up to 4096 characters, without spaces at its ends')
  return text
}

export function providerName(text: string): string {
  return NAME.test(text) ? text : refuse('it must be one line of up to 50 characters')
}

/** Values of `acr` and `amr`, separated by commas. */
export function trustedMfa(text: string): readonly string[] {
  const values = [...new Set(list(text))]
  if (values.length > MAX_VALUES)
    refuse(`it has ${values.length} values; the maximum is ${MAX_VALUES}`)
  if (!values.every((value) => VALUE.test(value)))
    refuse('every value must be up to 200 characters without spaces, such as mfa')
  return values
}
