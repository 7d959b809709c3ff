import type { Clock } from '../../platform/clock.ts'
import { createIds } from '../../platform/crypto/ids.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { retryConflicts } from '../../platform/database/retry-conflicts.ts'
import type { UserId } from '../../platform/ids.ts'
import {
  hashOf,
  type Identity,
  type IdentityFacts,
  type IdentityId,
  type IdentityName,
} from './identity.ts'

export type IdentityStore = ReturnType<typeof createIdentityStore>
type Dependencies = { db: Database; clock: Clock }

/** Rows of the Identity table. */
export function createIdentityStore({ db, clock }: Dependencies) {
  const nextId = createIds<IdentityId>()
  const now = () => new Date(clock())

  async function find({ issuer, subject }: IdentityName): Promise<Identity | undefined> {
    const issuerHash_subject = { issuerHash: hashOf(issuer), subject }
    const row = await db.identity.findUnique({ where: { issuerHash_subject } })
    return row === null ? undefined : (row as Identity)
  }

  /** Oldest first. */
  async function listOf(userId: UserId, tx: Database | Transaction = db): Promise<Identity[]> {
    const rows = await tx.identity.findMany({ where: { userId }, orderBy: { id: 'asc' } })
    return rows as Identity[]
  }

  function countOf(userId: UserId, tx: Database | Transaction = db): Promise<number> {
    return tx.identity.count({ where: { userId } })
  }

  /** @throws an error of the unique index when an account has it already */
  async function insert(
    tx: Transaction,
    userId: UserId,
    facts: IdentityFacts,
    isUsed: boolean,
  ): Promise<IdentityId> {
    const at = now()
    const id = nextId(at)
    const { issuer, subject, provider, email } = facts
    const named = { issuer, issuerHash: hashOf(issuer), subject, provider, email }
    const times = { createdAt: at, lastUsedAt: isUsed ? at : null }
    await tx.identity.createMany({ data: { id, userId, ...named, ...times } })
    return id
  }

  /** Notes a sign-in, and what the provider says by now. @returns false where it is gone */
  async function keepUse(
    tx: Transaction,
    { id, userId }: Identity,
    { provider, email }: IdentityFacts,
  ): Promise<boolean> {
    const data = { provider, email, lastUsedAt: now() }
    const { count } = await tx.identity.updateMany({ where: { id, userId }, data })
    return count === 1
  }

  /** @returns whether the user had it */
  async function remove(tx: Transaction, userId: UserId, id: string): Promise<boolean> {
    const { count } = await tx.identity.deleteMany({ where: { id, userId } })
    return count === 1
  }

  /** Takes away all, or those that somebody has added who had the account for a while. */
  async function removeAll(tx: Transaction, userId: UserId, since?: Date): Promise<void> {
    const added = since === undefined ? {} : { createdAt: { gte: since } }
    await tx.identity.deleteMany({ where: { userId, ...added } })
  }

  /** Those of a closed account, which are few, in one batch. */
  async function* removeOwned(userId: UserId): AsyncGenerator<void> {
    const { count } = await retryConflicts(() => db.identity.deleteMany({ where: { userId } }))
    if (count > 0) yield
  }

  return { find, listOf, countOf, insert, keepUse, remove, removeAll, removeOwned }
}
