import { randomBytes } from 'node:crypto'
import { hashEngine, type PasswordCost } from './hash-engine.ts'
import {
  createHashGovernor,
  type HashLimits,
  hashesAtOnce,
  standardLimits,
} from './hash-governor.ts'
import { formerPassword, preparedPassword } from './password-form.ts'

/** What a stored hash may ask of the machine at most: a damaged row must not take it down. */
const CEILING: PasswordCost = { memoryKib: 1_048_576, time: 20, parallelism: 16 }
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{22,86}\$[A-Za-z0-9+/]{22,172}$/
const SALT_BYTES = 16
const HASH_BYTES = 32

/** The form of a password that a hash was made of: as it is prepared now, or before spaces counted as one. */
type Form = 'present' | 'former'

export type Passwords = ReturnType<typeof createPasswords>

/**
 * Hashing and checking of passwords with argon2id, prepared as `preparedPassword` does. As many hashes run
 * at once as cores, threads and memory allow.
 * @param cost parameters of new hashes
 * @param given limits in place of the standard ones
 */
export function createPasswords(cost: PasswordCost, given: Partial<HashLimits> = {}) {
  const limits = { ...standardLimits, ...given }
  const governor = createHashGovernor({ ...limits, atOnce: hashesAtOnce(cost, limits) })
  const decoy = phc(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))

  /**
   * @returns a PHC string with the parameters and a fresh salt
   * @throws Overloaded when too many hashes wait
   */
  function hash(password: string): Promise<string> {
    return governor.run(() => hashEngine.hash(bytes(preparedPassword(password)), cost), false)
  }

  /**
   * Takes the same time for a wrong password, an unknown user and a damaged hash; a hash of another cost
   * takes the time of that cost. Only a password with a space that is not U+0020 is hashed twice.
   * @param stored the user's hash, or undefined where there is no such user
   * @returns which form of the password the hash was made of; undefined for a wrong password
   * @throws Overloaded when too many hashes wait
   */
  async function match(stored: string | undefined, password: string): Promise<Form | undefined> {
    const usable = stored !== undefined && isSane(stored)
    const form = await governor.run(
      () => formOf(usable ? stored : decoy, password),
      usable && isCostly(stored),
    )
    return usable ? form : undefined
  }

  async function verify(stored: string | undefined, password: string): Promise<boolean> {
    return (await match(stored, password)) !== undefined
  }

  /** Whether the hash was made when the cost was higher: to check it takes what it took to make it. */
  function isCostly(stored: string): boolean {
    const { memoryKib = 0, parallelism = 0 } = parameters(stored) ?? {}
    return memoryKib > cost.memoryKib || parallelism > cost.parallelism
  }

  /** Whether the hash was made at another cost, so that it should be renewed at this sign-in. */
  function isOutdated(stored: string): boolean {
    const found = parameters(stored)
    return (
      found?.memoryKib !== cost.memoryKib ||
      found.time !== cost.time ||
      found.parallelism !== cost.parallelism
    )
  }

  return { requireRoom: governor.requireRoom, hash, match, verify, isOutdated }
}

/** Both forms are always tried, so that the time is the same for a right and a wrong password. */
async function formOf(stored: string, password: string): Promise<Form | undefined> {
  const former = formerPassword(password)
  const isPresent = await hashEngine.verify(stored, bytes(preparedPassword(password)))
  const isFormer = former !== undefined && (await hashEngine.verify(stored, bytes(former)))
  if (isPresent) return 'present'
  return isFormer ? 'former' : undefined
}

const bytes = (text: string) => Buffer.from(text, 'utf8')

function parameters(stored: string): PasswordCost | undefined {
  const match = PHC.exec(stored)
  if (!match) return undefined
  return { memoryKib: Number(match[1]), time: Number(match[2]), parallelism: Number(match[3]) }
}

function isSane(stored: string): boolean {
  const found = parameters(stored)
  if (!found) return false
  const { memoryKib, time, parallelism } = found
  const withinCeiling =
    memoryKib <= CEILING.memoryKib && time <= CEILING.time && parallelism <= CEILING.parallelism
  return withinCeiling && time >= 1 && parallelism >= 1 && memoryKib >= 8 * parallelism
}

/** The PHC string format of argon2id, base64 without padding. */
function phc({ memoryKib, time, parallelism }: PasswordCost, salt: Buffer, digest: Buffer): string {
  const [saltText, digestText] = [salt, digest].map((b) => b.toString('base64').replaceAll('=', ''))
  return `$argon2id$v=19$m=${memoryKib},t=${time},p=${parallelism}$${saltText}$${digestText}`
}
