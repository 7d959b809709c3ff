import {
  ChallengeOver,
  InvalidCredentials,
  LimitReached,
  RegistrationClosed,
  StepUpRequired,
} from '../../contract/errors.ts'
import type { Text } from '../../languages/text.ts'
import type { Clock } from '../../platform/clock.ts'
import { isUniqueViolation, type Transaction } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { Unavailable } from '../../platform/errors/table.ts'
import { emailKey } from '../../platform/identity.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Proved } from '../challenges/purpose.ts'
import type { Challenges } from '../challenges/service.ts'
import type { Email } from '../email/service.ts'
import type { FactorStore } from '../factors/store.ts'
import type { Identity } from '../identities/identity.ts'
import type { IdentityStore } from '../identities/store.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { ClaimedUsers } from '../users/claimed-users.ts'
import type { InvitedUsers } from '../users/invited-users.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import { EmailUnverified } from './errors.ts'
import { MOST_IDENTITIES, throwOver } from './identities.ts'
import { type Person, personIn } from './person.ts'
import { freeUsername } from './usernames.ts'

/** The account that a person gets, and how it becomes that. */
export type Arrival = {
  /** As it was read. */
  user: User
  isKnown: boolean
  isNew: boolean
  /** Makes the account the person's, first in a transaction. @throws ChallengeOver if it changed */
  write: (tx: Transaction) => Promise<Arrived>
}
type Arrived = { user: User; afterCommit: () => Promise<void> | void }

export type Arrivals = ReturnType<typeof createArrivals>
type Dependencies = {
  clock: Clock
  /** Whether everybody may register. */
  isOpen: boolean
  users: Pick<Users, 'findByKey' | 'findOpen' | 'newUser' | 'create' | 'throwTaken'>
  claimedUsers: ClaimedUsers
  invitedUsers: Pick<InvitedUsers, 'isInvited'>
  identityStore: IdentityStore
  factorStore: Pick<FactorStore, 'removeAll'>
  sessions: Pick<Sessions, 'endAllIn'>
  lockout: Pick<Lockout, 'unlock'>
  email: Pick<Email, 'needsProof' | 'beginPart'>
  challenges: Pick<Challenges, 'isPartProved'>
  rateLimits: Pick<RateLimits<'provider_accounts'>, 'consume'>
  mail: Pick<Mail, 'queue'>
  audit: Pick<Audit, 'record'>
}

/**
 * Which account belongs to a person whom a provider has signed in. An identity is issuer and
 * subject; an address decides only where the provider has verified it, and where nobody else can
 * have registered it here (security.md, pre-hijacking).
 */
