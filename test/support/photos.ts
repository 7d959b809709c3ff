import { createPhotoCleaner } from '../../src/features/photos/cleaner.ts'
import { createPhotos } from '../../src/features/photos/service.ts'
import { type FileStorage, openFolderStorage } from '../../src/platform/file-storage.ts'
import { createImages, type Images } from '../../src/platform/images/images.ts'
import type { Person } from './factories.ts'
import type { TestServer } from './helper.ts'
import type { House } from './houses.ts'
import { aPicture } from './pictures.ts'

export const NO_HOUSE = { detail: 'There is no such house.' }
export const NO_PHOTO = { detail: 'There is no such photo.' }
export const FULL = { detail: 'A house may have at most 20 photos.' }

/** An id of the right form that no house has. */
export const unknownLike = ({ id }: House) => ({ id: `${id.slice(0, -12)}000000000000` })

/**
 * The service of the server on a storage of the test's own, in which something happens at each
 * write.
 */
export async function photosWith(
  server: TestServer,
  overrides: Partial<FileStorage>,
  images: Pick<Images, 'reencode'> = createImages(),
) {
  const { houses, holdings } = server.services
  const storage = await openFolderStorage(server.uploads)
  const { clock, database } = server
  const { client: db, statements } = database
  const needs = { db, statements, clock, log: server.app.log, houses, holdings }
  const files = { ...storage, ...overrides }
  const cleaner = createPhotoCleaner({ ...needs, files })
  const bytesPerUser = 200 * 2 ** 20
  return { storage, photos: createPhotos({ ...needs, files, images, cleaner, bytesPerUser }) }
}

export async function adding({ owner, house }: { owner: Person; house: House }) {
  const actor = { userId: owner.user.id, isAdmin: false }
  const { signal } = new AbortController()
  return { houseId: house.id, bytes: await aPicture(), actor, signal }
}
