import type { Readable } from 'node:stream'
import type { HouseId, PhotoId } from '../../contract/ids.ts'
import type { Photo as PhotoRow } from '../../generated/sqlite/client.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import { createIds } from '../../platform/crypto/ids.ts'
import type { Database } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { FileStorage } from '../../platform/file-storage.ts'
import type { Images } from '../../platform/images/images.ts'
import type { Picture } from '../../platform/images/picture.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Houses } from '../houses/service.ts'
import type { Holdings } from '../users/holdings.ts'
import { takeBytes } from './allowance.ts'
import type { PhotoCleaner } from './cleaner.ts'

/** A photo of a house, without its bytes. */
export type Photo = Omit<PhotoRow, 'id' | 'houseId' | 'ownerId' | 'storedAt'> & {
  id: PhotoId
  houseId: HouseId
}

type NewPhoto = {
  houseId: HouseId
  /** The file as received, of any content. */
  bytes: Buffer
  actor: Actor
  /** The actor's site in the queue: one person may have many accounts. */
  site?: string
  /** Aborted when the client is gone. */
  signal: AbortSignal
}

export type Photos = ReturnType<typeof createPhotos>
type Dependencies = {
  db: Database
  clock: Clock
  log: Log
  houses: Houses
  holdings: Holdings
  images: Pick<Images, 'reencode'>
  files: FileStorage
  cleaner: PhotoCleaner
  bytesPerUser: number
}

/**
 * Photos are rows here and files in the storage. The row is written before the file and deleted
 * after it, so that a crash leaves no unknown file. A photo is visible once its file is stored.
 */
export function createPhotos(dependencies: Dependencies) {
  const { db, clock, log, houses, holdings, images, files, cleaner, bytesPerUser } = dependencies
  const nextId = createIds<PhotoId>()

  /**
   * Adds a photo to a house that the actor may write; its bytes count for the owner.
   * @throws NotFound, NotOwner, LimitReached, errors of `Images.reencode`, the reason of the signal
   */
  async function add({ houseId, bytes, actor, ...terms }: NewPhoto): Promise<Photo> {
    const picture = await images.reencode(bytes, { userId: actor.userId, ...terms })
    const { signal } = terms
    signal.throwIfAborted()
    const createdAt = new Date(clock())
    const photo = newPhoto(nextId(createdAt), houseId, picture, createdAt)
    await inTransaction(db, async (tx) => {
      const { ownerId } = await houses.requireWritable(houseId, actor, tx)
      // The user's row is locked before the house's, as everywhere, to avoid deadlocks.
      await takeBytes(holdings, tx, { ownerId, bytes: photo.bytes }, bytesPerUser)
      await houses.reservePhotoSlot(tx, houseId, actor)
      await tx.photo.createMany({ data: { ...photo, ownerId } })
    })
    await store(photo, picture.bytes, signal).catch((error) => giveUp(photo, error))
    await houses.auditPhotoChange(houseId, actor)
    return photo
  }

  /** @throws NotFound if the house was deleted meanwhile, or the reason of the signal */
  async function store({ id, houseId }: Photo, bytes: Buffer, signal: AbortSignal): Promise<void> {
    await files.write(id, bytes)
    signal.throwIfAborted()
    const { count } = await db.photo.updateMany({
      where: { id, houseId, storedAt: null },
      data: { storedAt: new Date(clock()) },
    })
    if (count === 0) throw NotFound({ detail: ({ details }) => details.noSuchHouse })
  }

  /** Removes a photo that was not stored; the cleaner retries. */
  async function giveUp(photo: Photo, reason: unknown): Promise<never> {
    await cleaner.discardUpload(photo).catch((err) => {
      log.error({ err, photoId: photo.id }, 'an upload failed, and its file could not be removed')
    })
    throw reason
  }

  /** Photos of a house, oldest first. @throws NotFound */
  async function list(houseId: HouseId): Promise<Photo[]> {
    const where = { houseId, storedAt: { not: null } }
    const rows = await db.photo.findMany({ where, orderBy: { id: 'asc' } })
    if (rows.length === 0) await houses.get(houseId)
    return rows.map((row) => ({ ...row, id: row.id as PhotoId, houseId }))
  }

  /** @throws NotFound */
  async function get(houseId: HouseId, id: PhotoId): Promise<Photo> {
    const row = await db.photo.findFirst({ where: { id, houseId, storedAt: { not: null } } })
    if (!row) throw noSuchPhoto()
    return { ...row, id, houseId }
  }

  /** Bytes of a photo. @throws NotFound if the file is missing, which is logged as an error */
  async function open({ id }: Photo): Promise<Readable> {
    const file = await files.read(id)
    if (file) return file
    log.error({ photoId: id }, 'the file of a photo is missing')
    throw noSuchPhoto()
  }

  /** Deletes a photo of a house that the actor may write. @throws NotFound, NotOwner */
  async function remove(houseId: HouseId, id: PhotoId, actor: Actor): Promise<void> {
    await cleaner.unlink({ id, houseId, storedAt: { not: null } }, actor)
    await houses.auditPhotoChange(houseId, actor)
    await cleaner.remove([id])
  }

  return { add, list, get, open, remove }
}

/** The id has the time of creation, so the order of ids is the order of age. */
function newPhoto(id: PhotoId, houseId: HouseId, picture: Picture, createdAt: Date): Photo {
  const { bytes, ...facts } = picture
  return { id, houseId, ...facts, bytes: bytes.length, createdAt }
}

function noSuchPhoto() {
  return NotFound({ detail: ({ details }) => details.noSuchPhoto })
}
