import type { Provider } from '../../../config/provider.ts'
import { EMAIL_MAX, isEmailAddress } from '../../../platform/identity.ts'
import { Unusable } from './unusable.ts'

/** Of ASCII, says OpenID Connect Core 2, so this counts bytes. */
const SUBJECT_MAX = 255
/** Half a character would become another one in a database. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u
const TEXT_MAX = 255
/** Its documentation says that its flags may be strings. */
const APPLE = 'https://appleid.apple.com'

/** One document of a provider: the claims of an ID token, or of userinfo. */
export type Claims = Readonly<Record<string, unknown>>

/** The address of one document, with the flag of the same document. */
export function emailOf(claims: Claims, provider: Provider) {
  return trusted(claims.email, isMarkedVerified(claims, provider), provider)
}

/** An address that accounts may have, and whether the settings trust it. */
export function trusted(email: unknown, isVerified: boolean, { trustEmail }: Provider) {
  if (typeof email !== 'string' || sizeOf(email) > EMAIL_MAX || !isEmailAddress(email))
    return { email: undefined, emailVerified: false }
  const emailVerified = trustEmail === 'always' || (trustEmail === 'verified' && isVerified)
  return { email, emailVerified }
}

function isMarkedVerified(claims: Claims, { verifiedClaim, issuer }: Provider): boolean {
  const flag = claims[verifiedClaim]
  if (verifiedClaim === 'xms_edov') return [true, 1, '1', 'true'].includes(flag as never)
  return flag === true || (flag === 'true' && issuer === APPLE)
}

/** @throws Unusable where there is none that could be kept */
export function subjectOf(subject: unknown): string {
  if (typeof subject === 'string' && PRINTABLE.test(subject) && sizeOf(subject) <= SUBJECT_MAX)
    return subject
  throw new Unusable(`the subject is not a string of 1 to ${SUBJECT_MAX} characters`)
}

const sizeOf = (text: string) => Buffer.byteLength(text)

/** A name to show or to make a username of; a strange one is left out. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= TEXT_MAX ? value : undefined
}

/** Whether `acr` or `amr` is one that the settings trust. */
export function hasTrustedFactor({ acr, amr }: Claims, { trustMfa }: Provider): boolean {
  const values = [acr, ...(Array.isArray(amr) ? amr : [])]
  return trustMfa.some((trusted) => values.includes(trusted))
}

/** Apple sends the name beside the code, at the first sign-in only, unsigned: to be shown alone. */
export function nameInForm(parameters: URLSearchParams): string | undefined {
  try {
    const { name } = JSON.parse(parameters.get('user') ?? '{}')
    return textOf([name?.firstName, name?.lastName].filter(textOf).join(' '))
  } catch {
    return undefined
  }
}
