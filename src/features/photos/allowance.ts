import { LimitReached } from '../../contract/errors.ts'
import type { PhotoId } from '../../contract/ids.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Holdings } from '../users/holdings.ts'

type Counted = { id: string; ownerId: string | null; bytes: number }

/**
 * Counts the bytes of a new photo for the owner of the house, in the transaction that adds it. One
 * statement counts and decides, so parallel uploads cannot exceed the limit. @throws LimitReached
 */
export async function takeBytes(
  { takePhotoBytes }: Holdings,
  tx: Transaction,
  { ownerId, bytes }: { ownerId: UserId; bytes: number },
  limit: number,
): Promise<void> {
  if (!(await takePhotoBytes(tx, ownerId, bytes, limit))) {
    throw LimitReached({
      detail: ({ details }) => details.photoBytesFull(sizeOf(limit)),
    })
  }
}

/**
 * Deletes rows without a house and refunds their bytes in one transaction.
 * @throws DeletedMeanwhile
 */
export async function deleteCounted(
  { givePhotoBytesBack }: Holdings,
  tx: Transaction,
  ids: PhotoId[],
): Promise<number> {
  const where = { id: { in: ids }, houseId: null }
  const rows: Counted[] = await tx.photo.findMany({
    where,
    select: { id: true, ownerId: true, bytes: true },
  })
  const { count } = await tx.photo.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } })
  if (count !== rows.length) throw new DeletedMeanwhile()
  for (const [ownerId, bytes] of bytesByOwner(rows)) {
    await givePhotoBytesBack(tx, ownerId, bytes)
  }
  return count
}

/** Another transaction has deleted the rows; this one changed nothing. */
export class DeletedMeanwhile extends Error {}

function bytesByOwner(rows: Counted[]): Map<UserId, number> {
  const sums = new Map<UserId, number>()
  for (const { ownerId, bytes } of rows) {
    const owner = ownerId as UserId | null
    if (owner !== null) sums.set(owner, (sums.get(owner) ?? 0) + bytes)
  }
  return sums
}

/** `200 MiB`, or bytes if it is not a whole number. */
function sizeOf(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20} MiB` : `${bytes} bytes`
}
