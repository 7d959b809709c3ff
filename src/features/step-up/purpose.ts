import { amrOf } from '../../contract/authentication.ts'
import { ChallengeOver } from '../../contract/errors.ts'
import { SessionBody } from '../../contract/session.ts'
import type { Texts } from '../../languages/en/texts.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { GivenProof, Proved, Proven, Purpose } from '../challenges/purpose.ts'
import type { FactorProofs } from '../factors/proofs.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import type { SignInTime } from '../users/sign-in-time.ts'

const LIFE_MS = 10 * 60_000

type Dependencies = {
  proofs: FactorProofs
  credentials: Pick<Credentials, 'tryConfirm'>
  sessions: Pick<Sessions, 'renewIn' | 'reissue'>
  signInTime: SignInTime
  audit: Pick<Audit, 'record'>
  clock: Clock
}

/** `step_up`: the session continues with new tokens, which say that its user was there just now. */
export function stepUpPurpose(dependencies: Dependencies): Purpose {
  const { proofs, credentials, sessions, signInTime, audit, clock } = dependencies

  /** @throws RateLimited, Overloaded */
  async function password({ proof, challenge, caller }: GivenProof): Promise<Proven | undefined> {
    const { userId, sessionId } = challenge
    if (userId === null || sessionId === null) return undefined
    const confirmation = { userId, sessionId, password: proof, device: caller.device }
    return (await credentials.tryConfirm(confirmation)) && { amr: ['pwd'] }
  }

  async function effect({ challenge, caller, method, proven }: Proved & { proven: Proven }) {
    const { userId, sessionId, credentialVersion } = challenge
    if (userId === null || sessionId === null) throw ChallengeOver()
    if (typeof credentialVersion !== 'number') throw ChallengeOver()
    const { device } = caller
    // A password alone does not show the second factor of an earlier day once more.
    const amrAfter = (amr: string) =>
      method === 'password' ? amrOf([], proven.amr) : amrOf(amr.split(' '), proven.amr)
    const at = new Date(clock())
    return async (tx: Transaction) => {
      const count = await tx.$executeRaw(signInTime({ userId, credentialVersion, at }))
      if (count === 0) throw ChallengeOver()
      const refuse = await sessions.renewIn(tx, userId, sessionId, device, amrAfter)
      return {
        outcome: sessionId,
        async afterCommit() {
          audit.record({ type: 'stepped_up', userId, sessionId, device, detail: method })
          await refuse()
        },
      }
    }
  }

  async function answer({ challenge: { userId } }: Proved, outcome: string | null) {
    const id = outcome as SessionId | null
    const issued = id === null ? undefined : await sessions.reissue(userId, id)
    if (!issued) throw ChallengeOver()
    return { issued, message: ({ messages }: Texts) => messages.thankYou(issued.user.username) }
  }

  return {
    methods: [...(Object.keys(proofs) as (keyof FactorProofs)[]), 'password'],
    lifeMs: LIFE_MS,
    proofs: { ...proofs, password },
    effect,
    answer,
    errors: ['rate_limited'],
    response: {
      status: 200,
      schema: SessionBody,
      description: 'For `step_up`: the session, with new tokens; its older ones are dead.',
    },
  }
}
