import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import {
  type Database,
  isForeignKeyViolation,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database.ts'
import { deleteOldest } from '../../platform/delete-oldest.ts'
import { IdempotencyMismatch, Overloaded, SessionEnded } from '../../platform/error-table.ts'
import { inTransaction } from '../../platform/transactions.ts'

/** How long a key is remembered: 24 hours. */
const KEEP_MS = 86_400_000
const CLEANING_BATCH = 500
const ATTEMPTS = 3

export type KeyedRequest = {
  userId: string
  /** What is done, such as `create house`: the same key may name a request of each kind. */
  operation: string
  /** The `Idempotency-Key` header. */
  key: string
  /** What was asked for, as JSON with its members always in the same order. */
  body: string
}

export type Idempotency = ReturnType<typeof createIdempotency>
type Needs = { db: Database; clock: Clock }

/** Requests that a client may repeat without doing the thing twice (draft-ietf-httpapi-idempotency-key-header). */
export function createIdempotency({ db, clock }: Needs) {
  /**
   * Does the work and keeps its answer, both or neither; or finds the answer that an earlier request
   * with the key got. Of several at once one does the work, and all get its answer.
   * @param answer what the work comes to: at most 4000 characters
   * @param work statements on the transaction alone; what it throws is thrown, and nothing is kept
   * @throws IdempotencyMismatch when the key belongs to a request with another body, SessionEnded when
   *   the account is gone, Overloaded when others keep taking and leaving the key
   */
  async function once(request: KeyedRequest, answer: string, work: Work): Promise<string> {
    const row = { ...identify(request), answer, createdAt: new Date(clock()) }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await tryToWork(row, work)) return answer
      const earlier = await recall(row)
      if (earlier !== undefined) return earlier
    }
    throw Overloaded()
  }

  /** @returns false when another request has the key, and nothing was done */
  async function tryToWork(row: KeyRow, work: Work): Promise<boolean> {
    let isTaken = false
    await inTransaction(db, async (tx) => {
      await tx.idempotentRequest.createMany({ data: row }).catch((cause) => {
        isTaken = isUniqueViolation(cause)
        // The user is the only row that a key refers to.
        throw isForeignKeyViolation(cause) ? SessionEnded({ cause }) : cause
      })
      await work(tx)
    }).catch((error) => {
      if (!isTaken) throw error
    })
    return !isTaken
  }

  /** The answer that the key is remembered with; a key past its time is forgotten. */
  async function recall(row: Identity): Promise<string | undefined> {
    const { userId, keyHash, requestHash } = row
    const found = await db.idempotentRequest.findUnique({
      where: { userId_keyHash: { userId, keyHash } },
    })
    if (!found) return undefined
    if (found.createdAt < pastTime()) {
      const createdAt = { lt: pastTime() }
      await db.idempotentRequest.deleteMany({ where: { userId, keyHash, createdAt } })
      return undefined
    }
    if (found.requestHash !== requestHash) throw IdempotencyMismatch()
    return found.answer
  }

  const pastTime = () => new Date(clock() - KEEP_MS)

  /**
   * Forgets keys past their time, a bounded number at a time.
   * @returns whether there are more
   */
  async function clean(): Promise<boolean> {
    const rows = { table: 'IdempotentRequest', column: 'createdAt', before: pastTime() }
    return deleteOldest(db, { ...rows, batch: CLEANING_BATCH })
  }

  return { once, clean }
}

type Work = (tx: Transaction) => Promise<void>
type Identity = { userId: string; keyHash: string; requestHash: string }
type KeyRow = Identity & { answer: string; createdAt: Date }

function identify({ userId, operation, key, body }: KeyedRequest): Identity {
  return { userId, keyHash: digest(`${operation}\n${key}`), requestHash: digest(body) }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
