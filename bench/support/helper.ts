import { fork } from 'node:child_process'

/** Another script of the benchmark in a process of its own. */
export type Helper<Question, Answer> = {
  ask: (question: Question) => Promise<Answer>
  stop: () => void
}

type Reply<Answer> = { id: number; answer?: Answer; error?: string }

type Waiting<Answer> = { resolve: (answer: Answer) => void; reject: (reason: Error) => void }

/** Starts a script that calls `answerQuestions`; several questions may be open at once. */
export function startHelper<Question, Answer>(script: URL): Helper<Question, Answer> {
  const child = fork(script)
  const open = new Map<number, Waiting<Answer>>()
  let count = 0
  child.on('message', ({ id, answer, error }: Reply<Answer>) => {
    const asked = open.get(id)
    open.delete(id)
    if (answer !== undefined) asked?.resolve(answer)
    else asked?.reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of open.values()) reject(new Error(`${script.pathname} ended: ${code}`))
  })
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const id = count++
        open.set(id, { resolve, reject })
        child.send({ id, question })
      }),
    stop: () => void child.kill(),
  }
}

/** Lets this process answer what `ask` sends it. */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
): void {
  process.on('message', async ({ id, question }: { id: number; question: Question }) => {
    const reply = await answer(question).then(
      (done) => ({ id, answer: done }),
      (error: Error) => ({ id, error: error.message }),
    )
    process.send?.(reply)
  })
}
