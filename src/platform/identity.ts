import { domainToASCII, domainToUnicode } from 'node:url'

// Keys of usernames and e-mail addresses: they decide who is who.

/** In octets (RFC 5321 4.5.3.1, RFC 1035 2.3.4). */
export const EMAIL_MAX = 254
const LOCAL_PART_MAX = 64
const DOMAIN_MAX = 253
/** RFC 5322 3.2.3: words with single dots between them. */
const DOT_ATOM = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Other ASCII signs mean something else in a URL. */
const DOMAIN_SIGNS = /^[A-Za-z0-9.\u0080-\u{10ffff}-]+$/u
/** What UTS 46 may change: not ASCII, or its ASCII spelling (`xn--`). */
const INTERNATIONAL = /[^\0-\x7f]|xn--/i

/** Ignores the case of ASCII alone: a Kelvin sign would become a k, and two names one. */
export function usernameKey(username: string): string {
  return username.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Ignores the case of ASCII; domain in ASCII. Keeps invalid domains of older accounts. */
export function emailKey(address: string): string {
  const from = address.lastIndexOf('@') + 1
  const domain = address.slice(from)
  return usernameKey(address.slice(0, from)) + (asciiDomain(domain) ?? usernameKey(domain))
}

/** The name as it was typed, and the key that decides who is who. */
export function usernameColumns(username: string) {
  return { username, usernameKey: usernameKey(username) }
}

export function emailColumns(email: string) {
  return { email, emailKey: emailKey(email) }
}

/** The key of a name, and the column that holds it. */
export type LoginKey = { column: 'usernameKey' | 'emailKey'; key: string }

/** The key of a name that may be a username or an e-mail address. */
export function loginKey(login: string): LoginKey {
  return login.includes('@')
    ? { column: 'emailKey', key: emailKey(login) }
    : { column: 'usernameKey', key: usernameKey(login) }
}

/** Whether mail can go there: a dot-atom at a domain, without quoted parts or address literals. */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, Math.max(0, at))
  if (local.length > LOCAL_PART_MAX || !DOT_ATOM.test(local)) return false
  const domain = asciiDomain(text.slice(at + 1))
  return domain !== undefined && local.length + 1 + domain.length <= EMAIL_MAX
}

/** The domain in ASCII (UTS 46: `münchen.de` is `xn--mnchen-3ya.de`). */
function asciiDomain(domain: string): string | undefined {
  if (domain.length > DOMAIN_MAX || !DOMAIN_SIGNS.test(domain)) return undefined
  const ascii = INTERNATIONAL.test(domain) ? toAscii(domain) : domain.toLowerCase()
  return isDnsName(ascii) ? ascii : undefined
}

/** There and back: one ASCII spelling for a domain, and no unreadable labels of Node. */
function toAscii(domain: string): string {
  const ascii = domainToASCII(domain)
  const unicode = domainToUnicode(ascii)
  const isReadable = !/(?:^|\.)xn--/i.test(unicode)
  return isReadable && domainToASCII(unicode) === ascii ? ascii : ''
}

/** At least two labels; the last one is not a number, as in `1.2.3.4`. */
function isDnsName(domain: string): boolean {
  const labels = domain.split('.')
  const isWhole = domain.length <= DOMAIN_MAX && labels.length >= 2
  return isWhole && labels.every((label) => LABEL.test(label)) && /\D/.test(labels.at(-1) ?? '')
}
