import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Helper<Question, Answer> = {
  ask: (question: Question) => Promise<Answer>
  stop: () => void
}

/**
 * Another script of the bench in a process of its own, so that it neither waits for this one nor
 * makes it wait. `answerQuestions` is the other end.
 */
export function startHelper<Question extends object, Answer>(
  script: string,
  args: string[],
): Helper<Question, Answer> {
  const child: ChildProcess = fork(fileURLToPath(new URL(script, import.meta.url)), args)
  return {
    ask: async (question) => {
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`${script} ended with ${code}`)
      })
      child.send(question)
      const [answer] = await Promise.race([once(child, 'message'), ended])
      return answer as Answer
    },
    stop: () => void child.kill(),
  }
}

/** Lets this process answer what `ask` sends it. */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
): void {
  process.on('message', async (question) => {
    process.send?.(await answer(question as Question))
  })
}
