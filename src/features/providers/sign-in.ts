import { ChallengeOver } from '../../contract/errors.ts'
import type { Texts } from '../../languages/en/texts.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Answer, Caller, Proved, Proven, Work } from '../challenges/purpose.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Notices } from '../mail/notices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { ChallengeSignIn } from '../sign-in/challenge-sign-in.ts'
import type { SignInCodes } from '../sign-in/sign-in-codes.ts'
import type { User } from '../users/user.ts'
import type { Arrivals } from './arrivals.ts'
import { personIn } from './person.ts'

/** The purpose of the second factor behind a provider. */
export const PROVIDER_FACTOR = 'provider_factor'
/** `amr` of a sign-in that another party has checked. */
const FEDERATED = 'fed'

export type ProviderSignIn = ReturnType<typeof createProviderSignIn>
type Dependencies = {
  arrivals: Arrivals
  sessions: Pick<Sessions, 'openIn'>
  challengeSignIn: Pick<ChallengeSignIn, 'proofs' | 'requireFactor' | 'open' | 'answer'>
  signInCodes: Pick<SignInCodes, 'requireVerified'>
  knownDevices: Pick<KnownDevices, 'recognize'>
  notices: Pick<Notices, 'add'>
}

/** Opens sessions for persons whom a provider has signed in. */
export function createProviderSignIn(dependencies: Dependencies) {
  const { arrivals, sessions, challengeSignIn, signInCodes, knownDevices, notices } = dependencies

  /** A second factor is asked for behind the provider, and before the account is linked to it. */
  async function open(proved: Proved): Promise<Work> {
    const { challenge, caller } = proved
    const { user, isKnown, isNew, write } = await arrivals.of(proved)
    const asked = askedOf(proved)
    const factor = { purpose: PROVIDER_FACTOR, data: challenge.data ?? undefined }
    await challengeSignIn.requireFactor(user, { ...asked, ...factor }, caller.deviceCookie)
    if (isKnown) await signInCodes.requireVerified(user, asked)
    const { transport, device, proved: amr } = asked
    const start = { transport, device, amr: amr.join(' ') }
    const at = isNew ? user.createdAt : undefined
    return async (tx) => {
      const arrived = await write(tx)
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

  /** The factor is shown: now the provider signs in to the account next time, too. */
  async function openBehindFactor(proved: Proved & { proven: Proven }): Promise<Work> {
    const open = await challengeSignIn.open(proved)
    const { write } = await arrivals.behindFactor(proved)
    return async (tx) => {
      const opened = await open(tx)
      const arrived = await write(tx)
      return {
        ...opened,
        async afterCommit() {
          await arrived.afterCommit()
          await opened.afterCommit?.()
        },
      }
    }
  }

  function noticeDevice(user: User, { device, deviceCookie }: Caller): void {
    if (knownDevices.recognize(deviceCookie, user) !== undefined) return
    notices.add({ kind: 'new_device', userId: user.id, device })
  }

  async function answer(proved: Proved, outcome: string | null): Promise<Answer> {
    const given = await challengeSignIn.answer(withTrust(proved), outcome)
    if (!('issued' in given)) return given
    const { user, session } = given.issued
    // Only the first session is as old as its account.
    const isNew = session.authTime.getTime() === user.createdAt.getTime()
    return isNew
      ? { ...given, isNew, message: ({ messages }: Texts) => messages.welcome(user.username) }
      : given
  }

  const { proofs, answer: answerFactor } = challengeSignIn
  return { proofs, open, answer, openBehindFactor, answerFactor }
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
