import { LimitReached, NotOwner, PreconditionFailed } from '../../contract/errors.ts'
import type { HouseId } from '../../contract/ids.ts'
import type { House as HouseRow } from '../../generated/sqlite/client.ts'
import type { Actor, Writer } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import { createIds } from '../../platform/crypto/ids.ts'
import {
  type Database,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/database.ts'
import { type AfterDeletion, deleteOwned } from '../../platform/database/delete-owned.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { searchText } from '../../platform/database/search-text.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Versions } from '../../platform/database/versions.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Idempotency } from '../idempotency/service.ts'
import type { Holdings, Limit } from '../users/holdings.ts'
import { ProjectNoTaken } from './errors.ts'
import { draftColumns, type House, type HouseDraft, searchColumns, searchFields } from './house.ts'

const PHOTOS_PER_HOUSE = 20

export type Houses = ReturnType<typeof createHouses>
type Dependencies = {
  db: Database
  dialect: Dialect
  clock: Clock
  audit: Audit
  holdings: Holdings
  idempotency: Idempotency
  housesMax: number
}

/** Houses: every signed-in user reads them; their owner and admins write them. */
export function createHouses(dependencies: Dependencies) {
  const { db, dialect, clock, audit, holdings, idempotency, housesMax } = dependencies
  const limit: Limit = {
    counter: 'houseCount',
    most: housesMax,
    full: ({ details }, most) => details.housesFull(most),
  }
  const nextId = createIds<HouseId>()
  const afterDeletions: AfterDeletion<HouseId>[] = []

  /**
   * Creates a house that belongs to the actor.
   * @param key the `Idempotency-Key`: a retry with it gets the first response again
   * @throws ProjectNoTaken, LimitReached, SessionEnded, errors of `Idempotency.once`
   */
  async function create(actor: Actor, draft: HouseDraft, key?: string): Promise<House> {
    const now = new Date(clock())
    const { userId: ownerId } = actor
    // The id has the time of creation, so the order of ids is the order of age.
    const house = { id: nextId(now), ...draft, ownerId, version: 1, createdAt: now, updatedAt: now }
    const insert = async (tx: Transaction) => {
      await holdings.take(tx, ownerId, limit)
      await tx.house.createMany({ data: { ...house, ...searchTexts(draft) } }).catch(explain)
    }
    const body = JSON.stringify(draftColumns.map((column) => draft[column]))
    const request = { userId: actor.userId, operation: 'create house', key, body }
    return houseFrom(await idempotency.once(request, JSON.stringify(house), insert))
  }

  /** @throws NotFound */
  async function get(id: HouseId, tx: Database | Transaction = db): Promise<House> {
    const house = await tx.house.findUnique({ where: { id } })
    if (!house) throw NotFound({ detail: ({ details }) => details.noSuchHouse })
    return houseOf(house)
  }

  /**
   * Changes a house if it has an expected version. @returns the changed house
   * @throws NotFound, NotOwner, PreconditionFailed, ProjectNoTaken
   */
  async function update(id: HouseId, actor: Actor, { changes, versions }: Update): Promise<House> {
    const row = await inTransaction(db, async (tx) => {
      const { count } = await tx.house
        .updateMany({
          where: { ...writable(id, actor), version: versions },
          data: {
            ...changes,
            ...searchTexts(changes),
            version: { increment: 1 },
            updatedAt: new Date(clock()),
          },
        })
        .catch(explain)
      return count === 0 ? null : tx.house.findUnique({ where: { id } })
    })
    if (!row) return refuse(id, actor)
    const house = houseOf(row)
    auditAdminChange('house_changed_by_admin', house, actor)
    return house
  }

  /**
   * Deletes a house if it has an expected version. @throws NotFound, NotOwner, PreconditionFailed
   */
  async function remove(id: HouseId, actor: Actor, versions: Versions): Promise<void> {
    const house = actor.isAdmin ? await get(id) : undefined
    const where = { ...writable(id, actor), version: versions }
    await inTransaction(db, async (tx) => {
      await holdings.giveBack(tx, house?.ownerId ?? actor.userId, limit)
      const { count } = await tx.house.deleteMany({ where })
      if (count === 0) await refuse(id, actor, tx)
      await detach(tx, [id])
    })
    if (house) auditAdminChange('house_deleted_by_admin', house, actor)
  }

  /** Behind the deletion: by then its lock keeps others from adding what names these houses. */
  async function detach(tx: Transaction, ids: HouseId[]): Promise<void> {
    for (const afterDeletion of afterDeletions) await afterDeletion(tx, ids)
  }

  /** Throws the reason why a statement found no house to write. */
  async function refuse(id: HouseId, actor: Actor, tx?: Transaction): Promise<never> {
    await requireWritable(id, actor, tx)
    throw PreconditionFailed()
  }

  /**
   * Checks before costly work; the statement that writes checks again. @throws NotFound, NotOwner
   */
  async function requireWritable(
    id: HouseId,
    actor: Writer,
    tx: Database | Transaction = db,
  ): Promise<House> {
    const house = await get(id, tx)
    if (!actor.isAdmin && house.ownerId !== actor.userId) throw NotOwner()
    return house
  }

  /**
   * Reserves a slot for a photo in the transaction that adds it.
   * @throws NotFound, NotOwner, LimitReached
   */
  async function reservePhotoSlot(tx: Transaction, id: HouseId, actor: Actor): Promise<void> {
    const { count } = await tx.house.updateMany({
      where: { ...writable(id, actor), photoCount: { lt: PHOTOS_PER_HOUSE } },
      data: { photoCount: { increment: 1 } },
    })
    if (count === 1) return
    await requireWritable(id, actor, tx)
    throw LimitReached({ detail: ({ details }) => details.housePhotosFull(PHOTOS_PER_HOUSE) })
  }

  /** Frees the slot in the transaction that removes the photo. @throws NotFound, NotOwner */
  async function freePhotoSlot(tx: Transaction, id: HouseId, actor: Writer): Promise<void> {
    const { count } = await tx.house.updateMany({
      where: writable(id, actor),
      data: { photoCount: { decrement: 1 } },
    })
    if (count === 0) await requireWritable(id, actor, tx)
  }

  function countOwned(ownerId: UserId): Promise<number> {
    return db.house.count({ where: { ownerId } })
  }

  /** Writes an audit entry when an admin changes what belongs to others. */
  function auditAdminChange(
    type: AdminChange,
    { id, ownerId }: { id: HouseId; ownerId: UserId | null },
    actor: Actor,
  ): void {
    const { userId: actorId } = actor
    if (ownerId !== actorId) audit.record({ type, userId: ownerId, actorId, detail: id })
  }

  /** The same for a photo, after the change. Never throws. */
  async function auditPhotoChange(id: HouseId, actor: Actor): Promise<void> {
    if (!actor.isAdmin) return
    const house = await db.house.findUnique({ where: { id } }).catch(() => null)
    const owned = house ? houseOf(house) : { id, ownerId: null }
    auditAdminChange('house_changed_by_admin', owned, actor)
  }

  return {
    create,
    get,
    update,
    remove,
    /** Deletes the houses of a closed account in batches. */
    removeOwned: (ownerId: UserId) => deleteOwned({ db, dialect, table: 'House' }, ownerId, detach),
    /** For features whose rows name a house: what becomes of them in the same transaction. */
    onDeletion: (afterDeletion: AfterDeletion<HouseId>) => void afterDeletions.push(afterDeletion),
    requireWritable,
    reservePhotoSlot,
    freePhotoSlot,
    countOwned,
    auditPhotoChange,
  }
}

