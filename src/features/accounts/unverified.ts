import type { ChallengeView } from '../../contract/challenge.ts'
import { UsernameTaken } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import { isUniqueViolation, type Transaction } from '../../platform/database/database.ts'
import { onlyLanguageOf } from '../../platform/device.ts'
import { Unavailable } from '../../platform/errors/table.ts'
import { createTurns } from '../../platform/queues/turns.ts'
import type { Audit } from '../audit/service.ts'
import type { FactorStore } from '../factors/store.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Notices } from '../mail/notices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { SessionStart } from '../sessions/session-row.ts'
import type { SignInCodes } from '../sign-in/sign-in-codes.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

/** How long an account may wait for its proof. */
const PROOF_MS = 7 * 86_400_000
const TURNS = 5

export type Unverified = ReturnType<typeof createUnverified>
type Dependencies = {
  clock: Clock
  users: Pick<Users, 'findByKey' | 'create' | 'replaceUnverified'>
  sessions: Pick<Sessions, 'endInTransaction'>
  lockout: Pick<Lockout, 'unlock'>
  factorStore: Pick<FactorStore, 'removeAll'>
  signInCodes: Pick<SignInCodes, 'isRequired' | 'prepareFirst' | 'mayMail'>
  notices: Pick<Notices, 'add'>
  audit: Pick<Audit, 'record'>
}

/** Registrations where nobody is signed in whose address is not verified. */
export function createUnverified(dependencies: Dependencies) {
  const { clock, users, sessions, lockout, factorStore, signInCodes, notices, audit } = dependencies
  const inTurn = createTurns()

  /**
   * Creates the account, or replaces one that nobody has proven. The answer is the same for one
   * that is proven, which stays as it is; its owner gets a notice.
   * @throws UsernameTaken, Overloaded
   */
  function register(newest: User, start: SessionStart): Promise<ChallengeView> {
    return inTurn(newest.emailKey, () => registerNow(newest, start))
  }

  async function registerNow(newest: User, start: SessionStart): Promise<ChallengeView> {
    const user = { ...newest, deletionDueAt: new Date(clock() + PROOF_MS) }
    const isMailed = await signInCodes.mayMail(user.emailKey)
    for (let turn = 0; turn < TURNS; turn++) {
      // The username first: an account that is found by it is found by the address, too.
      const named = await users.findByKey({ column: 'usernameKey', key: user.usernameKey })
      const holder = await users.findByKey({ column: 'emailKey', key: user.emailKey })
      if (named && (named.id !== holder?.id || holder.emailVerified)) throw UsernameTaken()
      const begun = await begin(user, holder, start, isMailed).catch(undefinedWhenTaken)
      if (begun) return begun
    }
    throw Unavailable()
  }

  /** @returns undefined if the account has changed meanwhile @throws for names that are taken */
  async function begin(
    user: User,
    holder: User | undefined,
    { transport, device }: SessionStart,
    isMailed: boolean,
  ): Promise<ChallengeView | undefined> {
    const { challenge, owner } = await sessions.endInTransaction(async (tx, endAll) => {
      const owner = await put(tx, user, holder)
      if (owner && holder) {
        await endAll({ userId: owner.id }, 'password_reset')
        await lockout.unlock(owner.id, tx)
        await factorStore.removeAll(tx, owner.id)
      }
      const whose = { user: owner, typed: user.emailKey, transport, device }
      const { challenge, queue } = signInCodes.prepareFirst(whose, isMailed)
      await queue(tx)
      return { challenge, owner }
    })
    if (owner) audit.record({ type: 'registered', userId: owner.id, device })
    else if (holder && isReplaceable(holder)) return undefined
    else if (holder) {
      notices.add({ kind: 'address_in_use', userId: holder.id, device: onlyLanguageOf(device) })
    }
    return challenge
  }

  async function put(
    tx: Transaction,
    user: User,
    holder: User | undefined,
  ): Promise<User | undefined> {
    if (holder) return users.replaceUnverified(tx, holder.id, user)
    await users.create(tx, user)
    return user
  }

  return { mustVerify: signInCodes.isRequired, register }
}

/**
 * Whether a newer registration takes its place, as `replaceUnverified` decides: not an account that
 * an administrator has made or moved, and none that somebody uses.
 */
function isReplaceable(user: User): boolean {
  const { emailVerified, disabledAt, deletionDueAt, passwordHash, role } = user
  const isOpen = !emailVerified && disabledAt === null && deletionDueAt !== null
  const isUnused = user.lastSignInAt?.getTime() === user.createdAt.getTime()
  return isOpen && isUnused && passwordHash !== null && role === 'user'
}

function undefinedWhenTaken(error: unknown): undefined {
  if (!isUniqueViolation(error)) throw error
  return undefined
}
