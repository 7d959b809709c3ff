/** The reference implementation; npm has a binary for most machines. */
const { default: argon2 } = await import('argon2').catch(noBinary)

/** argon2id parameters (RFC 9106): memory in KiB, passes, lanes. */
export type PasswordCost = { memoryKib: number; time: number; parallelism: number }

const HASH_BYTES = 32
/** Version 1.3, one lane, and our lengths. */
const COMMON_SHAPE = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

function noBinary(cause: Error): never {
  const [what] = cause.message.split('\n')
  throw new Error(
    `Passwords cannot be hashed: argon2 has no binary for this machine: ${what}; run "npm rebuild argon2", which needs Python and a C++ compiler.`,
    { cause },
  )
}

type FastEngine = Pick<typeof import('@node-rs/argon2'), 'hash' | 'verify'>
let loading: Promise<FastEngine | undefined> | undefined

/** Half the time for one lane, where there is a binary; lanes run one by one. */
function fastEngine(): Promise<FastEngine | undefined> {
  loading ??= import('@node-rs/argon2').catch(() => undefined)
  return loading
}

/** @param salt a random one, if left out */
async function hash(password: Buffer, cost: PasswordCost, salt?: Buffer): Promise<string> {
  const { memoryKib: memoryCost, time: timeCost, parallelism } = cost
  const options = { memoryCost, timeCost, parallelism, ...(salt ? { salt } : {}) }
  const fast = parallelism === 1 ? await fastEngine() : undefined
  if (fast) return fast.hash(password, { ...options, outputLen: HASH_BYTES })
  return referenceEngine.hash(password, cost, salt)
}

/** @param stored a PHC string of argon2id @throws Error for any other */
async function verify(stored: string, password: Buffer): Promise<boolean> {
  const fast = COMMON_SHAPE.test(stored) ? await fastEngine() : undefined
  return fast ? fast.verify(stored, password) : referenceEngine.verify(stored, password)
}

export const referenceEngine = {
  hash: (
    password: Buffer,
    { memoryKib: memoryCost, time: timeCost, parallelism }: PasswordCost,
    salt?: Buffer,
  ): Promise<string> => {
    const options = { type: argon2.argon2id, memoryCost, timeCost, parallelism }
    return argon2.hash(password, { ...options, hashLength: HASH_BYTES, ...(salt ? { salt } : {}) })
  },
  verify: (stored: string, password: Buffer): Promise<boolean> => argon2.verify(stored, password),
}

/** The faster engine where there is one; either reads the other's hashes. */
export const hashEngine = { hash, verify }