type Update = { changes: Partial<HouseDraft>; versions: Versions }
type AdminChange = 'house_changed_by_admin' | 'house_deleted_by_admin'

/** Finds the house if the actor may write it. */
function writable(id: HouseId, { userId, isAdmin }: Writer) {
  return isAdmin ? { id } : { id, ownerId: userId }
}

type SearchTexts = Record<(typeof searchColumns)[keyof typeof searchColumns], string>

/** The texts in lower case, for filters. */
function searchTexts(draft: HouseDraft): SearchTexts
function searchTexts(changes: Partial<HouseDraft>): Partial<SearchTexts>
function searchTexts(changes: Partial<HouseDraft>): Partial<SearchTexts> {
  const texts: Partial<SearchTexts> = {}
  for (const field of searchFields) {
    const text = changes[field]
    if (text !== undefined) texts[searchColumns[field]] = searchText(text ?? '')
  }
  return texts
}

/** Parses a stored response. */
const houseOf = (row: HouseRow): House => row as HouseRow & House

/** A house that was kept as JSON. */
function houseFrom(json: string): House {
  const house = JSON.parse(json)
  return { ...house, createdAt: new Date(house.createdAt), updatedAt: new Date(house.updatedAt) }
}

function explain(cause: unknown): never {
  if (isUniqueViolation(cause, 'projectNo')) throw ProjectNoTaken({ cause })
  throw cause
}
