import { isIP } from 'node:net'
import { allLanguages, isLanguage, type Language } from '../languages/languages.ts'
import { nearest } from '../platform/nearest.ts'

// A reader parses the text of one setting, or throws an error that names the fix.
// No message repeats a text that may hold a secret.

/** The message says what to write instead, and never holds a secret. */
export class InvalidSetting extends Error {}

export type Reader<Value> = (text: string) => Value

const SECONDS_OF = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const DURATION = /^(0|[1-9]\d{0,7})([smhd])$/
const BYTES_OF = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const
const BYTE_SIZE = /^(0|[1-9]\d{0,11})(KiB|MiB|GiB|TiB)$/
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i
const WEB_ADDRESS = /^https?:\/\/[^\s/?#@\\]+((?:\/[\w.~-]{1,100}){0,10})\/?$/i
const WEB_ORIGIN = /^https?:\/\/[^\s/?#@\\*]+$/i
const APP_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(:\d{1,5})?$/
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])
const MAX_LIST = 100
const MAX_QUOTED = 60

export function refuse(fix: string): never {
  throw new InvalidSetting(fix)
}

/** Returns the value, or the setting error; rethrows any other error. */
export function attempt<Value>(read: () => Value): { value: Value } | { invalid: InvalidSetting } {
  try {
    return { value: read() }
  } catch (error) {
    if (error instanceof InvalidSetting) return { invalid: error }
    throw error
  }
}

/** Whole seconds between two bounds, which are written like the setting; nothing needs no unit. */
export function duration(least: string, most: string): Reader<number> {
  const range = `from ${least} to ${most}`
  return (text) => {
    if (text === '0' && toSeconds(least) === 0) return 0
    if (/^\d+$/.test(text))
      refuse(`${quote(text)} has no unit; write for example ${text}s (s, m, h or d)`)
    if (!DURATION.test(text)) {
      refuse(
        `${quote(text)} is not a length of time; write a whole number and s, m, h or d, such as 15m`,
      )
    }
    const seconds = toSeconds(text)
    if (seconds < toSeconds(least) || seconds > toSeconds(most)) {
      refuse(`${quote(text)} is out of range; write a length of time ${range}`)
    }
    return seconds
  }
}

function toSeconds(text: string): number {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? []
  return Number(count) * SECONDS_OF[unit as keyof typeof SECONDS_OF]
}

/** Whole bytes between two bounds, which are written like the setting. */
export function byteSize(least: string, most: string): Reader<number> {
  return (text) => {
    if (/^\d+$/.test(text))
      refuse(`${quote(text)} has no unit; write for example ${text}MiB (KiB, MiB, GiB or TiB)`)
    if (!BYTE_SIZE.test(text)) {
      refuse(
        `${quote(text)} is not a size; write a whole number and KiB, MiB, GiB or TiB, such as 200MiB`,
      )
    }
    const bytes = toBytes(text)
    if (bytes < toBytes(least) || bytes > toBytes(most)) {
      refuse(`${quote(text)} is out of range; write a size from ${least} to ${most}`)
    }
    return bytes
  }
}

function toBytes(text: string): number {
  const [, count = '', unit = ''] = BYTE_SIZE.exec(text) ?? []
  return Number(count) * BYTES_OF[unit as keyof typeof BYTES_OF]
}

/** A whole number in decimal digits: no sign, no space, no exponent. */
export function wholeNumber(least: number, most: number): Reader<number> {
  return (text) => {
    const number = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    return refuse(`${quote(text)} is not a whole number from ${least} to ${most}`)
  }
}

/** One of these words, spelled exactly so. */
export function oneOf<Word extends string>(...words: Word[]): Reader<Word> {
  return (text) =>
    words.find((word) => word === text) ??
    refuse(`${quote(text)} is not one of ${words.join(', ')}`)
}

export function onOrOff(text: string): boolean {
  return oneOf('on', 'off')(text) === 'on'
}

export function folder(text: string): string {
  if (/\p{Cc}/u.test(text)) refuse('it has a control character; write the path of a folder')
  return text
}

