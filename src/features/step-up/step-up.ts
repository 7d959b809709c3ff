import type { Acr } from '../../contract/authentication.ts'
import type { Method } from '../../contract/challenge.ts'
import { SecondFactorMissing, StepUpRequired } from '../../contract/errors.ts'
import type { Text } from '../../languages/text.ts'
import { type Clock, epochSeconds } from '../../platform/clock.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import type { SecondFactor } from '../factors/second-factor.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

export const STEP_UP = 'step_up'

/** Of an account without a password, a passkey or an app. */
const SIGN_IN_AGAIN: Text = ({ details }) => details.signInAgain

/** Who asks for a sensitive step, and how he was last known. */
export type Standing = {
  userId: UserId
  sessionId: SessionId
  /** Seconds since 1970. */
  authTime: number
  acr: Acr
  device: Device
}

export type StepUpService = ReturnType<typeof createStepUp>
type Dependencies = {
  users: Pick<Users, 'requireOpen'>
  sessions: Pick<Sessions, 'transportOf'>
  secondFactor: Pick<SecondFactor, 'ask'>
  clock: Clock
  /** The oldest proof that is recent. */
  maxAgeSeconds: number
}

/** Asks for a recent proof of identity before a sensitive step (RFC 9470). */
export function createStepUp(dependencies: Dependencies) {
  const { users, sessions, secondFactor, clock, maxAgeSeconds } = dependencies

  /**
   * Lets a recent proof pass; of an account with a second factor it must have shown that, too.
   * @throws StepUpRequired with a challenge, SessionEnded
   */
  async function requireRecent(standing: Standing): Promise<User> {
    const user = await users.requireOpen(standing.userId)
    const { secondFactor: needsTwo } = user
    return isEnough(standing, needsTwo) ? user : refuse(user, standing, needsTwo)
  }

  /**
   * Lets an account with a second factor pass only with both, and recently; one without passes:
   * its password is asked for anyway. @throws StepUpRequired, SessionEnded
   */
  async function requireBothOfTwo(standing: Standing): Promise<void> {
    const user = await users.requireOpen(standing.userId)
    if (user.secondFactor && !isEnough(standing, true)) await refuse(user, standing, true)
  }

  /** @throws StepUpRequired, or SecondFactorMissing for an account that has none */
  async function requireTwoFactors(standing: Standing): Promise<void> {
    if (isEnough(standing, true)) return
    await refuse(await users.requireOpen(standing.userId), standing, true)
  }

  async function refuse(user: User, standing: Standing, needsTwo: boolean): Promise<never> {
    const { sessionId, device } = standing
    const others: Method[] = needsTwo || user.passwordHash === null ? [] : ['password']
    const transport = await sessions.transportOf(user.id, sessionId)
    const asked = { purpose: STEP_UP, account: user, sessionId, transport, device }
    const challenge = await secondFactor.ask(asked, others)
    if (needsTwo && challenge.methods.length === 0) throw SecondFactorMissing()
    const strength = needsTwo ? ['acr_values="aal2"'] : []
    throw StepUpRequired({
      ...(challenge.methods.length === 0 ? { detail: SIGN_IN_AGAIN } : {}),
      members: { challenge },
      authenticate: [`max_age=${maxAgeSeconds}`, ...strength],
    })
  }

  function isEnough({ authTime, acr }: Standing, needsTwo: boolean): boolean {
    const isRecent = epochSeconds(clock()) - authTime <= maxAgeSeconds
    return isRecent && (!needsTwo || acr === 'aal2')
  }

  return { requireRecent, requireTwoFactors, requireBothOfTwo }
}
