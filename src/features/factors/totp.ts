import { createHmac, timingSafeEqual } from 'node:crypto'

const STEP_SECONDS = 30
const DIGITS = 6
/** Steps before and after the present one, since clocks differ. */
const WINDOW = 1
const CODE = /^[0-9]{6}$/

/** The time step of a moment (RFC 6238 4.2). @param now in milliseconds */
export function stepOf(now: number): number {
  return Math.floor(now / 1000 / STEP_SECONDS)
}

/** The code of a time step: six digits of HMAC-SHA-1, as every app has it (RFC 4226 5.3). */
export function totpAt(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', seed).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  const number = digest.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

/**
 * The time step that a typed code is of: the present one, the one before or the one after it.
 * @param typed with or without spaces and hyphens; only ASCII digits count
 * @returns undefined for a wrong code. Takes as long for a right one
 */
export function totpStep(seed: Buffer, typed: string, now: number): number | undefined {
  const code = typed.replaceAll(/[\s\p{Pd}]/gu, '')
  if (!CODE.test(code)) return undefined
  let found: number | undefined
  const present = stepOf(now)
  for (let step = present - WINDOW; step <= present + WINDOW; step++) {
    if (step >= 0 && timingSafeEqual(Buffer.from(code), Buffer.from(totpAt(seed, step))))
      found = step
  }
  return found
}
