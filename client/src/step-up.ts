import type { Challenge, Proof } from './challenge.ts'
import { LatchkeyError, type Problem } from './problem.ts'
import { randomKey } from './random-key.ts'
import type { Session } from './session.ts'
import type { User } from './session-body.ts'

/**
 * Has a challenge answered; undefined if the user does not want to.
 * @param problem why: after a wrong answer it is that error, with `attemptsLeft`
 */
export type OnStepUp = (
  challenge: Challenge,
  problem: Problem,
) => Proof | undefined | Promise<Proof | undefined>

/** The user whom the answer has signed in; true if the request is to be repeated. */
type Outcome = User | boolean

/** How often one request may ask. */
export const ROUNDS = 3
/** Guesses that a challenge allows. */
const GUESSES = 5
/** Another proof may be right, or another method. */
const CORRECTABLE: string[] = ['invalid_credentials', 'validation_failed', 'rate_limited']

export type StepUp = ReturnType<typeof createStepUp>

/** Asks for the proof that the server wants before a step, and repeats the step. */
export function createStepUp(session: Session, onStepUp: OnStepUp = () => undefined) {
  let asking: Promise<Outcome> | undefined

  /** @param token of the refused request, which is repeated at once if there is a newer one */
  async function solve(problem: Problem, token?: string): Promise<Outcome> {
    const { action, challenge } = problem
    if (action !== 'step_up' || !challenge) return false
    if (challenge.purpose === 'sign_in') return ask(challenge, problem)
    const before = session.current()
    if (before?.accessToken !== token) return true
    // One question for all calls that need the answer.
    asking ??= ask(challenge, problem).finally(() => {
      asking = undefined
    })
    const outcome = await asking
    // What one user began, another must not finish.
    return outcome && session.current()?.id === before?.id
  }

  async function ask(challenge: Challenge, problem: Problem, guesses = GUESSES): Promise<Outcome> {
    const proof = await onStepUp(challenge, problem)
    if (!proof) return false
    return answer(challenge, proof).catch((error) => {
      if (!(error instanceof LatchkeyError)) throw error
      return askAgain(challenge, error, guesses - 1)
    })
  }

  /** @throws the error, if another proof cannot be right */
  function askAgain(challenge: Challenge, error: LatchkeyError, guesses: number) {
    if (error.code === 'challenge_over') return true
    // A mailed code came first, and a factor comes second.
    if (error.challenge) return ask(error.challenge, error.problem)
    if (guesses === 0 || !CORRECTABLE.includes(error.code)) throw error
    return ask(challenge, error.problem, guesses)
  }

  async function answer({ token, purpose }: Challenge, proof: Proof): Promise<Outcome> {
    const body = { ...proof, challenge: token }
    if (purpose === 'sign_in') return session.open('/challenges/answer', body, randomKey())
    await session.prove(body, randomKey())
    return true
  }

  /** Does what may need a proof. @throws what it throws, if the user gives none */
  async function around<T>(work: () => Promise<T>, rounds = ROUNDS): Promise<T | User> {
    const token = session.current()?.accessToken
    return work().catch(async (error) => {
      const mayAsk = rounds > 0 && error instanceof LatchkeyError
      const outcome = mayAsk && (await solve(error.problem, token))
      if (!outcome) throw error
      return outcome === true ? around(work, rounds - 1) : outcome
    })
  }

  return { solve, around }
}
