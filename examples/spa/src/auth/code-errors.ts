import { LatchkeyError } from '@latchkey/client'
import { authTexts } from './texts/index.ts'
import { flash } from './ui/index.ts'

/** For the `explain` of a form with a code: how many more guesses there are. */
export function explainGuess({ problem: { attemptsLeft } }: LatchkeyError): string | undefined {
  return attemptsLeft === undefined ? undefined : authTexts.now().proof.wrong(attemptsLeft)
}

/** Whether a code, or a link, was used, guessed at too often, or is too old. */
export function isOver(error: unknown): boolean {
  return error instanceof LatchkeyError && error.code === 'challenge_over'
}

/** Runs it; if the code has expired, says so and begins again. @throws what it throws */
export async function orBeginAgain<Result>(
  work: Promise<Result>,
  begin: () => void,
): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (isOver(error)) {
      flash(authTexts.now().codeOver, 'bad')
      begin()
    }
    throw error
  }
}
