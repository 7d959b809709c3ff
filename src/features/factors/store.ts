import type { FactorKind, NewFactor } from '../../contract/factor.ts'
import type { Clock } from '../../platform/clock.ts'
import { createIds } from '../../platform/crypto/ids.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Factor, FactorId } from './factor.ts'

export type FactorStore = ReturnType<typeof createFactorStore>
type Dependencies = { db: Database; clock: Clock }

type Where = NonNullable<Parameters<Transaction['factor']['deleteMany']>[0]>['where'] & object

/** What a passkey says of itself at each use. */
type Use = Pick<Factor, 'counter' | 'backupEligible' | 'backedUp'>

/** Rows of the Factor table. */
export function createFactorStore({ db, clock }: Dependencies) {
  const nextId = createIds<FactorId>()
  const now = () => new Date(clock())

  /** All factors of a user, the set of recovery codes too, oldest first. */
  async function listOf(userId: UserId, tx: Database | Transaction = db): Promise<Factor[]> {
    const rows = await tx.factor.findMany({ where: { userId }, orderBy: { id: 'asc' } })
    return rows.map(factorOf)
  }

  /** Without the set of recovery codes, which its owner does not see as one. */
  async function visibleOf(userId: UserId, tx: Database | Transaction = db): Promise<Factor[]> {
    return (await listOf(userId, tx)).filter(({ kind }) => kind !== 'recovery')
  }

  async function findOnly(userId: UserId, kind: Exclude<FactorKind, 'passkey'>) {
    return findByKey(onlyOne(kind, userId))
  }

  async function findByKey(credentialKey: string): Promise<Factor | undefined> {
    const row = await db.factor.findUnique({ where: { credentialKey } })
    return row === null ? undefined : factorOf(row)
  }

  /** @throws an error of the unique indexes when the account, or another one, has it already */
  async function insert(tx: Transaction, userId: UserId, factor: NewFactor): Promise<FactorId> {
    const id = nextId(now())
    const { kind } = factor
    const key = kind === 'passkey' ? {} : { credentialKey: onlyOne(kind, userId) }
    const data = { credentialKey: '', ...factor, ...key, id, userId, createdAt: now() }
    await tx.factor.createMany({ data })
    return id
  }

  /**
   * Moves the counter of a factor on, which makes its proof good only once.
   * @returns false when it is there already, or the factor is gone
   */
  async function advance(
    tx: Database | Transaction,
    { id }: Factor,
    { counter }: Pick<Use, 'counter'>,
  ): Promise<boolean> {
    const { count } = await tx.factor.updateMany({
      where: { id, counter: { lt: counter } },
      data: { counter, lastUsedAt: now() },
    })
    return count === 1
  }

  /**
   * Keeps what a passkey says of itself. Its counter grows with each use, unless it always says 0.
   * @returns `behind` when the counter has not grown, and nothing is kept
   */
  async function keepUse(
    tx: Transaction,
    { id }: Factor,
    use: Use,
  ): Promise<'kept' | 'behind' | 'gone'> {
    const { counter } = use
    const { count } = await tx.factor.updateMany({
      where: { id, counter: counter === 0n ? 0n : { lt: counter } },
      data: { ...use, lastUsedAt: now() },
    })
    if (count === 1) return 'kept'
    return (await tx.factor.count({ where: { id } })) === 0 ? 'gone' : 'behind'
  }

  /** @returns whether the user has it */
  async function rename(userId: UserId, id: string, name: string | null): Promise<boolean> {
    const where = { id, userId, kind: { not: 'recovery' } }
    const { count } = await db.factor.updateMany({ where, data: { name } })
    return count === 1
  }

  /** Deletes factors and their recovery codes. @returns how many factors there were */
  async function removeWhere(tx: Transaction, where: Where): Promise<number> {
    const rows = await tx.factor.findMany({ where, select: { id: true } })
    if (rows.length === 0) return 0
    const ids = rows.map(({ id }) => id)
    await tx.recoveryCode.deleteMany({ where: { factorId: { in: ids } } })
    const { count } = await tx.factor.deleteMany({ where: { id: { in: ids } } })
    return count
  }

  /** @returns whether it was there */
  async function remove(tx: Transaction, { id, userId }: Factor): Promise<boolean> {
    return (await removeWhere(tx, { id, userId })) === 1
  }

  async function removeOnly(
    tx: Transaction,
    userId: UserId,
    kind: Exclude<FactorKind, 'passkey'>,
  ): Promise<void> {
    await removeWhere(tx, { credentialKey: onlyOne(kind, userId) })
  }

  /** Takes all factors of a user away, and the recovery codes. @returns how many rows there were */
  function removeAll(tx: Transaction, userId: UserId): Promise<number> {
    return removeWhere(tx, { userId })
  }

  /** Those of a closed account, which are few, in one batch. */
  async function* removeOwned(userId: UserId): AsyncGenerator<void> {
    if ((await inTransaction(db, (tx) => removeAll(tx, userId))) > 0) yield
  }

  /**
   * Takes away what somebody has added who had the account for a while.
   * @returns whether a factor is left, beside recovery codes
   */
  async function removeSince(tx: Transaction, userId: UserId, since: Date): Promise<boolean> {
    await removeWhere(tx, { userId, createdAt: { gte: since } })
    const left = await tx.factor.count({ where: { userId, kind: { not: 'recovery' } } })
    if (left === 0) await removeAll(tx, userId)
    return left > 0
  }

  return {
    ...{ listOf, visibleOf, findOnly, findByKey, insert, advance, keepUse },
    ...{ rename, remove, removeOnly, removeAll, removeSince, removeOwned },
  }
}

/** The key of what an account has at most once. */
function onlyOne(kind: FactorKind, userId: UserId): string {
  return `${kind} ${userId}`
}

/** Brands the ids of a row that Prisma returned. */
function factorOf(row: { id: string; userId: string; kind: string }): Factor {
  return row as Factor
}
