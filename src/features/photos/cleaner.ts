import type { HouseId, PhotoId } from '../../contract/ids.ts'
import { SYSTEM, type Writer } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { FileStorage } from '../../platform/file-storage.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Houses } from '../houses/service.ts'
import type { Holdings } from '../users/holdings.ts'
import { DeletedMeanwhile, deleteCounted } from './allowance.ts'

/** A photo that is not stored after this time is abandoned. */
const STORING_MS = 10 * 60_000
const BATCH = 100
/** Maximum of batches that a request waits for; the next run of the cleaner does the rest. */
const PURGED_BATCHES = 5

/** A photo of a house; optionally whether its file is stored. */
type Attached = { id: PhotoId; houseId: HouseId; storedAt?: null | { not: null } }

export type PhotoCleaner = ReturnType<typeof createPhotoCleaner>
type Dependencies = {
  db: Database
  statements: Pick<Statements, 'select'>
  clock: Clock
  log: Log
  houses: Houses
  holdings: Holdings
  files: FileStorage
}

/**
 * Removes photos. An orphan is a stored photo without a house, left by `unlink` or by the deletion
 * of a house or an account. Its file goes first, then its row and its bytes in the owner's count.
 */
export function createPhotoCleaner(dependencies: Dependencies) {
  const { db, statements, clock, log, houses, holdings, files } = dependencies
  /** Where `clean` continues; it starts again after the last orphan. */
  let cleanedUpTo = ''

  /** Makes the photo an orphan and frees its slot in the house. @throws NotFound, NotOwner */
  async function unlink(photo: Attached, actor: Writer): Promise<void> {
    await inTransaction(db, async (tx) => {
      await houses.freePhotoSlot(tx, photo.houseId, actor)
      const orphaned = { houseId: null, storedAt: new Date(clock()) }
      const { count } = await tx.photo.updateMany({ where: photo, data: orphaned })
      if (count === 0) throw NotFound({ detail: ({ details }) => details.noSuchPhoto })
    })
  }

  /** Makes the photos of deleted houses orphans. */
  async function leaveHouses(tx: Transaction, houseIds: HouseId[]): Promise<void> {
    await tx.photo.updateMany({ where: { houseId: { in: houseIds } }, data: { houseId: null } })
  }

  /** Deletes file and row of an abandoned upload, even if the house is gone. */
  async function discardUpload({ id, houseId }: Attached): Promise<void> {
    await files.remove(id)
    await unlink({ id, houseId }, SYSTEM).catch(unlessGone)
    await deleteRows([id])
  }

  /** Deletes rows whose files are gone. Another server may do the same. */
  async function deleteRows(ids: PhotoId[]): Promise<void> {
    await inTransaction(db, (tx) => deleteCounted(holdings, tx, ids)).catch((error) => {
      if (!(error instanceof DeletedMeanwhile)) throw error
    })
  }

  const abandonedBefore = () => new Date(clock() - STORING_MS)

  /** Makes abandoned uploads orphans. @returns whether there are more */
  async function unlinkStale(): Promise<boolean> {
    const stale = await statements.select<Attached>(sql`
      SELECT id, houseId FROM Photo
      WHERE storedAt IS NULL AND houseId IS NOT NULL AND createdAt < ${abandonedBefore()}
      LIMIT ${BATCH}`)
    for (const { id, houseId } of stale) {
      await unlink({ id, houseId, storedAt: null }, SYSTEM).catch(unlessGone)
    }
    return stale.length === BATCH
  }

  /** Orphans by id, without photos that may still be in upload. */
  async function orphansAfter(last: string): Promise<PhotoId[]> {
    const orphans = await statements.select<{ id: PhotoId }>(sql`
      SELECT id FROM Photo
      WHERE id > ${last} AND houseId IS NULL
        AND (storedAt IS NOT NULL OR createdAt < ${abandonedBefore()})
      ORDER BY id LIMIT ${BATCH}`)
    return orphans.map(({ id }) => id)
  }

  /** Removes files and rows of orphans. @param isPatient whether to continue after an error */
  async function removeOrphans(ids: PhotoId[], { isPatient }: { isPatient: boolean }) {
    const removed: PhotoId[] = []
    for (const id of ids) {
      if (await removeFile(id)) removed.push(id)
      else if (!isPatient) break
    }
    // Even a statement without a row waits where there is only one writer.
    if (removed.length > 0) await deleteRows(removed)
    return removed.length
  }

  /** @returns whether it is removed; logs an error */
  async function removeFile(id: PhotoId): Promise<boolean> {
    try {
      await files.remove(id)
      return true
    } catch (err) {
      log.error({ err, photoId: id }, 'the file of a deleted photo could not be removed')
      return false
    }
  }

  /**
   * Removes the next batch of orphans. Files that cannot be removed delay the others only once.
   * @returns whether there are more, and the storage works
   */
  async function cleanOrphans(): Promise<boolean> {
    const orphans = await orphansAfter(cleanedUpTo)
    cleanedUpTo = orphans[BATCH - 1] ?? ''
    const removed = await removeOrphans(orphans, { isPatient: true })
    return orphans.length === BATCH && removed > 0
  }

  /** Removes a batch of orphans and abandoned uploads. @returns whether there are more */
  async function clean(): Promise<boolean> {
    const hasMoreStale = await unlinkStale()
    const hasMoreOrphans = await cleanOrphans()
    return hasMoreStale || hasMoreOrphans
  }

  /**
   * Removes what a request has just deleted, before its response. Never throws: it stops at the
   * first error, and the next run of the cleaner does the rest.
   */
  async function purgeOrphans(): Promise<void> {
    for (let batch = 0; batch < PURGED_BATCHES; batch++) {
      const orphans = await orphansAfter('').catch(leaveToCleaner)
      if (!orphans || (await remove(orphans)) < BATCH) return
    }
  }

  /** The same for known orphans. @returns how many are removed */
  async function remove(ids: PhotoId[]): Promise<number> {
    return (await removeOrphans(ids, { isPatient: false }).catch(leaveToCleaner)) ?? 0
  }

  function leaveToCleaner(err: unknown): void {
    log.error({ err }, 'deleted photos could not be removed')
  }

  return { unlink, leaveHouses, discardUpload, clean, remove, purgeOrphans }
}

/** Ignores NotFound: without photo or house there is no slot to free. */
function unlessGone(error: ApiError): void {
  if (!NotFound.is(error)) throw error
}
