import { randomBytes } from 'node:crypto'
import type { Asker } from '../queues/fair-queue.ts'
import { noSpans, type Spans } from '../tracing/spans.ts'
import { hashEngine, type PasswordCost } from './argon2.ts'
import { createDecoys } from './decoys.ts'
import { createHashFillers } from './fillers.ts'
import { formerPassword, preparedPassword } from './form.ts'
import { createHashQueue, type HashLimits, hashesAtOnce, standardLimits } from './hash-queue.ts'
import { costOf, isSameCost, partsOf, saltedWith } from './stored-hash.ts'

type Form = 'present' | 'former'

/** For hashes that no client waits for. */
const SELF: Asker = { network: '', account: '' }
const KEY_BYTES = 32

export type Passwords = ReturnType<typeof createPasswords>
type Given = Partial<HashLimits> & {
  /** Decides which decoy a name has; the same on every server. */
  decoyKey?: Buffer
  spans?: Spans
}

/** Argon2id hashes, as many at once as cores, threads and memory allow. */
export function createPasswords(cost: PasswordCost, given: Given = {}) {
  const { decoyKey = randomBytes(KEY_BYTES), spans = noSpans, ...own } = given
  const limits = { ...standardLimits, ...own }
  const hashQueue = createHashQueue({ ...limits, atOnce: hashesAtOnce(cost, limits) })
  const decoys = createDecoys(cost, decoyKey)
  const fillers = createHashFillers(cost, (one) =>
    hashQueue.run(() => spend(one), SELF, isCostly(one)),
  )

  const queued: typeof hashQueue.run = (work, asker, isCostly) =>
    spans({ name: 'password hash' }, () => hashQueue.run(work, asker, isCostly))

  function assertCapacity(asker: Asker = SELF): Promise<void> {
    return hashQueue.assertCapacity(asker)
  }

  function hash(password: string, asker: Asker = SELF): Promise<string> {
    return queued(() => hashEngine.hash(bytes(preparedPassword(password)), cost), asker)
  }

  /**
   * Takes the same time for a wrong password, an unknown user and a damaged hash, and at least that
   * of a new hash.
   * @param stored none for an unknown user, or one without a password
   * @param asker selects the decoy
   * @returns the form of the password; undefined for a wrong one @throws Overloaded
   */
  async function match(
    stored: string | null | undefined,
    password: string,
    asker: Asker = SELF,
  ): Promise<Form | undefined> {
    const isUsable = typeof stored === 'string' && costOf(stored) !== undefined
    const checked = isUsable ? stored : decoys.of(asker.account)
    const found = costOf(checked) ?? cost
    const work = () => formOf(checked, password, fillers.fillerFor(found))
    const form = await queued(work, asker, isCostly(found))
    return isUsable ? form : undefined
  }

  async function verify(
    stored: string | null | undefined,
    password: string,
    asker?: Asker,
  ): Promise<boolean> {
    return (await match(stored, password, asker)) !== undefined
  }

  /** What hashes with one salt have in common, at the present cost. */
  function newSalted(salt: Buffer): string {
    return saltedWith(cost, salt)
  }

  /**
   * Hashes a text with a given salt, so that one hash tells which of several texts it is.
   * @param salted from `newSalted` @returns 43 characters of base64url @throws Overloaded
   */
  async function digest(text: string, salted: string, asker: Asker = SELF): Promise<string> {
    const { cost: given, salt } = partsOf(salted)
    const work = () => hashEngine.hash(bytes(text), given, salt)
    const hash = await queued(work, asker, isCostly(given))
    return Buffer.from(hash.split('$').at(-1) ?? '', 'base64').toString('base64url')
  }

  function isCostly({ memoryKib, parallelism }: PasswordCost): boolean {
    return memoryKib > cost.memoryKib || parallelism > cost.parallelism
  }

  /** Whether the hash has another cost, so that this sign-in should renew it. */
  function isOutdated(stored: string): boolean {
    return !isSameCost(costOf(stored), cost)
  }

  /** Learns the costs of stored hashes, which decoys use. */
  async function learnCosts(sample: readonly string[]): Promise<void> {
    const costs = sample.map(costOf).filter((found) => found !== undefined)
    for (const found of decoys.learn(costs)) await fillers.fit(found)
  }

  return {
    ...{ assertCapacity, hash, match, verify, newSalted, digest, isOutdated, learnCosts },
    /** Hashes that run, that wait, and that were refused so far. */
    figures: hashQueue.figures,
  }
}

/** Tries both forms, so that right and wrong passwords take the same time. */
async function formOf(
  stored: string,
  password: string,
  filler: PasswordCost | undefined,
): Promise<Form | undefined> {
  const former = formerPassword(password)
  const isPresent = await verifyFilled(stored, preparedPassword(password), filler)
  const isFormer = former !== undefined && (await verifyFilled(stored, former, filler))
  if (isPresent) return 'present'
  return isFormer ? 'former' : undefined
}

async function verifyFilled(stored: string, password: string, filler: PasswordCost | undefined) {
  const isRight = await hashEngine.verify(stored, bytes(password))
  if (filler) await spend(filler)
  return isRight
}

const spend = (cost: PasswordCost) => hashEngine.hash(bytes(''), cost)

const bytes = (text: string) => Buffer.from(text, 'utf8')
