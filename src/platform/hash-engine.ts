import argon2 from 'argon2'

/** argon2id parameters (RFC 9106): memory in KiB, passes, lanes. */
export type PasswordCost = { memoryKib: number; time: number; parallelism: number }

const HASH_BYTES = 32
/** Version 1.3 with one lane, and a salt and a digest as long as those that are made here. */
const COMMON_SHAPE = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

type FastEngine = Pick<typeof import('@node-rs/argon2'), 'hash' | 'verify'>
let loading: Promise<FastEngine | undefined> | undefined

/**
 * The quick engine, or undefined where it has no binary for the machine. It takes half the time of the
 * reference for one lane; it computes several one after the other, which the reference does at once.
 */
function fastEngine(): Promise<FastEngine | undefined> {
  loading ??= import('@node-rs/argon2').catch(() => undefined)
  return loading
}

/**
 * Makes a hash with a fresh salt of 16 bytes.
 * @returns a PHC string
 */
async function hash(password: Buffer, cost: PasswordCost): Promise<string> {
  const { memoryKib: memoryCost, time: timeCost, parallelism } = cost
  const options = { memoryCost, timeCost, parallelism }
  const fast = parallelism === 1 ? await fastEngine() : undefined
  if (fast) return fast.hash(password, { ...options, outputLen: HASH_BYTES })
  return referenceEngine.hash(password, cost)
}

/**
 * Whether the password is the one of the hash.
 * @param stored a PHC string of argon2id
 * @throws Error when it is none
 */
async function verify(stored: string, password: Buffer): Promise<boolean> {
  const fast = COMMON_SHAPE.test(stored) ? await fastEngine() : undefined
  return fast ? fast.verify(stored, password) : referenceEngine.verify(stored, password)
}

/** argon2id by the authors' own code, always there. */
export const referenceEngine = {
  hash: (
    password: Buffer,
    { memoryKib: memoryCost, time: timeCost, parallelism }: PasswordCost,
  ): Promise<string> => {
    const options = { type: argon2.argon2id, memoryCost, timeCost, parallelism }
    return argon2.hash(password, { ...options, hashLength: HASH_BYTES })
  },
  verify: (stored: string, password: Buffer): Promise<boolean> => argon2.verify(stored, password),
}

/** argon2id by the quicker engine where there is one for the machine; either reads what the other wrote. */
export const hashEngine = { hash, verify }
