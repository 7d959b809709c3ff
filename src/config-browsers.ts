import type { Config } from './config.ts'
import { isLoopback } from './config-readers.ts'

/** What the settings say about browsers; made once, and handed to all that meet one. */
export type Browsers = {
  /** Whether pages of this origin may use cookies here and read the answers. */
  isAllowed: (origin: string) => boolean
  cookies: {
    /** The name of the cookie with the refresh token. */
    refresh: string
    /** The name of the cookie by which a device is known. */
    device: string
    /** No script reads such a cookie, and no other site sends it. */
    attributes: { httpOnly: true; secure: boolean; sameSite: 'strict'; path: '/' }
  }
}

const attributes = { httpOnly: true, sameSite: 'strict', path: '/' } as const

/** The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2). */
export const hostCookies = {
  refresh: '__Host-latchkey-refresh',
  device: '__Host-latchkey-device',
  attributes: { ...attributes, secure: true },
} as const satisfies Browsers['cookies']

/** Safari and cookie jars of programs keep no Secure cookie of plain http, on this machine neither. */
const plainCookies: Browsers['cookies'] = {
  refresh: 'latchkey-refresh',
  device: 'latchkey-device',
  attributes: { ...attributes, secure: false },
}

/** Development servers choose their ports as they like. */
const LOCAL_ORIGIN = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/

export function createBrowsers({
  production,
  http,
}: Pick<Config, 'production' | 'http'>): Browsers {
  const listed = new Set(http.allowedOrigins)
  const isPlain = !production && isPlainLoopback(new URL(http.publicUrl))
  return {
    cookies: isPlain ? plainCookies : hostCookies,
    isAllowed: (origin) => listed.has(origin) || (!production && LOCAL_ORIGIN.test(origin)),
  }
}

function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopback(hostname)
}
