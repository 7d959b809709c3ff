import type { Config } from './config.ts'
import { isLoopback } from './readers.ts'

/** Which origins may use cookies, and how the cookies look. */
export type Browsers = {
  /** Whether pages of this origin may use cookies here and read responses. */
  isAllowed: (origin: string) => boolean
  cookies: {
    refresh: string
    device: string
    /** Hidden from scripts, and not sent by other sites. */
    attributes: { httpOnly: true; secure: boolean; sameSite: 'strict'; path: '/' }
  }
}

const attributes = { httpOnly: true, sameSite: 'strict', path: '/' } as const

/** `__Host-` makes browsers require Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2). */
export const hostCookies = {
  refresh: '__Host-latchkey-refresh',
  device: '__Host-latchkey-device',
  attributes: { ...attributes, secure: true },
} as const satisfies Browsers['cookies']

/** Safari and cookie jars of programs drop Secure cookies over http, even on this machine. */
const plainCookies: Browsers['cookies'] = {
  refresh: 'latchkey-refresh',
  device: 'latchkey-device',
  attributes: { ...attributes, secure: false },
}

/** Development servers choose any port. */
const LOCAL_ORIGIN = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/

type Settings = Pick<Config, 'production' | 'http' | 'corsOrigins'>

export function createBrowsers({ production, http, corsOrigins }: Settings): Browsers {
  const { origin: own } = http.publicUrl
  const listed = new Set([own, ...corsOrigins])
  const isPlain = !production && isPlainLoopback(new URL(own))
  return {
    cookies: isPlain ? plainCookies : hostCookies,
    isAllowed: (origin) => listed.has(origin) || (!production && LOCAL_ORIGIN.test(origin)),
  }
}

function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopback(hostname)
}
