import type { ChallengeView } from '../../contract/challenge.ts'
import { StepUpRequired } from '../../contract/errors.ts'
import type { Text } from '../../languages/text.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import { emailKey } from '../../platform/identity.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Caller, Resend, SignedIn } from '../challenges/purpose.ts'
import type { Mail } from '../mail/service.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import { type EmailMails, VERIFY_LIFE_MS } from './mails.ts'

type Dependencies = {
  db: Database
  clock: Clock
  /** Whether the server sends mails: where it does not, nobody can prove an address. */
  isOn: boolean
  mails: EmailMails
  mail: Pick<Mail, 'countRequest'>
  users: Pick<Users, 'findOpen' | 'requireOpen'>
}

/** Codes that prove an address, as they are asked for. */
export function createEmailProofs(dependencies: Dependencies) {
  const { db, clock, isOn, mails, mail, users } = dependencies

  /**
   * Mails a code for the address that is to be proven: the pending one, or else the present one.
   * @throws Unauthenticated and the like, RateLimited, Overloaded
   */
  async function begin(caller: Caller): Promise<ChallengeView> {
    const { device } = caller
    const { userId } = await caller.signedIn()
    const user = await users.requireOpen(userId)
    const address = user.pendingEmail ?? user.email
    await countRequest(address, device)
    const challenge = mails.beginProof(user, address, device)
    const expiresAt = new Date(clock() + VERIFY_LIFE_MS)
    const code = { userId, challenge: challenge.token, expiresAt, device }
    await inTransaction(db, (tx) => mails.queueCode(tx, address, code))
    return challenge
  }

  /**
   * Who registers somebody else's address must not leave anything behind that signs him in: where
   * addresses can be verified, this one has to be, and by the user. @throws StepUpRequired
   */
  async function requireReader(user: User, caller: Caller): Promise<void> {
    if (!isOn || isReader(user, await caller.signedIn())) return
    const detail: Text = ({ details }) => details.verifyFirst
    throw StepUpRequired({ detail, members: { challenge: await begin(caller) } })
  }

  /**
   * Mails a code to an address that another challenge needs proven, and that no account may have.
   * @throws RateLimited, Overloaded
   */
  async function beginPart(
    address: string,
    whole: Challenge,
    device: Device,
  ): Promise<ChallengeView> {
    await countRequest(address, device, true)
    const challenge = mails.beginPart(address, whole, device)
    const code = { challenge: challenge.token, expiresAt: new Date(whole.endsAt), device }
    await inTransaction(db, (tx) => mails.queuePart(tx, address, code))
    return challenge
  }

  /**
   * Mails the code again, as long as the address is one of the account. @throws RateLimited,
   * Overloaded
   */
  async function send({ challenge, token, caller, isLive }: Resend): Promise<void> {
    const { address, endsAt } = challenge
    const isPart = challenge.userId === null
    await countRequest(address ?? '', caller.device, isPart)
    const user = await userOf(challenge)
    const isCurrent = isLive && (isPart || (user && isAddressOf(user, address ?? '')))
    const whose = isCurrent && user ? { userId: user.id } : {}
    const code = { challenge: token, expiresAt: new Date(endsAt), device: caller.device, ...whose }
    const queue = isPart ? mails.queuePart : mails.queueCode
    await inTransaction(db, (tx) => queue(tx, isCurrent ? (address ?? '') : undefined, code))
  }

  /** Apart from the limits that strangers can use up: those of resets and of parts. */
  function countRequest(address: string, device: Device, isPart = false): Promise<void> {
    return mail.countRequest(`${isPart ? 'part' : 'verify'} ${emailKey(address)}`, device)
  }

  async function userOf({ userId }: Challenge): Promise<User | undefined> {
    return userId === null ? undefined : users.findOpen(userId)
  }

  return { requireReader, begin, beginPart, send, userOf }
}

/**
 * Whether the user reads the mail to the address. Who opened its link elsewhere may be another
 * person, who has no other way in to the account than a mailed code.
 */
function isReader({ emailVerified, verifiedElsewhere }: User, signedIn: Pick<SignedIn, 'amr'>) {
  return emailVerified && !(verifiedElsewhere && isByHolder(signedIn))
}

/** By what its maker has put into the account: password, or provider with another address. */
export function isByHolder({ amr }: Pick<SignedIn, 'amr'>): boolean {
  return amr.includes('pwd') || amr.includes('fed')
}

export function isAddressOf(
  { emailKey: present, pendingEmailKey }: User,
  address: string,
): boolean {
  const key = emailKey(address)
  return key === present || key === pendingEmailKey
}
