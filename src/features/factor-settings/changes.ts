import { SessionEnded } from '../../contract/errors.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { Device } from '../../platform/device.ts'
import { Unavailable } from '../../platform/errors/table.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Factor } from '../factors/factor.ts'
import type { FactorStore } from '../factors/store.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

const TURNS = 5

/** Who changes his own factors. */
export type Acting = { userId: UserId; sessionId: SessionId; device: Device }

export type Change = {
  /** Whether the password alone is not enough from now on. */
  secondFactor: boolean
  /** Of the event and of the notice. */
  kind: 'factor_removed' | 'recovery_codes_made' | 'second_factor_changed'
  detail?: string
  run: (tx: Transaction) => Promise<void>
}

/** @param factors without recovery codes @returns undefined where nothing is to change */
type Plan = (user: User, factors: readonly Factor[]) => Promise<Change | undefined>

export type FactorChanges = ReturnType<typeof createFactorChanges>
type Dependencies = {
  users: Pick<Users, 'requireOpen' | 'changeFactors' | 'setSecondFactor'>
  sessions: Pick<Sessions, 'endInTransaction' | 'holdIn'>
  store: Pick<FactorStore, 'visibleOf' | 'removeAll'>
  mail: Pick<Mail, 'queue'>
  audit: Pick<Audit, 'record'>
  isUsable: (factor: Factor) => boolean
}

/**
 * Changes of the factors of an account. With each one all other sessions end, open
 * challenges end, and all devices become unknown.
 */
export function createFactorChanges(dependencies: Dependencies) {
  const { users, sessions, store, mail, audit, isUsable } = dependencies

  /**
   * Makes a change, or plans it again where the account has changed meanwhile.
   * @returns the user as he is now @throws SessionEnded; what the plan throws
   */
  async function make(acting: Acting, plan: Plan): Promise<User> {
    for (let turn = 0; turn < TURNS; turn++) {
      const user = await users.requireOpen(acting.userId)
      const change = await plan(user, await store.visibleOf(user.id))
      const changed = change ? await commit(acting, user, change) : user
      if (changed) return changed
    }
    throw Unavailable()
  }

  async function commit(acting: Acting, user: User, change: Change): Promise<User | undefined> {
    const { userId, sessionId, device } = acting
    const { kind, detail = null } = change
    const changed = await sessions.endInTransaction(async (tx, endAll) => {
      if (!(await users.changeFactors(tx, user, change))) return undefined
      if (!(await sessions.holdIn(tx, userId, sessionId))) throw SessionEnded()
      await change.run(tx)
      const isLeft = kind !== 'factor_removed' || (await tidyUp(tx, userId))
      const secondFactor = isLeft && change.secondFactor
      await endAll({ userId, except: sessionId }, 'factors_changed')
      await mail.queue(tx, { kind, address: user.email, userId, device })
      return { ...user, secondFactor, credentialVersion: user.credentialVersion + 1 }
    })
    if (changed) audit.record({ type: kind, userId, sessionId, device, detail })
    return changed
  }

  /** Without a factor that works nothing may ask for one. @returns whether there is one left */
  async function tidyUp(tx: Transaction, userId: UserId): Promise<boolean> {
    const factors = await store.visibleOf(userId, tx)
    if (factors.some(isUsable)) return true
    if (factors.length === 0) await store.removeAll(tx, userId)
    await users.setSecondFactor(tx, userId, false)
    return false
  }

  return { make }
}
