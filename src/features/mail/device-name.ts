import type { Device } from '../../platform/device.ts'

// The order decides: most browsers name others, too, and Android names Linux.
const PROGRAMS: readonly [name: string, sign: RegExp][] = [
  ['Edge', /\bEdgi?A?(?:OS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
  ['curl', /^curl\//],
]
const SYSTEMS: readonly [name: string, sign: RegExp][] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b|\bokhttp\//],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b|\bDarwin\//],
  ['Linux', /\bLinux\b/],
]

/**
 * A device in words of ours. A user who signs in chooses the text of the user agent, so none of it
 * stands in a mail.
 */
export function deviceName({ ip, userAgent }: Device): string {
  const program = named(PROGRAMS, userAgent ?? '')
  const system = named(SYSTEMS, userAgent ?? '')
  const device = program && system ? `${program} on ${system}` : (program ?? system)
  return [device, ip].filter((part) => typeof part === 'string').join(', ')
}

function named(list: typeof PROGRAMS, userAgent: string): string | undefined {
  return list.find(([, sign]) => sign.test(userAgent))?.[0]
}
