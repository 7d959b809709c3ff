import type { House as HouseRow } from '../../generated/sqlite/client.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import {
  type Database,
  isForeignKeyViolation,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database.ts'
import {
  LimitReached,
  NotFound,
  NotOwner,
  PreconditionFailed,
  ProjectNoTaken,
  SessionEnded,
} from '../../platform/error-table.ts'
import { createIds } from '../../platform/ids.ts'
import { searchText } from '../../platform/search-text.ts'
import { inTransaction } from '../../platform/transactions.ts'
import type { Versions } from '../../platform/versions.ts'
import type { Audit } from '../audit/service.ts'
import type { Idempotency } from '../idempotency/service.ts'

const PHOTOS_PER_HOUSE = 20

/** What a person writes of a house. */
export type HouseDraft = Pick<HouseRow, 'projectNo' | 'projectName' | 'projectAddress'>

/** What a person sees of a house. */
export type House = HouseDraft &
  Pick<HouseRow, 'id' | 'ownerId' | 'version' | 'createdAt' | 'updatedAt'>

export type Houses = ReturnType<typeof createHouses>
type Needs = { db: Database; clock: Clock; audit: Audit; idempotency: Idempotency }

/** The protected resource: everybody who is signed in reads it, its owner and admins write it. */
export function createHouses({ db, clock, audit, idempotency }: Needs) {
  const nextId = createIds()

  /**
   * Creates a house of the actor's own.
   * @param key the `Idempotency-Key`: repeating the request with it gives the first answer again
   * @throws ProjectNoTaken; IdempotencyMismatch; SessionEnded when the account is gone
   */
  async function create(actor: Actor, draft: HouseDraft, key?: string): Promise<House> {
    const now = new Date(clock())
    const { userId: ownerId } = actor
    // The time of the id is the time of creation, so that the order of ids is a list by age.
    const house = { id: nextId(now), ...draft, ownerId, version: 1, createdAt: now, updatedAt: now }
    const insert = async (tx: Database | Transaction) => {
      await tx.house.createMany({ data: { ...house, ...searchColumns(draft) } }).catch(explain)
    }
    if (key === undefined) {
      await insert(db)
      return house
    }
    const { projectNo, projectName, projectAddress } = draft
    const body = JSON.stringify([projectNo, projectName, projectAddress])
    const request = { userId: actor.userId, operation: 'create house', key, body }
    return houseFrom(await idempotency.once(request, JSON.stringify(house), insert))
  }

  /** @throws NotFound */
  async function get(id: string, tx: Database | Transaction = db): Promise<House> {
    const house = await tx.house.findUnique({ where: { id } })
    if (!house) throw NotFound({ detail: 'There is no such house.' })
    return house
  }

  /**
   * Changes a house, if its version is one of those that the actor expects.
   * @returns the house as this change left it
   * @throws NotFound, NotOwner, PreconditionFailed, ProjectNoTaken
   */
  async function update(id: string, actor: Actor, { changes, versions }: Update): Promise<House> {
    const house = await inTransaction(db, async (tx) => {
      const { count } = await tx.house
        .updateMany({
          where: { ...writable(id, actor), version: versions },
          data: {
            ...changes,
            ...searchColumns(changes),
            version: { increment: 1 },
            updatedAt: new Date(clock()),
          },
        })
        .catch(explain)
      return count === 0 ? null : tx.house.findUnique({ where: { id } })
    })
    if (!house) return refuse(id, actor)
    await leaveTrace('house_changed_by_admin', house, actor)
    return house
  }

  /**
   * Deletes a house, if its version is one of those that the actor expects. Its photos belong to no
   * house from then on, which is how they are found and removed.
   * @throws NotFound, NotOwner, PreconditionFailed
   */
  async function remove(id: string, actor: Actor, versions: Versions): Promise<void> {
    const house = actor.isAdmin ? await get(id) : undefined
    const { count } = await db.house.deleteMany({
      where: { ...writable(id, actor), version: versions },
    })
    if (count === 0) return refuse(id, actor)
    if (house) await leaveTrace('house_deleted_by_admin', house, actor)
  }

  /** Says why a statement found no house to write. */
  async function refuse(id: string, actor: Actor): Promise<never> {
    await requireWritable(id, actor)
    throw PreconditionFailed()
  }

  /**
   * A look before costly work; the statement that writes decides again.
   * @throws NotFound, NotOwner
   */
  async function requireWritable(
    id: string,
    actor: Actor,
    tx: Database | Transaction = db,
  ): Promise<void> {
    const { ownerId } = await get(id, tx)
    if (!actor.isAdmin && ownerId !== actor.userId) throw NotOwner()
  }

  /**
   * Takes one of the places for photos, in the transaction that adds the photo.
   * @throws NotFound, NotOwner, LimitReached
   */
  async function takePhotoPlace(tx: Transaction, id: string, actor: Actor): Promise<void> {
    const { count } = await tx.house.updateMany({
      where: { ...writable(id, actor), photoCount: { lt: PHOTOS_PER_HOUSE } },
      data: { photoCount: { increment: 1 } },
    })
    if (count === 1) return
    await requireWritable(id, actor, tx)
    throw LimitReached({ detail: `A house has at most ${PHOTOS_PER_HOUSE} photos.` })
  }

  /**
   * Gives the place back, in the transaction that takes the photo away.
   * @throws NotFound, NotOwner
   */
  async function releasePhotoPlace(tx: Transaction, id: string, actor: Actor): Promise<void> {
    const { count } = await tx.house.updateMany({
      where: writable(id, actor),
      data: { photoCount: { decrement: 1 } },
    })
    if (count === 0) await requireWritable(id, actor, tx)
  }

  function countOwned(ownerId: string): Promise<number> {
    return db.house.count({ where: { ownerId } })
  }

  /** An admin who changes what belongs to others leaves an audit entry. */
  async function leaveTrace(
    type: AdminDeed,
    { id, ownerId }: { id: string; ownerId: string | null },
    actor: Actor,
  ): Promise<void> {
    if (ownerId !== actor.userId) await audit.record({ type, userId: actor.userId, detail: id })
  }

  /** The same for what hangs on a house, such as its photos. It is done by then, so this never fails. */
  async function leaveTraceAt(id: string, actor: Actor): Promise<void> {
    if (!actor.isAdmin) return
    const house = await db.house.findUnique({ where: { id } }).catch(() => null)
    await leaveTrace('house_changed_by_admin', house ?? { id, ownerId: null }, actor)
  }

  return {
    create,
    get,
    update,
    remove,
    requireWritable,
    takePhotoPlace,
    releasePhotoPlace,
    countOwned,
    leaveTrace: leaveTraceAt,
  }
}

