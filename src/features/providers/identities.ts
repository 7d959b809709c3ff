import { ChallengeOver, LimitReached, SessionEnded } from '../../contract/errors.ts'
import { type IdentityView, identityView } from '../../contract/identity.ts'
import { isUniqueViolation, type Transaction } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { NotFound, Unavailable } from '../../platform/errors/table.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Caller, Proved, Work } from '../challenges/purpose.ts'
import type { Email } from '../email/service.ts'
import type { Identity } from '../identities/identity.ts'
import type { IdentityStore } from '../identities/store.ts'
import type { WaysIn } from '../identities/ways-in.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import type { Asking } from './beginning.ts'
import { IdentityTaken } from './errors.ts'
import { personIn } from './person.ts'

/** For one account. */
export const MOST_IDENTITIES = 10
const TURNS = 5

/** Who changes what is his. */
type Acting = { userId: UserId; sessionId: SessionId; device: Device }

export type Identities = ReturnType<typeof createIdentities>
type Dependencies = {
  users: Pick<Users, 'findOpen' | 'requireOpen' | 'changeFactors' | 'holdFactors'>
  sessions: Pick<Sessions, 'holdIn' | 'endInTransaction'>
  stepUp: Pick<StepUp, 'requireRecent'>
  email: Pick<Email, 'requireReader'>
  identityStore: IdentityStore
  waysIn: WaysIn
  mail: Pick<Mail, 'queue'>
  audit: Pick<Audit, 'record'>
}

/** What users do with the identities of their accounts. */
export function createIdentities(dependencies: Dependencies) {
  const { users, sessions, stepUp, email, identityStore, waysIn, mail, audit } = dependencies

  async function list(userId: UserId): Promise<IdentityView[]> {
    return (await identityStore.listOf(userId)).map(identityView)
  }

  /** Asks who wants to add one. @throws StepUpRequired, LimitReached, SessionEnded */
  async function requireOwner(caller: Caller): Promise<Asking> {
    const signedIn = await caller.signedIn()
    const account = await stepUp.requireRecent({ ...signedIn, device: caller.device })
    await email.requireReader(account, caller)
    await requireRoom(account.id)
    return { account, sessionId: signedIn.sessionId }
  }

  async function requireRoom(userId: UserId, tx?: Transaction): Promise<void> {
    if ((await identityStore.countOf(userId, tx)) < MOST_IDENTITIES) return
    throw LimitReached({ detail: ({ details }) => details.identitiesFull(MOST_IDENTITIES) })
  }

  /** Adds the identity of the person who has come back. @throws IdentityTaken, LimitReached */
  async function add({ challenge, caller: { device } }: Proved): Promise<Work> {
    const person = personIn(challenge)
    const user = await ownerOf(challenge)
    const { id: userId, email: address } = user
    const present = await identityStore.find(person)
    if (present && present.userId !== userId) throw IdentityTaken()
    return async (tx) => {
      const { sessionId } = challenge
      const isSame = await users.holdFactors(tx, user)
      if (!isSame || sessionId === null || !(await sessions.holdIn(tx, userId, sessionId))) {
        throw ChallengeOver()
      }
      if (present) return { outcome: present.id }
      await requireRoom(userId, tx)
      const outcome = await identityStore.insert(tx, userId, person, false).catch(throwOver)
      await mail.queue(tx, { kind: 'identity_added', address, userId, device })
      const entry = { userId, sessionId, device, detail: person.provider }
      return { outcome, afterCommit: () => audit.record({ type: 'identity_added', ...entry }) }
    }
  }

  async function ownerOf({ userId, credentialVersion }: Challenge): Promise<User> {
    const user = userId === null ? undefined : await users.findOpen(userId)
    if (user?.credentialVersion !== credentialVersion || !user) throw ChallengeOver()
    return user
  }

  async function added({ challenge }: Proved, outcome: string | null): Promise<IdentityView> {
    const { userId } = challenge
    const all = userId === null ? [] : await identityStore.listOf(userId)
    const identity = all.find(({ id }) => id === outcome)
    if (!identity) throw ChallengeOver()
    return identityView(identity)
  }

  /**
   * Removes one; the other sessions end, and open challenges with them.
   * @returns the user as he is now @throws NotFound, LastCredential, SessionEnded
   */
  async function remove(acting: Acting, id: string): Promise<User> {
    for (let turn = 0; turn < TURNS; turn++) {
      const user = await users.requireOpen(acting.userId)
      const identity = (await identityStore.listOf(user.id)).find((one) => one.id === id)
      if (!identity) throw NotFound({ detail: ({ details }) => details.noSuchIdentity })
      if (await removeOf(acting, user, identity)) {
        return { ...user, credentialVersion: user.credentialVersion + 1 }
      }
    }
    throw Unavailable()
  }

  /** @returns false where the account has changed meanwhile */
  async function removeOf(acting: Acting, user: User, { id, provider }: Identity) {
    const { userId, sessionId, device } = acting
    const isRemoved = await sessions.endInTransaction(async (tx, endAll) => {
      if (!(await users.changeFactors(tx, user, user))) return false
      if (!(await sessions.holdIn(tx, userId, sessionId))) throw SessionEnded()
      if (!(await identityStore.remove(tx, userId, id))) return false
      await waysIn.requireOne(tx, user)
      await endAll({ userId, except: sessionId }, 'factors_changed')
      await mail.queue(tx, { kind: 'identity_removed', address: user.email, userId, device })
      return true
    })
    const entry = { userId, sessionId, device, detail: provider }
    if (isRemoved) audit.record({ type: 'identity_removed', ...entry })
    return isRemoved
  }

  return { list, requireOwner, add, added, remove }
}

/** Somebody has added the same one meanwhile. */
export function throwOver(cause: unknown): never {
  throw isUniqueViolation(cause) ? ChallengeOver({ cause }) : cause
}
