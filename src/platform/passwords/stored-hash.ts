import { randomBytes } from 'node:crypto'
import type { PasswordCost } from './argon2.ts'

/** Highest cost of a stored hash: a damaged row must not stop the machine. */
const CEILING: PasswordCost = { memoryKib: 1_048_576, time: 20, parallelism: 16 }
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{22,86}\$[A-Za-z0-9+/]{22,172}$/
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Undefined when the hash must not be computed. */
export function costOf(stored: string): PasswordCost | undefined {
  const match = PHC.exec(stored)
  if (!match) return undefined
  const [memoryKib = 0, time = 0, parallelism = 0] = match.slice(1).map(Number)
  const cost = { memoryKib, time, parallelism }
  return isSane(cost) ? cost : undefined
}

/** A hash without its last part: what all texts with one salt have in common. */
export function saltedWith({ memoryKib, time, parallelism }: PasswordCost, salt: Buffer): string {
  const text = salt.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKib},t=${time},p=${parallelism}$${text}`
}

/** @throws Error for what `saltedWith` has not made */
export function partsOf(salted: string): { cost: PasswordCost; salt: Buffer } {
  // With a last part it is a whole hash.
  const cost = costOf(`${salted}$${'A'.repeat(43)}`)
  if (!cost) throw new Error('This is not a salt with its cost')
  return { cost, salt: Buffer.from(salted.split('$').at(-1) ?? '', 'base64') }
}

function isSane({ memoryKib, time, parallelism }: PasswordCost): boolean {
  const withinCeiling =
    memoryKib <= CEILING.memoryKib && time <= CEILING.time && parallelism <= CEILING.parallelism
  return withinCeiling && time >= 1 && parallelism >= 1 && memoryKib >= 8 * parallelism
}

export function decoyAt({ memoryKib, time, parallelism }: PasswordCost): string {
  const [salt, digest] = [SALT_BYTES, HASH_BYTES].map((size) =>
    randomBytes(size).toString('base64').replaceAll('=', ''),
  )
  return `$argon2id$v=19$m=${memoryKib},t=${time},p=${parallelism}$${salt}$${digest}`
}

export function isSameCost(one: PasswordCost | undefined, other: PasswordCost): boolean {
  return (
    one?.memoryKib === other.memoryKib &&
    one.time === other.time &&
    one.parallelism === other.parallelism
  )
}

/** The time of a hash is proportional to KiB times passes. */
export function workOf({ memoryKib, time }: PasswordCost): number {
  return memoryKib * time
}
