import { LimitReached, SessionEnded } from '../../contract/errors.ts'
import type { Texts } from '../../languages/en/texts.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { UserId } from '../../platform/ids.ts'
import type { User } from './user.ts'

const DAY_MS = 86_400_000

export type Holdings = ReturnType<typeof createHoldings>
type Dependencies = { clock: Clock }

/** How many rows of a kind one user may have, and the column of the user's row that counts them. */
export type Limit = {
  counter: Exclude<Extract<keyof User, `${string}Count`>, 'keyCount'>
  most: number
  /** What to say where there are as many: `({ details }, most) => details.notesFull(most)`. */
  full: (texts: Texts, most: string) => string
}

/**
 * Counts what a user owns in the user's row, so a limit costs one statement. The row stays locked
 * until the transaction ends. Call it first in a transaction, so that two of one user cannot
 * deadlock. It adds nothing to a closed account.
 */
export function createHoldings({ clock }: Dependencies) {
  /**
   * Counts one row more, in the transaction that adds it.
   * @throws LimitReached when there are as many as allowed, SessionEnded when the account is gone
   */
  async function take(tx: Transaction, id: UserId, { counter, most, full }: Limit): Promise<void> {
    const { count } = await tx.user.updateMany({
      where: { id, disabledAt: null, [counter]: { lt: most } },
      data: { [counter]: { increment: 1 } },
    })
    if (count === 1) return
    await unlessGone(tx, id)
    throw LimitReached({ detail: (texts) => full(texts, most.toLocaleString('en')) })
  }

  /** Counts one row less, in the transaction that deletes it. */
  async function giveBack(tx: Transaction, id: UserId, { counter }: Limit): Promise<void> {
    await tx.user.updateMany({ where: { id }, data: { [counter]: { decrement: 1 } } })
  }

  /** Counts the bytes of a photo. @returns false if there would be more than `most` */
  async function takePhotoBytes(
    tx: Transaction,
    id: UserId,
    bytes: number,
    most: number,
  ): Promise<boolean> {
    const { count } = await tx.user.updateMany({
      where: { id, photoBytes: { lte: most - bytes } },
      data: { photoBytes: { increment: bytes } },
    })
    return count === 1
  }

  /** Counts bytes of photos off, in the transaction that deletes their rows. */
  async function givePhotoBytesBack(tx: Transaction, id: UserId, bytes: number): Promise<void> {
    await tx.user.updateMany({ where: { id }, data: { photoBytes: { decrement: bytes } } })
  }

  /**
   * Counts one more `Idempotency-Key` of this day (UTC), in the transaction that keeps it.
   * @returns false, and counts nothing, when there are `most` already
   * @throws SessionEnded when the account is gone
   */
  async function takeKey(tx: Transaction, id: UserId, most: number): Promise<boolean> {
    const keyDay = Math.floor(clock() / DAY_MS)
    const today = await tx.user.updateMany({
      where: { id, disabledAt: null, keyDay, keyCount: { lt: most } },
      data: { keyCount: { increment: 1 } },
    })
    if (today.count === 1) return true
    const first = await tx.user.updateMany({
      where: { id, disabledAt: null, keyDay: { not: keyDay } },
      data: { keyDay, keyCount: 1 },
    })
    return first.count === 1 || unlessGone(tx, id)
  }

  function secondsOfDayLeft(): number {
    return Math.ceil((DAY_MS - (clock() % DAY_MS)) / 1000)
  }

  return {
    ...{ take, giveBack, takePhotoBytes, givePhotoBytesBack },
    ...{ takeKey, secondsOfDayLeft },
  }
}

/** Reports a reached limit. @throws SessionEnded if the account is gone instead */
async function unlessGone(tx: Transaction, id: UserId): Promise<false> {
  const open = await tx.user.findFirst({ where: { id, disabledAt: null }, select: { id: true } })
  if (!open) throw SessionEnded()
  return false
}
