import type { Photo } from '@latchkey/client'
import { latchkey } from '../latchkey.ts'
import { answered, hasCode } from '../resources/answered.ts'

export type { Photo }

/** As the server has it. */
const BYTES_MAX = 5 * 1024 * 1024

/** The formats that the server takes. */
export const PHOTO_TYPES = 'image/jpeg,image/png,image/webp'

/** Refused here, before it is sent. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

/** Oldest first. @throws LatchkeyError */
export async function listPhotos(houseId: string): Promise<readonly Photo[]> {
  const params = { path: { id: houseId } }
  return (await answered(latchkey.api.GET('/houses/{id}/photos', { params }))).items
}

type Sending = { onShare: (share: number) => void; signal: AbortSignal }

/** @throws TooLarge, LatchkeyError */
export async function addPhoto(
  houseId: string,
  file: File,
  { onShare, signal }: Sending,
): Promise<Photo> {
  if (file.size > BYTES_MAX) throw new TooLarge()
  return latchkey.upload(`/houses/${houseId}/photos`, file, {
    onProgress: ({ loaded, total }) => onShare(loaded / total),
    signal,
  })
}

/** Also where it is gone already. @throws LatchkeyError */
export async function deletePhoto(houseId: string, photoId: string): Promise<void> {
  const params = { path: { id: houseId, photoId } }
  try {
    await answered(latchkey.api.DELETE('/houses/{id}/photos/{photoId}', { params }))
  } catch (error) {
    if (!hasCode(error, 'not_found')) throw error
  }
}
