import { ChallengeOver } from '../../contract/errors.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Answer, Caller, Proved, Work } from '../challenges/purpose.ts'
import type { IdentityStore } from '../identities/store.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Notices } from '../mail/notices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { ChallengeSignIn } from '../sign-in/challenge-sign-in.ts'
import type { SignInCodes } from '../sign-in/sign-in-codes.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import type { Arrivals } from './arrivals.ts'
import { personIn } from './person.ts'

/** `amr` of a sign-in that another party has checked. */
const FEDERATED = 'fed'

export type ProviderSignIn = ReturnType<typeof createProviderSignIn>
type Dependencies = {
  arrivals: Arrivals
  users: Pick<Users, 'findOpen'>
  identityStore: Pick<IdentityStore, 'find'>
  sessions: Pick<Sessions, 'openIn'>
  challengeSignIn: Pick<ChallengeSignIn, 'asksFactor' | 'requireFactor' | 'answer'>
  signInCodes: Pick<SignInCodes, 'requireVerified'>
  knownDevices: Pick<KnownDevices, 'recognize'>
  notices: Pick<Notices, 'add'>
}

/** Opens sessions for persons whom a provider has signed in. */
export function createProviderSignIn(dependencies: Dependencies) {
  const { arrivals, users, identityStore, sessions, challengeSignIn } = dependencies
  const { signInCodes, knownDevices, notices } = dependencies

  /**
   * A second factor is asked for behind the provider. What the address decides is committed before
   * that: the owner of the account is told, and next time the identity is known.
   */
  async function open(proved: Proved): Promise<Work> {
    const { caller } = proved
    const { user, isKnown, isNew, write } = await arrivals.of(proved)
    const asked = askedOf(proved)
    if (isKnown) {
      await challengeSignIn.requireFactor(user, asked, caller.deviceCookie)
      await signInCodes.requireVerified(user, asked)
    }
    const asksFactor = challengeSignIn.asksFactor(user, asked, caller.deviceCookie)
    const { transport, device, proved: amr } = asked
    const start = { transport, device, amr: amr.join(' ') }
    const at = isNew ? user.createdAt : undefined
    return async (tx) => {
      const arrived = await write(tx)
      if (asksFactor) return { afterCommit: arrived.afterCommit }
      const opened = await sessions.openIn(tx, arrived.user, start, sql`1 = 1`, at)
      if (!opened) throw ChallengeOver()
      return {
        outcome: opened.id,
        async afterCommit() {
          await arrived.afterCommit()
          if (isKnown) noticeDevice(user, caller)
          await opened.afterCommit()
        },
      }
    }
  }

  function noticeDevice(user: User, { device, deviceCookie }: Caller): void {
    if (knownDevices.recognize(deviceCookie, user) !== undefined) return
    notices.add({ kind: 'new_device', userId: user.id, device })
  }

  /** @throws SecondFactorRequired where the person got an account that asks for one */
  async function answer(proved: Proved, outcome: string | null): Promise<Answer> {
    if (outcome === null) return askForFactor(proved)
    const given = await challengeSignIn.answer(withTrust(proved), outcome)
    if (!('issued' in given)) return given
    const { user, session } = given.issued
    // Only the first session is as old as its account.
    const isNew = session.authTime.getTime() === user.createdAt.getTime()
    return isNew ? { ...given, isNew, message: `Welcome, ${user.username}!` } : given
  }

  async function askForFactor(proved: Proved): Promise<never> {
    const identity = await identityStore.find(personIn(proved.challenge))
    const user = identity && (await users.findOpen(identity.userId))
    if (user) await challengeSignIn.requireFactor(user, askedOf(proved))
    throw ChallengeOver()
  }

  return { open, answer }
}

/**
 * A device is trusted for a second factor that was shown now: otherwise one that is trusted would
 * prolong that by itself. Where a factor is asked for, the answer to that makes the device trusted.
 */
function withTrust(proved: Proved): Proved {
  const { trustDevice = false, ...fields } = proved.fields
  const isShown = personIn(proved.challenge).hasSecondFactor
  return { ...proved, fields: { ...fields, trustDevice: trustDevice && isShown } }
}

function askedOf({ challenge, caller: { device } }: Proved) {
  const { hasSecondFactor } = personIn(challenge)
  const proved = [FEDERATED, ...(hasSecondFactor ? ['mfa'] : [])]
  return { transport: challenge.transport ?? ('body' as const), device, proved }
}
