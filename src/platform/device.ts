import { addressIn } from './network.ts'

const USER_AGENT_MAX = 255

/** Where a request came from, as far as the server believes it. */
export type Device = { ip: string | null; userAgent: string | null }

/**
 * The device of a request. What a proxy passes on as the address may be any text: what is no address
 * is not kept. The user agent is cut to 255 code points of well-formed text.
 */
export function describeDevice(ip: string, userAgent: string | undefined): Device {
  return { ip: addressIn(ip) ?? null, userAgent: userAgent ? printable(userAgent) : null }
}

function printable(text: string): string {
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, ' ')
  return [...clean].slice(0, USER_AGENT_MAX).join('')
}
