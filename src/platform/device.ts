import type { Language } from '../languages/languages.ts'
import { addressIn } from './network.ts'
import type { TraceIds } from './tracing/trace-context.ts'

const USER_AGENT_MAX = 255

/** Source of a request, as far as the server believes it. */
export type Device = {
  ip: string | null
  userAgent: string | null
  /** As in the log and in `X-Request-Id`. */
  requestId?: string
  trace?: TraceIds
  /** What its user reads, as far as the request says. */
  language?: Language
}

/** Where nobody knows it, or it must not be told. */
export const NO_DEVICE: Device = { ip: null, userAgent: null }

/** Drops malformed addresses from proxies; cuts the user agent to 255 code points. */
export function describeDevice(ip: string, userAgent: string | undefined): Device {
  return { ip: addressIn(ip) ?? null, userAgent: userAgent ? printable(userAgent) : null }
}

/** The language of a device, without the device: for mails that must not tell of it. */
export function onlyLanguageOf({ language }: Device = NO_DEVICE): Device {
  return language === undefined ? NO_DEVICE : { ...NO_DEVICE, language }
}

/** Without control characters and broken Unicode; at most 255 code points. */
export function printable(text: string): string {
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, ' ')
  return [...clean].slice(0, USER_AGENT_MAX).join('')
}
