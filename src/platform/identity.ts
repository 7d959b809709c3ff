import { domainToASCII, domainToUnicode } from 'node:url'

// What decides who is who: the keys of usernames and e-mail addresses, the same on every database.

/** RFC 5321 4.5.3.1 and RFC 1035 2.3.4, in octets. */
export const EMAIL_MAX = 254
const LOCAL_PART_MAX = 64
const DOMAIN_MAX = 253
/** RFC 5322 3.2.3: words of letters, digits and these signs, with single dots between them. */
const DOT_ATOM = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** What a domain may be written with; every other sign of ASCII means something else in a URL. */
const DOMAIN_SIGNS = /^[A-Za-z0-9.\u0080-\u{10ffff}-]+$/u
/** Letters that UTS 46 may change: not ASCII, or the ASCII spelling of such (`xn--`). */
const INTERNATIONAL = /[^\0-\x7f]|xn--/i

/**
 * The key of a username: the name without regard to the case of ASCII, in which it is written. Other
 * letters stay: the Kelvin sign would become a k, and one name two.
 */
export function usernameKey(username: string): string {
  return username.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/**
 * The key of an e-mail address: without regard to the case of ASCII, with the domain in its ASCII
 * spelling. What is no valid domain stays as it is, so that accounts from before a rule still sign in.
 */
export function emailKey(address: string): string {
  const from = address.lastIndexOf('@') + 1
  const domain = address.slice(from)
  return usernameKey(address.slice(0, from)) + (asciiDomain(domain) ?? usernameKey(domain))
}

/** The key of a name that may be a username or an e-mail address, and the column to look for it in. */
export function loginKey(login: string): { column: 'usernameKey' | 'emailKey'; key: string } {
  return login.includes('@')
    ? { column: 'emailKey', key: emailKey(login) }
    : { column: 'usernameKey', key: usernameKey(login) }
}

/**
 * Whether mail can go to the address: a dot-atom of ASCII, and a domain of at least two labels. No
 * quoted parts, no address literals.
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, Math.max(0, at))
  if (local.length > LOCAL_PART_MAX || !DOT_ATOM.test(local)) return false
  const domain = asciiDomain(text.slice(at + 1))
  return domain !== undefined && local.length + 1 + domain.length <= EMAIL_MAX
}

/**
 * The domain as DNS knows it, from either spelling (UTS 46: `münchen.de` is `xn--mnchen-3ya.de`).
 * @returns undefined when it is no domain that mail can go to
 */
function asciiDomain(domain: string): string | undefined {
  if (domain.length > DOMAIN_MAX || !DOMAIN_SIGNS.test(domain)) return undefined
  const ascii = INTERNATIONAL.test(domain) ? toAscii(domain) : domain.toLowerCase()
  return isDnsName(ascii) ? ascii : undefined
}

/** There and back: an ASCII spelling that no domain has would make one domain two. */
function toAscii(domain: string): string {
  const ascii = domainToASCII(domain)
  return domainToASCII(domainToUnicode(ascii)) === ascii ? ascii : ''
}

/** At least two labels, the last one no number: `1.2.3.4` is an address of IPv4. */
function isDnsName(domain: string): boolean {
  const labels = domain.split('.')
  const isWhole = domain.length <= DOMAIN_MAX && labels.length >= 2
  return isWhole && labels.every((label) => LABEL.test(label)) && /\D/.test(labels.at(-1) ?? '')
}
