import type { ChallengeView } from '../../contract/challenge.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { EMAIL_MAX, emailKey } from '../../platform/identity.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Challenges } from '../challenges/service.ts'
import type { UndoKind } from '../mail/kinds.ts'
import type { Mail, NewMail } from '../mail/service.ts'
import type { User } from '../users/user.ts'

export const VERIFY = 'verify_email'
export const UNDO = 'undo_email'
export const VERIFY_LIFE_MS = 24 * 3_600_000
export const UNDO_LIFE_MS = 72 * 3_600_000

export type EmailMails = ReturnType<typeof createEmailMails>
type Dependencies = {
  clock: Clock
  challenges: Pick<Challenges, 'begin'>
  mail: Pick<Mail, 'queue'>
}

type Code = Omit<Extract<NewMail, { challenge: string }>, 'kind' | 'address'>

/** The mails about addresses, each with its challenge. */
export function createEmailMails({ clock, challenges, mail }: Dependencies) {
  /** Begins to prove an address of the user: the present one, or the pending one. */
  function beginProof(user: User, address: string, device: Device): ChallengeView {
    const { id, credentialVersion } = user
    const account = { id, credentialVersion }
    return challenges.begin({ purpose: VERIFY, account, address: sealed(address), device })
  }

  /**
   * Begins to prove an address, which no account may have yet, for another challenge. Its mail has
   * no link: whoever began that challenge would sign in by the click of the owner.
   */
  function beginPart(address: string, { id, endsAt }: Challenge, device: Device): ChallengeView {
    const lifeMs = endsAt - clock()
    return challenges.begin({
      purpose: VERIFY,
      partOf: id,
      lifeMs,
      address: sealed(address),
      device,
    })
  }

  /** Mails the code of a challenge; to nobody, at the same cost, where the address is undefined. */
  function queueCode(tx: Transaction, address: string | undefined, code: Code): Promise<void> {
    return mail.queue(tx, { kind: VERIFY, address, ...code })
  }

  /** The same for a part of another challenge. */
  function queuePart(tx: Transaction, address: string | undefined, code: Code): Promise<void> {
    return mail.queue(tx, { kind: 'sign_in', address, ...code })
  }

  /**
   * Mails a new code for an address of the user, in the transaction that makes it one.
   * @param mayBeDropped whether that goes through without the mail where the outbox is full
   */
  function queueProof(
    tx: Transaction,
    user: User,
    { address, mayBeDropped, device }: { address: string; mayBeDropped: boolean; device: Device },
  ): Promise<void> {
    const { token: challenge } = beginProof(user, address, device)
    const expiresAt = new Date(clock() + VERIFY_LIFE_MS)
    return queueCode(tx, address, { userId: user.id, challenge, expiresAt, mayBeDropped, device })
  }

  /**
   * Tells the present address of a change, with a code that undoes it; other changes do not matter.
   */
  async function queueUndo(
    tx: Transaction,
    { id: userId, email: address }: User,
    kind: UndoKind,
    device: Device,
  ): Promise<void> {
    const account = { id: userId, credentialVersion: 'any' } as const
    const view = challenges.begin({ purpose: UNDO, account, address: sealed(address), device })
    const expiresAt = new Date(clock() + UNDO_LIFE_MS)
    await mail.queue(tx, { kind, address, userId, challenge: view.token, expiresAt, device })
  }

  return { beginProof, beginPart, queueCode, queuePart, queueProof, queueUndo }
}

/**
 * As it was typed, so that it can be shown and restored; an unusual one by its key, for want of
 * room.
 */
function sealed(address: string): string {
  return Buffer.byteLength(address) <= EMAIL_MAX ? address : emailKey(address)
}
