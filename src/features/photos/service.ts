import type { Readable } from 'node:stream'
import type { Photo as PhotoRow } from '../../generated/sqlite/client.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import { NotFound } from '../../platform/error-table.ts'
import type { FileStorage } from '../../platform/file-storage.ts'
import { createIds } from '../../platform/ids.ts'
import type { Images } from '../../platform/images.ts'
import type { Log } from '../../platform/log.ts'
import type { Picture } from '../../platform/pictures.ts'
import { inTransaction } from '../../platform/transactions.ts'
import type { Houses } from '../houses/service.ts'
import type { PhotoCleaner } from './cleaner.ts'

/** A photo of a house, without its bytes. */
export type Photo = Omit<PhotoRow, 'houseId' | 'storedAt'> & { houseId: string }

type NewPhoto = {
  houseId: string
  /** The file as it came, of any content. */
  bytes: Buffer
  actor: Actor
  /** Ends what has not been stored yet, when nobody waits for it any more. */
  signal: AbortSignal
}

export type Photos = ReturnType<typeof createPhotos>
type Needs = {
  db: Database
  clock: Clock
  log: Log
  houses: Houses
  images: Pick<Images, 'reencode'>
  files: FileStorage
  cleaner: PhotoCleaner
}

/**
 * The photos of houses: rows here, files in the storage. The row comes before its file and goes after
 * it, so that no crash leaves a file that nothing knows of; until its file is safe, nobody sees it.
 */
export function createPhotos({ db, clock, log, houses, images, files, cleaner }: Needs) {
  const nextId = createIds()

  /**
   * Adds a photo to a house of the actor's own, or of anybody's for an admin.
   * @throws what `Images.reencode` throws; NotFound, NotOwner, LimitReached; the reason of the signal
   */
  async function add({ houseId, bytes, actor, signal }: NewPhoto): Promise<Photo> {
    const picture = await images.reencode(bytes, signal)
    signal.throwIfAborted()
    const createdAt = new Date(clock())
    const photo = newPhoto(nextId(createdAt), houseId, picture, createdAt)
    await inTransaction(db, async (tx) => {
      await houses.takePhotoPlace(tx, houseId, actor)
      await tx.photo.createMany({ data: photo })
    })
    await store(photo, picture.bytes).catch((error) => giveUp(photo, error))
    await houses.leaveTrace(houseId, actor)
    return photo
  }

  /** @throws NotFound when the house was deleted meanwhile */
  async function store({ id, houseId }: Photo, bytes: Buffer): Promise<void> {
    await files.write(id, bytes)
    const { count } = await db.photo.updateMany({
      where: { id, houseId, storedAt: null },
      data: { storedAt: new Date(clock()) },
    })
    if (count === 0) throw NotFound({ detail: 'There is no such house.' })
  }

  /** Leaves nothing of a photo that could not be stored; what fails now, the cleaner does later. */
  async function giveUp(photo: Photo, reason: unknown): Promise<never> {
    await cleaner.abandon(photo).catch((err) => {
      log.error({ err, photoId: photo.id }, 'a photo that was not stored could not be removed')
    })
    throw reason
  }

  /**
   * The photos of a house, oldest first.
   * @throws NotFound when there is no such house
   */
  async function list(houseId: string): Promise<Photo[]> {
    const where = { houseId, storedAt: { not: null } }
    const rows = await db.photo.findMany({ where, orderBy: { id: 'asc' } })
    if (rows.length === 0) await houses.get(houseId)
    return rows.map((row) => ({ ...row, houseId }))
  }

  /** @throws NotFound */
  async function get(houseId: string, id: string): Promise<Photo> {
    const row = await db.photo.findFirst({ where: { id, houseId, storedAt: { not: null } } })
    if (!row) throw noSuchPhoto()
    return { ...row, houseId }
  }

  /**
   * The bytes of a photo, from the storage.
   * @throws NotFound when the file is gone, which is an error in the log
   */
  async function open({ id }: Photo): Promise<Readable> {
    const file = await files.read(id)
    if (file) return file
    log.error({ photoId: id }, 'the file of a photo is missing')
    throw noSuchPhoto()
  }

  /**
   * Deletes a photo of a house of the actor's own, or of anybody's for an admin.
   * @throws NotFound, NotOwner
   */
  async function remove(houseId: string, id: string, actor: Actor): Promise<void> {
    await cleaner.detach({ id, houseId, storedAt: { not: null } }, actor)
    await houses.leaveTrace(houseId, actor)
    await cleaner.sweep()
  }

  return { add, list, get, open, remove }
}

/** The time of the id is the time of creation, so that the order of ids is a list by age. */
function newPhoto(id: string, houseId: string, picture: Picture, createdAt: Date): Photo {
  const { bytes, ...facts } = picture
  return { id, houseId, ...facts, bytes: bytes.length, createdAt }
}

function noSuchPhoto() {
  return NotFound({ detail: 'There is no such photo.' })
}
