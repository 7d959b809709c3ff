/** A `Request`, or its headers and the address that the framework knows. */
export type Visitor = {
  headers: { get(name: string): string | null }
  /** The browser's address; without it `X-Forwarded-For` is passed on. */
  address?: string | undefined
}

export type CookieOptions = {
  httpOnly: true
  sameSite: 'lax'
  path: '/'
  secure: boolean
  /** In seconds; 0 deletes the cookie. */
  maxAge: number
}

/** A cookie for `set(name, value, options)` of any framework, or as a `Set-Cookie` header. */
export type SetCookie = { name: string; value: string; options: CookieOptions; header: string }

/** Latchkey's device cookie: it recognizes a device and grants no access. */
const DEVICE_COOKIES = ['__Host-latchkey-device', 'latchkey-device'] as const

/** RFC 6265 4.1.1. */
const VALUE = /^[\w!#$%&'()*+\-./:<=>?@[\]^`{|}~]*$/
const LOCAL_HOST = /^(localhost|[\w-]+(\.[\w-]+)*\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/** Not on localhost over http, where Safari would drop `Secure` cookies. */
export function isSecure({ headers }: Visitor): boolean {
  const proto = headers.get('x-forwarded-proto')
  return proto === 'https' || !LOCAL_HOST.test(headers.get('host') ?? '')
}

export function makeCookie(
  name: string,
  value: string,
  maxAge: number,
  secure: boolean,
): SetCookie {
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge } as const
  const header = `${name}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  return { name, value, options, header }
}

/** Cookies by name. The first of two counts: browsers send the most specific path first. */
export function readCookies({ headers }: Visitor): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of pairsOf(headers.get('cookie'))) {
    if (!found.has(name) && VALUE.test(value)) found.set(name, value)
  }
  return found
}

/** The `Cookie` header after these changes. */
export function withCookies(header: string | null, changed: Iterable<SetCookie>): string {
  const pairs = pairsOf(header)
  for (const { name, value, options } of changed) {
    const kept = pairs.filter(([other]) => other !== name)
    pairs.splice(0, pairs.length, ...kept)
    if (options.maxAge > 0) pairs.push([name, value])
  }
  return pairs.map((pair) => pair.join('=')).join('; ')
}

function pairsOf(header: string | null): [string, string][] {
  return (header ?? '').split(';').flatMap((text) => {
    const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(text) ?? []
    return name ? [[name, value] as [string, string]] : []
  })
}

/** The `Cookie` header for Latchkey, with the device cookie alone. */
export function deviceHeader(cookies: ReadonlyMap<string, string>): Record<string, string> {
  const sent = DEVICE_COOKIES.flatMap((name) => {
    const value = cookies.get(name)
    return value ? [`${name}=${value}`] : []
  })
  return sent.length > 0 ? { cookie: sent.join('; ') } : {}
}

export function deviceCookies(headers: Headers, secure: boolean): SetCookie[] {
  return headers.getSetCookie().flatMap((header) => {
    const [pair = ''] = header.split(';')
    const name = DEVICE_COOKIES.find((one) => pair.startsWith(`${one}=`))
    const maxAge = Number(/;\s*max-age=(\d+)/i.exec(header)?.[1])
    if (!name || !maxAge) return []
    // A `__Host-` cookie must be Secure.
    const value = pair.slice(name.length + 1)
    return [makeCookie(name, value, maxAge, secure || name.startsWith('__Host-'))]
  })
}
