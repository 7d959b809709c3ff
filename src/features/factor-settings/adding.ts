import { ChallengeOver, LimitReached } from '../../contract/errors.ts'
import type { NewFactor } from '../../contract/factor.ts'
import { isUniqueViolation, type Transaction } from '../../platform/database/database.ts'
import type { SessionId } from '../../platform/ids.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Answer, Caller, Proved, Proven, Purpose, Work } from '../challenges/purpose.ts'
import type { Email } from '../email/service.ts'
import type { Factor } from '../factors/factor.ts'
import type { RecoveryCodes } from '../factors/recovery-codes.ts'
import type { FactorStore } from '../factors/store.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { StepUp } from '../step-up/guard.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import { factorView } from './factor-view.ts'
import { AddedFactor } from './schemas.ts'

const LIFE_MS = 10 * 60_000
const MOST = { totp: 1, passkey: 20 }
type Addable = keyof typeof MOST

/** Somebody who may add a factor. */
type Owner = { user: User; sessionId: SessionId; factors: Factor[] }

/** What is special to a kind of factor. */
type Special = {
  kind: Addable
  /** False where the server takes none: it is 404 then. */
  isOn?: boolean
  begin: (owner: Owner, caller: Caller) => ReturnType<NonNullable<Purpose['start']>['begin']>
  /** Proves that the owner has it, and returns it as `factor`. */
  proofs: NonNullable<Purpose['proofs']>
  description: string
}

export type Adding = ReturnType<typeof createAdding>
type Dependencies = {
  users: Pick<Users, 'findOpen' | 'requireOpen' | 'changeFactors' | 'holdFactors'>
  sessions: Pick<Sessions, 'endAllIn' | 'holdIn'>
  stepUp: Pick<StepUp, 'requireRecent'>
  email: Pick<Email, 'requireReader'>
  store: Pick<FactorStore, 'visibleOf' | 'insert'>
  recoveryCodes: Pick<RecoveryCodes, 'prepare' | 'replace' | 'reshow'>
  knownDevices: Pick<KnownDevices, 'recognize' | 'remember'>
  mail: Pick<Mail, 'queue'>
  audit: Pick<Audit, 'record'>
  isUsable: (factor: Factor) => boolean
}

/** What `add_totp` and `add_passkey` have in common. No factor is stored before it is proved. */
export function createAdding(dependencies: Dependencies) {
  const { users, sessions, stepUp, email, store, recoveryCodes } = dependencies
  const { knownDevices, mail, audit, isUsable } = dependencies

  /** @throws StepUpRequired, also for an address that is not verified; LimitReached */
  async function requireOwner(kind: Addable, caller: Caller): Promise<Owner> {
    const standing = { ...(await caller.signedIn()), device: caller.device }
    const user = await stepUp.requireRecent(standing)
    await email.requireReader(user, caller)
    const factors = await store.visibleOf(user.id)
    requireRoom(kind, factors)
    return { user, sessionId: standing.sessionId, factors }
  }

  async function effect(proved: Proved & { proven: Proven }): Promise<Work> {
    const { challenge, fields, caller, proven } = proved
    const { device } = caller
    const user = await userOf(challenge)
    const { id: userId, email: address } = user
    const factor = { ...requireFactor(proven), name: fields.name ?? null }
    const hasNone = (await store.visibleOf(userId)).length === 0
    const asker = askerOf(device, 'owner', userId)
    const codes = hasNone ? await recoveryCodes.prepare(challenge.id, asker) : undefined
    return async (tx) => {
      const endOthers = await change(tx, user, challenge, factor)
      const others = await store.visibleOf(userId, tx)
      requireRoom(kindOf(factor), others)
      const outcome = await store.insert(tx, userId, factor).catch(throwOver)
      if (codes && others.length === 0) await recoveryCodes.replace(tx, userId, codes)
      await mail.queue(tx, { kind: 'factor_added', address, userId, device })
      return {
        outcome,
        async afterCommit() {
          await endOthers()
          const { sessionId } = challenge
          const entry = { userId, sessionId, device, detail: factor.kind }
          audit.record({ type: 'factor_added', ...entry })
        },
      }
    }
  }

  /**
   * Comes first in the transaction. An app is asked for from now on, so the other sessions end; a
   * passkey is a convenience, and changes nothing for them.
   */
  async function change(tx: Transaction, user: User, challenge: Challenge, factor: NewFactor) {
    const isAsked = factor.kind === 'totp'
    const isSame = isAsked
      ? await users.changeFactors(tx, user, { secondFactor: true })
      : await users.holdFactors(tx, user)
    const { sessionId } = challenge
    const isLive = isSame && sessionId !== null && (await sessions.holdIn(tx, user.id, sessionId))
    if (!isLive) throw ChallengeOver()
    if (!isAsked) return async () => undefined
    return sessions.endAllIn(tx, { userId: user.id, except: sessionId }, 'factors_changed')
  }

  /** @throws ChallengeOver where the account has changed since */
  async function userOf({ userId, credentialVersion }: Challenge): Promise<User> {
    const user = userId === null ? undefined : await users.findOpen(userId)
    if (user?.credentialVersion !== credentialVersion || !user) throw ChallengeOver()
    return user
  }

  /** With the first factor the recovery codes, also when the answer was lost. */
  async function answer({ challenge, caller }: Proved, outcome: string | null): Promise<Answer> {
    const user = await users.requireOpen(requireId(challenge))
    const factor = (await store.visibleOf(user.id)).find(({ id }) => id === outcome)
    if (!factor) throw ChallengeOver()
    const shown = await recoveryCodes.reshow(user.id, challenge.id)
    const codes = shown ? { recoveryCodes: shown.codes } : {}
    const { deviceCookie: cookie } = caller
    const deviceCookie = knownDevices.remember(cookie, user, knownDevices.recognize(cookie, user))
    return { body: { ...factorView(factor, isUsable), ...codes }, deviceCookie }
  }

  /** A purpose that adds a kind of factor. */
  function purposeOf({ kind, isOn = true, begin, proofs, description }: Special): Purpose {
    return {
      methods: [kind],
      lifeMs: LIFE_MS,
      start: {
        isOn,
        takes: {},
        begin: async (_fields, caller) => begin(await requireOwner(kind, caller), caller),
        errors: ['step_up_required', 'limit_reached'],
      },
      takes: { name: 'optional' },
      ...{ proofs, effect, answer },
      errors: ['limit_reached'],
      response: { status: 201, schema: AddedFactor, description },
    }
  }

  return { purposeOf }
}

/** @throws LimitReached */
function requireRoom(kind: Addable, factors: readonly Factor[]): void {
  if (factors.filter((factor) => factor.kind === kind).length < MOST[kind]) return
  throw LimitReached({
    detail: ({ details }) =>
      kind === 'totp' ? details.totpFull : details.passkeysFull(MOST.passkey),
  })
}

function requireFactor({ factor }: Proven): NewFactor {
  if (!factor) throw new Error('The proof of a new factor has not returned it')
  return factor
}

function kindOf({ kind }: NewFactor): Addable {
  return kind === 'passkey' ? kind : 'totp'
}

function requireId({ userId }: Challenge) {
  if (userId === null) throw ChallengeOver()
  return userId
}

/** Somebody has added the same one meanwhile. */
function throwOver(cause: unknown): never {
  throw isUniqueViolation(cause) ? ChallengeOver({ cause }) : cause
}
