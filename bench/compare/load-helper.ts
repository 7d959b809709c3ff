import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AnswerTo, Message, Question, Reply } from './load-questions.ts'

/** Puts a load on one server. */
export type Load = {
  ask: <Q extends Question>(question: Q) => Promise<AnswerTo<Q>>
}

/** The process that puts a load on servers, one by one or on several at once. */
export type LoadProcess = {
  /** @param name the contender whose requests are sent @param port where its server listens */
  on: (name: string, port: number) => Load
  stop: () => void
}

/** Starts it. */
export function startLoadProcess(): LoadProcess {
  const child = fork(fileURLToPath(new URL('load-process.ts', import.meta.url)))
  const waiting = new Map<
    number,
    { resolve: (answer: never) => void; reject: (e: Error) => void }
  >()
  let count = 0
  child.on('message', ({ id, answer, error }: Reply) => {
    const asker = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asker?.resolve(answer as never)
    else asker?.reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the load ended with ${code}`))
  })
  function on(name: string, port: number): Load {
    return {
      ask: (question) =>
        new Promise((resolve, reject) => {
          const message: Message = { id: count++, name, port, question }
          waiting.set(message.id, { resolve, reject })
          child.send(message)
        }),
    }
  }
  return { on, stop: () => void child.kill() }
}
