import { createHash } from 'node:crypto'
import type { ChallengeView } from '../../contract/challenge.ts'
import { ChallengeOver } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import { NotFound } from '../../platform/errors/table.ts'
import { loginKey } from '../../platform/identity.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Caller, Proved, Resend, Work } from '../challenges/purpose.ts'
import type { Challenges } from '../challenges/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { KnownDevices } from '../sign-in/known-devices.ts'
import type { Lockout } from '../sign-in/lockout.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

export const RESET = 'reset_password'
export const RESET_LIFE_MS = 30 * 60_000
/** No device cookie is for it, and to find that out takes as long as for an account. */
const NOBODY = { id: 'nobody', credentialVersion: 0 }
/** Somebody at the server's command line. */
const OPERATOR: Device = { ip: null, userAgent: null }

export type Recovery = ReturnType<typeof createRecovery>
type Dependencies = {
  db: Database
  clock: Clock
  newPasswords: Pick<NewPasswords, 'hash'>
  audit: Pick<Audit, 'record'>
  challenges: Pick<Challenges, 'begin'>
  mail: Pick<Mail, 'isOn' | 'queue' | 'countRequest'>
  users: Pick<Users, 'findByKey' | 'resetPassword'>
  sessions: Pick<Sessions, 'endAllIn'>
  lockout: Pick<Lockout, 'unlock'>
  knownDevices: Pick<KnownDevices, 'recognize'>
}

/**
 * The way back into an account whose password is lost: a code goes to its stored address, and comes
 * back with a new password. Nobody is signed in by it.
 */
export function createRecovery(dependencies: Dependencies) {
  const { db, clock, newPasswords, audit, challenges, mail } = dependencies
  const { users, sessions, lockout, knownDevices } = dependencies

  /**
   * Mails a code to the owner of the name. The steps are the same where there is no such account,
   * and for a disabled one; then the mail is for nobody. @throws RateLimited, Overloaded
   */
  async function begin(login: string, caller: Caller): Promise<ChallengeView> {
    const name = loginKey(login)
    const user = await users.findByKey(name)
    const typed = digestOf(name.key)
    await countRequest(user, typed, caller)
    return mailCode(user?.disabledAt === null ? user : undefined, typed, caller.device)
  }

  /** The typed name goes into the challenge: a second mail counts against the same limits. */
  async function mailCode(
    user: User | undefined,
    typed: string | undefined,
    device: Device,
  ): Promise<ChallengeView> {
    const challenge = challenges.begin({
      ...{ purpose: RESET, account: user, address: user?.emailKey, data: typed, device },
    })
    await queueCode(user, challenge.token, new Date(clock() + RESET_LIFE_MS), device)
    return challenge
  }

  async function send({ challenge, token, caller, isLive }: Resend): Promise<void> {
    const { userId, credentialVersion, data } = challenge
    const holder =
      userId !== null && typeof credentialVersion === 'number'
        ? { id: userId, credentialVersion }
        : undefined
    await countRequest(holder, data ?? '', caller)
    const user = await findByAddress(challenge)
    await queueCode(isLive ? user : undefined, token, new Date(challenge.endsAt), caller.device)
  }

  /** A known device has a limit of its own, which strangers cannot use up. */
  function countRequest(
    holder: { id: string; credentialVersion: number } = NOBODY,
    typed: string,
    { device, deviceCookie }: Caller,
  ): Promise<void> {
    const known = knownDevices.recognize(deviceCookie, holder)
    return mail.countRequest(known === undefined ? typed : `device ${known}`, device)
  }

  function queueCode(
    user: User | undefined,
    challenge: string,
    expiresAt: Date,
    device: Device,
  ): Promise<void> {
    const whose = { address: user?.email, ...(user ? { userId: user.id } : {}) }
    const code = { kind: RESET, challenge, expiresAt, device } as const
    return inTransaction(db, (tx) => mail.queue(tx, { ...whose, ...code }))
  }

  /** The account that the code was mailed to, as long as it has that address. */
  async function findByAddress({ userId, address, data }: Challenge): Promise<User | undefined> {
    // Without an address, a key that nobody has.
    const key = address ?? `@${data}`
    const user = await users.findByKey({ column: 'emailKey', key })
    return user?.id === userId ? user : undefined
  }

  /**
   * Sets the new password, ends all sessions, and lets unknown devices sign in again.
   * @throws WeakPassword where it contains a name of the owner or is breached, ChallengeOver where
   *   the account has changed since; Overloaded
   */
  async function reset({ challenge, fields, caller }: Proved): Promise<Work> {
    const { newPassword = '' } = fields
    const { device } = caller
    const user = await findByAddress(challenge)
    if (user?.credentialVersion !== challenge.credentialVersion || !user) throw ChallengeOver()
    const { id: userId, email: address } = user
    const asker = askerOf(device, 'owner', userId)
    const given = { password: newPassword, owner: user, pointer: '/newPassword', asker }
    const hash = await newPasswords.hash(given)
    return async (tx) => {
      if (!(await users.resetPassword(tx, user, hash))) throw ChallengeOver()
      const refuseTokens = await sessions.endAllIn(tx, { userId }, 'password_reset')
      await lockout.unlock(userId, tx)
      await mail.queue(tx, { kind: 'password_reset', address, userId, device })
      return {
        async afterCommit() {
          await refuseTokens()
          audit.record({ type: 'password_reset', userId, device })
        },
      }
    }
  }

  /**
   * Mails a code for an operator, past all limits. @throws NotFound for a name that nobody has, and
   * for a disabled account; Error where no mail is sent
   */
  async function sendReset(login: string): Promise<void> {
    if (!mail.isOn) throw new Error('SMTP_URL is not set, so the server sends no mails.')
    const user = await users.findByKey(loginKey(login))
    if (!user) throw NotFound({ detail: 'There is no account with this name.' })
    if (user.disabledAt) throw NotFound({ detail: 'The account is disabled; enable it first.' })
    await mailCode(user, digestOf(user.emailKey), OPERATOR)
    audit.record({ type: 'password_reset_sent', userId: user.id })
  }

  return { begin, send, reset, sendReset }
}

/** A name of any length, short enough for a challenge; two that count as one have the same. */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
