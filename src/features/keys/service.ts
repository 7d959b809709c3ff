import { v7 as uuidv7 } from 'uuid'
import type { SigningKey as Row } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import {
  type Database,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/database.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import { generatePrivatePem, SIGNING_ALGORITHM } from './key-pair.ts'
import { createKeyRing } from './key-ring.ts'
import { openStoredKey, type Refusal, sealRetired } from './stored-key.ts'

/** Interval of `refresh`; replaced keys are refused within 2 s. */
export const KEY_RING_INTERVAL_MS = 1000

const DAY = 86_400_000
const SIGNING_PERIOD = 30 * DAY
/** Minimum time of publication before a key signs: longer than caches keep the JWKS. */
const PUBLISH_LEAD = 3_600_000
/** Time to verify after the last token has expired, for clocks that differ. */
const MARGIN = DAY
/** How often to retry when another server adds a key at the same time. */
const ATTEMPTS = 5

export type Keys = ReturnType<typeof createKeys>
type Dependencies = {
  db: Database
  statements: Pick<Statements, 'select'>
  clock: Clock
  secrets: MasterSecrets
  accessSeconds: number
}

/**
 * Key ring of access tokens. Each key signs from its date until the next key's date, and verifies
 * until its last token has expired. All servers read the same dates.
 */
export function createKeys({ db, statements, clock, secrets, accessSeconds }: Dependencies) {
  const ring = createKeyRing({ db, statements, clock, secrets })
  const { load, last } = ring

  /**
   * Reads the ring, and creates missing keys: the first ones or the next one. Parallel servers
   * agree, since the sequence number is unique. @throws Error naming SECRET if no secret opens the
   * keys
   */
  async function refresh(): Promise<void> {
    let rows = await load()
    while ((last()?.signsFrom ?? 0) <= clock()) {
      await addKey()
      rows = await load()
    }
    await prune(rows)
  }

  async function addKey(): Promise<void> {
    const now = clock()
    const newest = last()
    const signsFrom = newest ? Math.max(newest.signsFrom + SIGNING_PERIOD, now + PUBLISH_LEAD) : now
    try {
      await db.signingKey.create({ data: newRow((newest?.sequence ?? 0) + 1, signsFrom) })
    } catch (error) {
      // Another server was faster; its key is used.
      if (!isUniqueViolation(error)) throw error
    }
  }

  function newRow(sequence: number, signsFrom: number) {
    const id = uuidv7()
    return {
      id,
      sequence,
      algorithm: SIGNING_ALGORITHM,
      encryptedKey: secrets.seal(generatePrivatePem(), id),
      createdAt: new Date(clock()),
      signsFrom: new Date(signsFrom),
    }
  }

  /** Every key, oldest first, without its private half. */
  async function list() {
    const rows = await load()
    const signing = ring.current().kid
    return rows.map(({ id: kid, algorithm, createdAt, signsFrom }) => ({
      ...{ kid, algorithm, createdAt: createdAt.toISOString(), signsFrom: signsFrom.toISOString() },
      state: kid === signing ? 'signs' : stateOf(kid, signsFrom.getTime()),
    }))
  }

  function stateOf(kid: string, signsFrom: number) {
    if (ring.retiredKey(kid)) return 'retired'
    return signsFrom > clock() ? 'next' : 'verifies'
  }

  /** Deletes keys whose last token has expired. */
  async function prune(rows: readonly Row[]): Promise<void> {
    const expired = rows.filter((_, index) => {
      const successor = rows[index + 1]
      return successor && Number(successor.signsFrom) + accessSeconds * 1000 + MARGIN < clock()
    })
    if (expired.length === 0) return
    await db.signingKey.deleteMany({ where: { id: { in: expired.map(({ id }) => id) } } })
    await load()
  }

  /**
   * Makes the next key sign as soon as every verifier can know it. The current one verifies until
   * its last token has expired. @returns when it signs, in ms since 1970
   */
  async function rotate(): Promise<number> {
    await refresh()
    const { kid, signsFrom } = ring.newest()
    const soon = Math.min(signsFrom, clock() + PUBLISH_LEAD)
    await db.signingKey.updateMany({ where: { id: kid }, data: { signsFrom: new Date(soon) } })
    await refresh()
    return soon
  }

  /**
   * Retires all keys and creates new ones; the first signs at once. Deletes the private keys; every
   * server refuses their tokens once it has read the ring. Refresh tokens have other keys.
   * @param refusal the error for genuine tokens of these keys
   */
  async function replaceAll(refusal: Refusal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await inTransaction(db, (tx) => replaceInTransaction(tx, refusal))
        return await refresh()
      } catch (error) {
        // Another server added a key meanwhile: replace it, too.
        if (!isUniqueViolation(error) || attempt === ATTEMPTS) throw error
      }
    }
  }

  async function replaceInTransaction(tx: Transaction, refusal: Refusal): Promise<void> {
    const now = clock()
    const rows = await tx.signingKey.findMany({ orderBy: { sequence: 'asc' } })
    for (const row of rows) {
      const stored = openStoredKey(secrets, row)
      if (stored.kind === 'retired') continue
      const encryptedKey = sealRetired(secrets, stored.key, refusal)
      // The next key never signs; its date says how long it was in the ring.
      const signsFrom = new Date(Math.min(stored.key.signsFrom, now))
      await tx.signingKey.update({ where: { id: row.id }, data: { encryptedKey, signsFrom } })
    }
    const last = rows.at(-1)?.sequence ?? 0
    await tx.signingKey.create({ data: newRow(last + 1, now) })
    await tx.signingKey.create({ data: newRow(last + 2, now + SIGNING_PERIOD) })
  }

  const { current, publicPem, lookFor, retiredKey, jwks } = ring
  return { refresh, list, current, rotate, replaceAll, publicPem, lookFor, retiredKey, jwks }
}