/** Tags of languages that have a catalogue, spelled exactly so, each once; at least one. */
export function languages(text: string): readonly [Language, ...Language[]] {
  const [first, ...others] = text.split(',').map((tag) => languageOf(tag.trim()))
  if (first === undefined || new Set([first, ...others]).size <= others.length) {
    refuse(`${quote(text)} names a language twice; write each once, such as en,zh-CN`)
  }
  return [first, ...others]
}

function languageOf(tag: string): Language {
  if (isLanguage(tag)) return tag
  const meant = nearest(tag, allLanguages)
  const question = meant === undefined ? '' : `; did you mean ${meant}?`
  return refuse(
    `${quote(tag)} is not one of ${allLanguages.join(', ')}${question} (docs/languages.md adds one)`,
  )
}

/** An address or a name to listen on. */
export function host(text: string): string {
  if (isIP(text) === 0 && !HOST_NAME.test(text)) {
    refuse(
      `${quote(text)} is neither an IP address nor a host name; write for example 127.0.0.1 or 0.0.0.0`,
    )
  }
  return text
}

/** The server's own address, without a slash at the end. */
export type PublicUrl = {
  readonly href: string
  /** As browsers write it (RFC 6454). */
  readonly origin: string
  /** `/auth`, or empty. */
  readonly path: string
}

/** An http or https address with an optional path. */
export function publicUrl(text: string): PublicUrl {
  const [, path = ''] = WEB_ADDRESS.exec(text) ?? [undefined, '?']
  if (path === '?' || path.split('/').some(isDots) || !URL.canParse(text)) {
    refuse(
      'it must be an absolute http:// or https:// address without user, query or fragment, such as https://auth.example.org or https://example.org/auth; a path has letters, digits and . _ ~ - only',
    )
  }
  const { origin } = new URL(text)
  return { href: `${origin}${path}`, origin, path }
}

/** Segments that resolve to another path (RFC 3986 5.2.4). */
const isDots = (segment: string) => segment === '.' || segment === '..'

/** Exact origins, separated by commas; `*`, `null` and paths are refused. */
export function origins(text: string): readonly string[] {
  return [...new Set(list(text).map(origin))]
}

/** One exact origin. */
export function origin(text: string): string {
  if (WEB_ORIGIN.test(text) && URL.canParse(text)) return new URL(text).origin
  if (APP_ORIGIN.test(text) && !/^https?:/.test(text)) return text
  return refuse(
    'every entry must be one exact origin, scheme://host or scheme://host:port, such as https://app.example.org: no *, no null, no path, no slash at the end',
  )
}

/** Addresses and CIDR ranges, separated by commas; ranges that cover the Internet are refused. */
function ranges(whose: string): Reader<readonly string[]> {
  return (text) => [...new Set(list(text).map((entry) => range(entry, whose)))]
}

export const proxies = ranges('proxies')
export const networks = ranges('networks')

function range(text: string, whose: string): string {
  const [address = '', bits, more] = text.split('/')
  const version =
    address.includes('%') || address.toLowerCase().startsWith('::ffff:') ? 0 : isIP(address)
  if (version === 0 || more !== undefined) {
    refuse(
      `${quote(text)} is not an address or a CIDR range; list your ${whose}, such as 127.0.0.1,10.0.0.0/8`,
    )
  }
  if (bits === undefined) return text
  const most = version === 4 ? 32 : 128
  const least = version === 4 ? 8 : 7
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (length >= least && length <= most) return text
  return refuse(
    `${quote(text)} is too wide or too narrow a range; write a prefix from /${least} to /${most}`,
  )
}

/** The entries between the commas; an empty text is an empty list. */
export function list(text: string): string[] {
  if (text.trim() === '') return []
  const entries = text.split(',').map((entry) => entry.trim())
  if (entries.length > MAX_LIST)
    refuse(`it has ${entries.length} entries; the maximum is ${MAX_LIST}`)
  if (entries.includes('')) refuse('an entry between two commas is empty; remove the extra comma')
  return entries
}

/** Whether a host, as URL spells it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_NAMES.has(hostname)
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)
}
