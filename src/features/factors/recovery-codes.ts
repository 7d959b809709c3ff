import { hkdfSync } from 'node:crypto'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { afterCommit } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Passwords } from '../../platform/passwords/passwords.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Asker } from '../../platform/queues/fair-queue.ts'
import type { Audit } from '../audit/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Factor } from './factor.ts'
import type { FactorProof } from './proofs.ts'
import { CODE_BYTES, plainRecoveryCode, spelledCode } from './recovery-code.ts'
import type { FactorStore } from './store.ts'

const CODES = 10
const SALT_BYTES = 16
const KIND = 'recovery'

/** A set that is not stored yet. */
export type NewCodes = { codes: string[]; salted: string; hashes: string[] }

export type RecoveryCodes = ReturnType<typeof createRecoveryCodes>
type Dependencies = {
  db: Database
  secrets: Pick<MasterSecrets, 'deriveKeys'>
  passwords: Pick<Passwords, 'newSalted' | 'digest'>
  store: FactorStore
  mail: Pick<Mail, 'queue'>
  audit: Pick<Audit, 'record'>
}

/**
 * Codes on paper, for the day on which the phone is lost. They are a function of the request that
 * makes them, so that its retry shows them again, and of a key that no database has. Only hashes
 * are stored, with one salt for a set, so that a check costs one hash.
 */
export function createRecoveryCodes(dependencies: Dependencies) {
  const { db, secrets, passwords, store, mail, audit } = dependencies
  const keys = secrets.deriveKeys('latchkey recovery codes')

  /** @param cause names the request, such as the id of a challenge */
  function derive(key: Buffer, cause: string): { salt: Buffer; codes: string[] } {
    const size = SALT_BYTES + CODES * CODE_BYTES
    const bytes = Buffer.from(hkdfSync('sha256', key, '', cause, size))
    const codes = Array.from({ length: CODES }, (_, index) => {
      const start = SALT_BYTES + index * CODE_BYTES
      return spelledCode(bytes.subarray(start, start + CODE_BYTES))
    })
    return { salt: bytes.subarray(0, SALT_BYTES), codes }
  }

  /** Hashes ten new codes, outside any transaction. @throws Overloaded */
  async function prepare(cause: string, asker: Asker): Promise<NewCodes> {
    const [{ key } = { key: Buffer.alloc(0) }] = keys
    const { salt, codes } = derive(key, cause)
    const salted = passwords.newSalted(salt)
    const hashes: string[] = []
    // One by one: others who wait for a hash come in between.
    for (const code of codes) hashes.push(await digest(code, salted, asker))
    return { codes, salted, hashes }
  }

  function digest(code: string, salted: string, asker: Asker): Promise<string> {
    return passwords.digest(plainRecoveryCode(code) ?? '', salted, asker)
  }

  /** Puts a set in the place of the one before, if there is one. */
  async function replace(
    tx: Transaction,
    userId: UserId,
    { salted, hashes }: NewCodes,
  ): Promise<void> {
    await store.removeOnly(tx, userId, KIND)
    const factorId = await store.insert(tx, userId, { kind: KIND, secret: salted, counter: 0n })
    await tx.recoveryCode.createMany({ data: hashes.map((hash) => ({ factorId, hash })) })
  }

  /**
   * The codes that this request has made, for its retry; some may be used by now.
   * @returns undefined where the account has others, or none
   */
  async function reshow(userId: UserId, cause: string): Promise<Shown | undefined> {
    const set = await store.findOnly(userId, KIND)
    if (!set) return undefined
    for (const { key } of keys) {
      const { salt, codes } = derive(key, cause)
      const text = salt.toString('base64').replaceAll('=', '')
      if (set.secret.endsWith(`$${text}`)) return { codes, madeAt: set.createdAt }
    }
    return undefined
  }

  async function countLeft(userId: UserId): Promise<number> {
    return db.recoveryCode.count({ where: { factor: { userId } } })
  }

  /** The proof by one of the codes. It has 80 bits, so nobody counts guesses. */
  const proof: FactorProof = async ({ proof: typed, challenge: { userId }, caller }) => {
    const code = plainRecoveryCode(typed)
    const set = userId === null ? undefined : await store.findOnly(userId, KIND)
    if (!set) return undefined
    const { device } = caller
    const hash = code && (await digest(code, set.secret, askerOf(device, 'owner', set.userId)))
    const factorId_hash = { factorId: set.id, hash: hash ?? '' }
    const found = await db.recoveryCode.findUnique({ where: { factorId_hash } })
    if (found) return { amr: [], spend: (tx) => spend(tx, set, found.hash, device) }
    const entry = { userId: set.userId, device, detail: 'recovery_code' }
    audit.record({ type: 'second_factor_failed', ...entry })
    return undefined
  }

  /** Deletes a code: of all who send it at the same time, one has used it. */
  async function spend(
    tx: Transaction,
    { id: factorId, userId }: Factor,
    hash: string,
    device: Device,
  ): Promise<boolean> {
    const { count } = await tx.recoveryCode.deleteMany({ where: { factorId, hash } })
    if (count === 0) return false
    const left = await tx.recoveryCode.count({ where: { factorId } })
    // Without codes nobody is asked for one.
    if (left === 0) await store.removeOnly(tx, userId, KIND)
    const user = await tx.user.findUnique({ where: { id: userId }, select: { email: true } })
    const kind = 'recovery_code_used'
    await mail.queue(tx, { kind, address: user?.email, userId, device, left })
    afterCommit(tx, () => audit.record({ type: kind, userId, device, detail: `${left} left` }))
    return true
  }

  return { prepare, replace, reshow, countLeft, proof }
}

type Shown = { codes: string[]; madeAt: Date }