type Update = { changes: Partial<HouseDraft>; versions: Versions }
type AdminDeed = 'house_changed_by_admin' | 'house_deleted_by_admin'

/** The house as long as the actor may write it. */
function writable(id: string, { userId, isAdmin }: Actor) {
  return isAdmin ? { id } : { id, ownerId: userId }
}

type SearchColumns = Pick<HouseRow, 'searchNo' | 'searchName' | 'searchAddress'>

/** The texts as filters compare them. */
function searchColumns(draft: HouseDraft): SearchColumns
function searchColumns(changes: Partial<HouseDraft>): Partial<SearchColumns>
function searchColumns({ projectNo, projectName, projectAddress }: Partial<HouseDraft>) {
  return {
    ...(projectNo === undefined ? {} : { searchNo: searchText(projectNo) }),
    ...(projectName === undefined ? {} : { searchName: searchText(projectName) }),
    ...(projectAddress === undefined ? {} : { searchAddress: searchText(projectAddress ?? '') }),
  }
}

/** A house that was kept as JSON. */
function houseFrom(json: string): House {
  const house = JSON.parse(json)
  return { ...house, createdAt: new Date(house.createdAt), updatedAt: new Date(house.updatedAt) }
}

function explain(cause: unknown): never {
  if (isUniqueViolation(cause, 'projectNo')) throw ProjectNoTaken({ cause })
  // The owner is the only row that a house refers to.
  if (isForeignKeyViolation(cause)) throw SessionEnded({ cause })
  throw cause
}
