import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { BATCH, inBatches } from '../../platform/database/batches.ts'
import {
  type Database,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/database.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'
import { inPages } from '../../platform/database/pages.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { Overloaded, RateLimited } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Holdings } from '../users/holdings.ts'
import { IdempotencyMismatch } from './errors.ts'

/** 24 hours. */
const KEEP_MS = 86_400_000
const ATTEMPTS = 3

export type KeyedRequest = {
  userId: UserId
  /** Such as `create house`; each operation has its own keys. */
  operation: string
  /** The `Idempotency-Key` header; without one the work is done each time. */
  key: string | undefined
  /** The request as JSON, with members in a fixed order. */
  body: string
}

export type Idempotency = ReturnType<typeof createIdempotency>
type Dependencies = {
  db: Database
  clock: Clock
  holdings: Holdings
  /** New keys of one user in a day (UTC); so at most twice as many are stored. */
  keysPerDay: number
}

/**
 * Lets clients retry a request without doing its work twice
 * (draft-ietf-httpapi-idempotency-key-header).
 */
export function createIdempotency({ db, clock, holdings, keysPerDay }: Dependencies) {
  /**
   * Does the work and stores its response, or returns the response of an earlier request with the
   * key. Of parallel requests one does the work, and all get its response.
   * @param answer the result of the work, at most 4000 characters
   * @param work statements of the transaction; if it throws, nothing is stored
   * @throws IdempotencyMismatch for another body, SessionEnded for a deleted account, RateLimited,
   *   Overloaded if others keep taking and leaving the key
   */
  async function once(request: KeyedRequest, answer: string, work: Work): Promise<string> {
    const { key } = request
    if (key === undefined) {
      await inTransaction(db, work)
      return answer
    }
    const row = { ...identify({ ...request, key }), answer, createdAt: new Date(clock()) }
    let refusal: ApiError | undefined
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      refusal = await tryToWork(row, work)
      if (!refusal) return answer
      const earlier = await recall(row)
      if (earlier !== undefined) return earlier
    }
    throw refusal
  }

  /** @returns why nothing was done: another request has the key, or the user has too many */
  async function tryToWork(row: KeyRow, work: Work): Promise<ApiError | undefined> {
    let isTaken = false
    return await inTransaction(db, async (tx) => {
      // An older key is never deleted for a new one: its work could run twice.
      if (!(await holdings.takeKey(tx, row.userId, keysPerDay))) return tooManyKeys()
      await tx.idempotentRequest.createMany({ data: row }).catch((cause) => {
        isTaken = isUniqueViolation(cause)
        throw cause
      })
      await work(tx)
      return undefined
    }).catch((error) => {
      if (isTaken) return Overloaded()
      throw error
    })
  }

  function tooManyKeys(): ApiError {
    const most = keysPerDay.toLocaleString('en')
    return RateLimited({
      detail: ({ details }) => details.keysUsed(most),
      headers: { 'retry-after': String(holdings.secondsOfDayLeft()) },
    })
  }

  /** The stored response; deletes an expired key. */
  async function recall(row: Identity): Promise<string | undefined> {
    const { userId, keyHash, requestHash } = row
    const found = await db.idempotentRequest.findUnique({
      where: { userId_keyHash: { userId, keyHash } },
    })
    if (!found) return undefined
    if (found.createdAt < expiredBefore()) {
      const createdAt = { lt: expiredBefore() }
      await db.idempotentRequest.deleteMany({ where: { userId, keyHash, createdAt } })
      return undefined
    }
    if (found.requestHash !== requestHash) throw IdempotencyMismatch()
    return found.answer
  }

  const expiredBefore = () => new Date(clock() - KEEP_MS)

  /** Deletes a batch of expired keys. @returns whether there are more */
  async function clean(): Promise<boolean> {
    const rows = { table: 'IdempotentRequest', column: 'createdAt', before: expiredBefore() }
    return deleteOldest(db, rows)
  }

  /** Deletes the keys of a closed account, in batches. */
  function forget(userId: UserId): AsyncIterable<void> {
    return inBatches({
      read: async (after) => {
        const rows = await db.idempotentRequest.findMany({
          where: { userId, keyHash: { gt: after } },
          ...{ select: { keyHash: true }, orderBy: { keyHash: 'asc' }, take: BATCH },
        })
        return rows.map(({ keyHash }) => keyHash)
      },
      write: (keys) =>
        db.idempotentRequest.deleteMany({ where: { userId, keyHash: { in: keys } } }),
    })
  }

  /** The keys of a user, in the export: only their times, since the rest is hashes and copies. */
  async function* exported(userId: UserId): AsyncGenerator<object> {
    const select = { keyHash: true, createdAt: true }
    const rows = inPages(
      (keyHash, take) =>
        db.idempotentRequest.findMany({
          ...{ where: { userId, keyHash }, select, orderBy: { keyHash: 'asc' }, take },
        }),
      ({ keyHash }) => keyHash,
    )
    for await (const { createdAt } of rows) yield { createdAt }
  }

  return { once, forget, clean, exported }
}

type Work = (tx: Transaction) => Promise<void>
type Identity = { userId: UserId; keyHash: string; requestHash: string }
type KeyRow = Identity & { answer: string; createdAt: Date }

function identify({ userId, operation, key, body }: KeyedRequest & { key: string }): Identity {
  return { userId, keyHash: digest(`${operation}\n${key}`), requestHash: digest(body) }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
