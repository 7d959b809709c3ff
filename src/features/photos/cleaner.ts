import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import { NotFound } from '../../platform/error-table.ts'
import type { CodedError } from '../../platform/errors.ts'
import type { FileStorage } from '../../platform/file-storage.ts'
import type { Log } from '../../platform/log.ts'
import { inTransaction } from '../../platform/transactions.ts'
import type { Houses } from '../houses/service.ts'

/** After this long, whoever was storing a photo is not storing it any more. */
const STORING_MS = 10 * 60_000
const BATCH = 100
/** Batches that a request waits for at most; the rest is left to the next turn of the cleaner. */
const SWEPT_BATCHES = 5
const SYSTEM: Actor = { userId: '', isAdmin: true }

/** A photo of a house, and optionally whether its file is safe. */
type Attached = { id: string; houseId: string; storedAt?: null | { not: null } }

export type PhotoCleaner = ReturnType<typeof createPhotoCleaner>
type Needs = { db: Database; clock: Clock; log: Log; houses: Houses; files: FileStorage }

/**
 * Takes photos away. One that is stored and belongs to no house is an orphan: deleting a house or an
 * account makes them, and so does `detach`. Orphans lose first their file, then their row.
 */
export function createPhotoCleaner({ db, clock, log, houses, files }: Needs) {
  /** Where `clean` goes on; it begins anew behind the last orphan. */
  let cleanedUpTo = ''

  /**
   * Makes an orphan of the photo and gives its place in the house back: both or neither.
   * @throws NotFound, NotOwner
   */
  async function detach(photo: Attached, actor: Actor): Promise<void> {
    await inTransaction(db, async (tx) => {
      await houses.releasePhotoPlace(tx, photo.houseId, actor)
      const orphaned = { houseId: null, storedAt: new Date(clock()) }
      const { count } = await tx.photo.updateMany({ where: photo, data: orphaned })
      if (count === 0) throw NotFound({ detail: 'There is no such photo.' })
    })
  }

  /** Removes all of a photo that its uploader gives up, whatever has become of its house. */
  async function abandon({ id, houseId }: Attached): Promise<void> {
    await files.remove(id)
    await detach({ id, houseId }, SYSTEM).catch(unlessGone)
    await db.photo.deleteMany({ where: { id, houseId: null } })
  }

  /** Makes orphans of photos whose uploader must have died; @returns whether there are more */
  async function abandonStale(): Promise<boolean> {
    const createdAt = { lt: new Date(clock() - STORING_MS) }
    const stale = await db.photo.findMany({
      where: { storedAt: null, houseId: { not: null }, createdAt },
      select: { id: true, houseId: true },
      take: BATCH,
    })
    for (const { id, houseId } of stale) {
      if (houseId === null) continue
      await detach({ id, houseId, storedAt: null }, SYSTEM).catch(unlessGone)
    }
    return stale.length === BATCH
  }

  /**
   * Orphans by id. A photo whose house was deleted while it is being stored is left to who stores it,
   * for as long as that may take.
   */
  async function orphansAfter(last: string): Promise<string[]> {
    const createdAt = { lt: new Date(clock() - STORING_MS) }
    const orphans = await db.photo.findMany({
      where: { id: { gt: last }, houseId: null, OR: [{ storedAt: { not: null } }, { createdAt }] },
      select: { id: true },
      orderBy: { id: 'asc' },
      take: BATCH,
    })
    return orphans.map(({ id }) => id)
  }

  /**
   * Removes files and rows of orphans.
   * @param isPatient whether files that cannot be removed are passed over; otherwise the first ends it
   * @returns how many are removed
   */
  async function removeOrphans(ids: string[], { isPatient }: { isPatient: boolean }) {
    const removed: string[] = []
    for (const id of ids) {
      if (await removeFile(id)) removed.push(id)
      else if (!isPatient) break
    }
    // Even a statement that finds nothing takes a turn of the one writer that SQLite has.
    if (removed.length > 0) {
      await db.photo.deleteMany({ where: { id: { in: removed }, houseId: null } })
    }
    return removed.length
  }

  /** @returns whether it is removed; a failure is in the log */
  async function removeFile(id: string): Promise<boolean> {
    try {
      await files.remove(id)
      return true
    } catch (err) {
      log.error({ err, photoId: id }, 'the file of a deleted photo could not be removed')
      return false
    }
  }

  /**
   * One batch of orphans, behind the one before: files that cannot be removed, however many, keep the
   * others waiting and no more.
   * @returns whether there are more, and the storage works
   */
  async function cleanOrphans(): Promise<boolean> {
    const orphans = await orphansAfter(cleanedUpTo)
    cleanedUpTo = orphans[BATCH - 1] ?? ''
    const removed = await removeOrphans(orphans, { isPatient: true })
    return orphans.length === BATCH && removed > 0
  }

  /**
   * Removes what was deleted and what was left behind, a bounded number at a time.
   * @returns whether there is more to remove now
   */
  async function clean(): Promise<boolean> {
    const hasMoreStale = await abandonStale()
    const hasMoreOrphans = await cleanOrphans()
    return hasMoreStale || hasMoreOrphans
  }

  /**
   * Removes what a request has just deleted, so that it is gone with the answer. The deletion itself is
   * done by then, so this never fails: it stops at the first file that cannot be removed, and what is
   * left goes with the next turn of the cleaner.
   */
  async function sweep(): Promise<void> {
    try {
      for (let batch = 0; batch < SWEPT_BATCHES; batch++) {
        const removed = await removeOrphans(await orphansAfter(''), { isPatient: false })
        if (removed < BATCH) return
      }
    } catch (err) {
      log.error({ err }, 'deleted photos could not be removed')
    }
  }

  return { detach, abandon, clean, sweep }
}

/** Somebody else was quicker, or the house is gone: either way there is no place to give back. */
function unlessGone(error: CodedError): void {
  if (error.kind !== NotFound.kind) throw error
}
