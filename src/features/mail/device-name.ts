import type { Texts } from '../../languages/en/texts.ts'
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

/** What a mail tells of a device, each where it is known. */
export type DeviceParts = { program?: string; system?: string; ip?: string }

/**
 * A device in words of ours. A user who signs in chooses the text of the user agent, so none of it
 * stands in a mail.
 */
export function devicePartsOf({ ip, userAgent }: Device): DeviceParts {
  const program = named(PROGRAMS, userAgent ?? '')
  const system = named(SYSTEMS, userAgent ?? '')
  return {
    ...(program === undefined ? {} : { program }),
    ...(system === undefined ? {} : { system }),
    ...(ip === null ? {} : { ip }),
  }
}

/** `Firefox on Windows, 192.0.2.1` */
export function deviceName({ program, system, ip }: DeviceParts, { mailWords }: Texts): string {
  const device = program && system ? mailWords.programOn(program, system) : (program ?? system)
  return [device, ip].filter((part) => part !== undefined).join(mailWords.comma)
}

function named(list: typeof PROGRAMS, userAgent: string): string | undefined {
  return list.find(([, sign]) => sign.test(userAgent))?.[0]
}
