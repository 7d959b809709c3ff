import { ChallengeOver, InvalidCredentials } from '../../contract/errors.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import { Unavailable } from '../../platform/errors/table.ts'
import { networkOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import { type AnswerRequest, proofOf, requireFields } from './answer-request.ts'
import type { Challenge } from './challenge.ts'
import { type Attempt, decideAnswer } from './decide.ts'
import type { Answer, AnswerFields, Caller, Proved, Proven, Purpose } from './purpose.ts'
import { type ChallengeSeal, type OpenedChallenge, plainCode } from './seal.ts'
import type { ChallengeStore } from './store.ts'

/** How often an answer is decided again when other requests change the row meanwhile. */
const TURNS = 4

type GivenAnswer = Answer & { status: 200 | 201 }
export type Opened = { challenge: OpenedChallenge; purpose: Purpose }
/** A request with all that is known of it before the database is asked. */
type Admitted = Proved & Opened & { proof: string; attempt: Attempt }

type Dependencies = {
  db: Database
  clock: Clock
  audit: Audit
  rateLimits: Pick<RateLimits<'answers'>, 'consume'>
  seal: ChallengeSeal
  store: ChallengeStore
  /** @throws ChallengeOver for a forged, damaged or expired token, and one of no purpose here */
  requireOpened: (token: string) => Opened
}

/** Undoes the transaction of a proof that another request has used. */
class UsedElsewhere extends Error {}

/** Answers to challenges: one read, one decision, one claim, one transaction. */
export function createAnswering(dependencies: Dependencies) {
  const { db, clock, audit, rateLimits, seal, store, requireOpened } = dependencies

  /**
   * Answers a challenge. Of many right answers at once one has an effect, and those of the same
   * request get its response.
   * @throws ChallengeOver; InvalidCredentials for a wrong proof; ValidationFailed when something is
   *   missing; RateLimited; what the purpose throws, which uses nothing up
   */
  async function answer(request: AnswerRequest, caller: Caller): Promise<GivenAnswer> {
    await rateLimits.consume('answers', networkOf(caller.device.ip ?? ''))
    const admitted = admit(request, caller)
    for (let turn = 0; turn < TURNS; turn++) {
      const given = await tryAnswer(admitted)
      if (given) return given
    }
    throw Unavailable()
  }

  /** @throws CsrfRejected where the response may set a cookie that the caller must not ask for */
  function admit(request: AnswerRequest, caller: Caller): Admitted {
    const { challenge, purpose } = requireOpened(request.challenge)
    requireFields(request, challenge, purpose)
    if (challenge.transport === 'cookie') caller.requireAllowedOrigin()
    const { method } = request
    const proof = method === 'mail_code' ? plainCode(proofOf(request)) : proofOf(request)
    const fields = fieldsOf(request)
    const attempt = attemptOf(challenge, request, proof)
    return { challenge, purpose, method, proof, fields, caller, attempt }
  }

  /**
   * The first answer may have renewed the session, so a retry of it comes with an old token.
   * @throws ChallengeOver to everybody but the session that the challenge is bound to
   */
  async function requireCaller(
    { sessionId, userId }: Challenge,
    caller: Caller,
    isDone: boolean,
  ): Promise<void> {
    if (sessionId === null) return
    const signedIn = await (isDone ? caller.onceSignedIn() : caller.signedIn())
    const isBound = signedIn.sessionId === sessionId && signedIn.userId === userId
    if (!isBound) throw ChallengeOver()
  }

  function attemptOf(challenge: OpenedChallenge, request: AnswerRequest, proof: string): Attempt {
    const { method, newPassword = null, name = null, trustDevice = null, key } = request
    const { username = null } = request
    const whole = [key, method, proof, newPassword, name, trustDevice, username]
    return {
      tryHash: seal.hashOf(challenge, [method, proof]),
      keyHash: key === undefined ? null : seal.hashOf(challenge, whole),
    }
  }

  /**
   * @returns undefined when another request changed the row meanwhile, so that it must be read
   *   again
   */
  async function tryAnswer(admitted: Admitted): Promise<GivenAnswer | undefined> {
    const { challenge, attempt, caller } = admitted
    const facts = await store.read(challenge)
    const { row } = facts
    const decision = decideAnswer(challenge, facts, attempt, clock())
    await requireCaller(challenge, caller, decision === 'over' || decision === 'replay')
    if (decision === 'over') throw ChallengeOver()
    if (decision === 'replay') return give(admitted, row?.outcome ?? null)
    if (!(await store.claim(challenge, attempt, row !== undefined))) return undefined
    return compare(admitted, decision === 'stale')
  }

  async function compare(admitted: Admitted, isStale: boolean): Promise<GivenAnswer | undefined> {
    const proven = await check(admitted)
    if (!proven) return refuseUnlessUsed(admitted)
    if (isStale) throw ChallengeOver()
    const done = await takeEffect({ ...admitted, proven })
    return done && give(admitted, done.outcome)
  }

  async function check(admitted: Admitted): Promise<Proven | undefined> {
    const { challenge, purpose, method, proof, caller } = admitted
    if (method === 'mail_code') {
      return seal.isMailedCode(challenge, proof) ? { amr: ['otp'] } : undefined
    }
    const nonce = () => seal.nonceOf(challenge.id, challenge.secret)
    return purpose.proofs?.[method]?.({ proof, challenge, caller, nonce })
  }

  /**
   * Refuses a wrong proof. It may have been right, and used by the same answer at the same time:
   * that one is answered again. @throws InvalidCredentials with the number of guesses that are left
   */
  async function refuseUnlessUsed(admitted: Admitted): Promise<undefined> {
    const { row } = await store.read(admitted.challenge)
    return row?.usedAt ? undefined : refuse(admitted)
  }

  async function refuse(admitted: Admitted): Promise<never> {
    const { challenge, caller } = admitted
    const { id, userId, sessionId, purpose: detail } = challenge
    const { device } = caller
    audit.record({ type: 'challenge_failed', userId, sessionId, device, detail })
    const attemptsLeft = await store.attemptsLeft(id)
    throw InvalidCredentials({
      detail: ({ details }) => details.wrongProof,
      members: { attemptsLeft },
    })
  }

  /** @returns undefined when another request has used the challenge meanwhile */
  async function takeEffect(
    admitted: Admitted & { proven: Proven },
  ): Promise<{ outcome: string | null } | undefined> {
    const { challenge, purpose, attempt, proven } = admitted
    const work = await purpose.effect(admitted)
    const done = await inTransaction(db, async (tx) => {
      if (!(await store.use(tx, challenge, attempt, new Date(clock())))) return undefined
      const result = await work(tx)
      if (proven.spend && !(await proven.spend(tx))) throw new UsedElsewhere()
      if (result.outcome !== undefined) await store.keepOutcome(tx, challenge, result.outcome)
      return result
    }).catch((error) => (error instanceof UsedElsewhere ? refuse(admitted) : Promise.reject(error)))
    await done?.afterCommit?.()
    return done && { outcome: done.outcome ?? null }
  }

  async function give(admitted: Admitted, outcome: string | null): Promise<GivenAnswer> {
    const { purpose } = admitted
    return { ...(await purpose.answer(admitted, outcome)), status: purpose.response.status }
  }

  return answer
}

function fieldsOf({ newPassword, name, trustDevice, username }: AnswerRequest): AnswerFields {
  return {
    ...(newPassword === undefined ? {} : { newPassword }),
    ...(name === undefined ? {} : { name }),
    ...(trustDevice === undefined ? {} : { trustDevice }),
    ...(username === undefined ? {} : { username }),
  }
}