export function createArrivals(dependencies: Dependencies) {
  const { clock, isOpen, users, claimedUsers, invitedUsers, identityStore } = dependencies
  const { factorStore, sessions, lockout, email, challenges, rateLimits, mail, audit } =
    dependencies

  /**
   * @throws InvalidCredentials for an account that is disabled, RegistrationClosed,
   *   EmailUnverified, StepUpRequired with a challenge to verify the address, UsernameTaken,
   *   RateLimited
   */
  async function of({ challenge, fields, caller }: Proved): Promise<Arrival> {
    const person = personIn(challenge)
    const { device } = caller
    const identity = await identityStore.find(person)
    if (identity) return known(identity, person)
    const address = await provenAddress(person, challenge, device)
    const holder = await users.findByKey({ column: 'emailKey', key: emailKey(address) })
    if (!holder) return newcomer({ ...person, address, asked: fields.username }, device)
    if (holder.disabledAt) throw InvalidCredentials()
    return (isProven(holder) ? linked : claimed)(holder, person, device)
  }

  /**
   * The same once the second factor of an account is shown, which `of` has found before.
   * @throws ChallengeOver where another account is found by now, or this one has changed
   */
  async function behindFactor({ challenge, caller }: Proved): Promise<Arrival> {
    const person = personIn(challenge)
    const { userId } = challenge
    const identity = await identityStore.find(person)
    const user = userId === null ? undefined : await users.findOpen(userId)
    if (!user) throw ChallengeOver()
    if (identity?.userId === user.id) return knownAs(user, identity, person)
    if (identity || !isOwn(user, person)) throw ChallengeOver()
    return linked(user, person, caller.device)
  }

  async function known(identity: Identity, person: Person): Promise<Arrival> {
    const user = await users.findOpen(identity.userId)
    if (!user) throw InvalidCredentials()
    return knownAs(user, identity, person)
  }

  function knownAs(user: User, identity: Identity, person: Person): Arrival {
    const write = async (tx: Transaction) => {
      const isSame = await claimedUsers.hold(tx, user)
      if (!isSame || !(await identityStore.keepUse(tx, identity, person))) throw ChallengeOver()
      return { user, afterCommit: () => undefined }
    }
    return { user, isKnown: true, isNew: false, write }
  }

  /**
   * The address, once the provider or a mailed code has verified it. Nobody looks for an account
   * before: the answer would tell who has one.
   */
  async function provenAddress(person: Person, challenge: Challenge, device: Device) {
    const { email: address, emailVerified } = person
    if (address === null) throw EmailUnverified()
    if (emailVerified || (await challenges.isPartProved(challenge.id))) return address
    if (!email.needsProof) throw EmailUnverified()
    const part = await email.beginPart(address, challenge, device)
    const detail: Text = ({ details }) => details.verifyFirst
    throw StepUpRequired({ detail, members: { challenge: part } })
  }

  function linked(user: User, person: Person, device: Device): Arrival {
    const write = async (tx: Transaction) => {
      if (!(await claimedUsers.hold(tx, user))) throw ChallengeOver()
      if ((await identityStore.countOf(user.id, tx)) >= MOST_IDENTITIES) throw LimitReached()
      await identityStore.insert(tx, user.id, person, true).catch(throwOver)
      const { id: userId, email: address } = user
      await mail.queue(tx, { kind: 'identity_added', address, userId, device })
      return { user, afterCommit: () => record(user, person, device) }
    }
    return { user, isKnown: false, isNew: false, write }
  }

  /** What somebody else has put into the account goes: password, factors, identities, sessions. */
  function claimed(before: User, person: Person, device: Device): Arrival {
    const { id: userId, email: address } = before
    // Nobody has been in an account that waits for its invitation.
    const isClaimed = !invitedUsers.isInvited(before)
    const kind = isClaimed ? 'account_claimed' : 'identity_added'
    const write = async (tx: Transaction) => {
      const user = await claimedUsers.claim(tx, before)
      if (!user) throw ChallengeOver()
      const refuseTokens = await sessions.endAllIn(tx, { userId }, 'account_claimed')
      await lockout.unlock(userId, tx)
      await factorStore.removeAll(tx, userId)
      await identityStore.removeAll(tx, userId)
      await identityStore.insert(tx, userId, person, true).catch(throwOver)
      await mail.queue(tx, { kind, address, userId, device })
      return {
        user,
        async afterCommit() {
          await refuseTokens()
          if (isClaimed) audit.record({ type: kind, userId, device, detail: person.provider })
          record(user, person, device)
        },
      }
    }
    return { user: { ...before, secondFactor: false }, isKnown: false, isNew: false, write }
  }

  type Newcomer = Person & { address: string; asked: string | undefined }

  async function newcomer(person: Newcomer, device: Device): Promise<Arrival> {
    if (!isOpen) throw RegistrationClosed()
    await rateLimits.consume('provider_accounts', networkOf(device.ip ?? ''))
    const { address, asked, name } = person
    const username = asked ?? (await freeUsername([person.username, name, address], users))
    const profile = { username, email: address, ...(name === undefined ? {} : { name }) }
    const made = users.newUser(profile, null, new Date(clock()))
    const user = { ...made, emailVerified: true }
    const write = async (tx: Transaction) => {
      await users.create(tx, user).catch((error) => throwTaken(error, user, asked))
      await identityStore.insert(tx, user.id, person, true).catch(throwOver)
      return {
        user,
        afterCommit() {
          audit.record({ type: 'registered', userId: user.id, device, detail: person.provider })
          record(user, person, device)
        },
      }
    }
    return { user, isKnown: false, isNew: true, write }
  }

  /** A name that was made is made again; of one that was asked for, its person has to know. */
  async function throwTaken(cause: unknown, user: User, asked: string | undefined): Promise<never> {
    if (!isUniqueViolation(cause)) throw cause
    if (asked === undefined) throw Unavailable({ cause })
    return users.throwTaken(cause, user)
  }

  function record({ id: userId }: User, { provider }: Person, device: Device): void {
    audit.record({ type: 'identity_added', userId, device, detail: provider })
  }

  return { of, behindFactor }
}

/** Whether the account still has the address that was found, and nobody else can have it. */
function isOwn(user: User, { email }: Person): boolean {
  return email !== null && user.emailKey === emailKey(email) && isProven(user)
}

/** Whether nobody else can have registered the address of the account. */
function isProven({ emailVerified, verifiedElsewhere }: User): boolean {
  return emailVerified && !verifiedElsewhere
}
