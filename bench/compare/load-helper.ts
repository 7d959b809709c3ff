import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AnswerTo, Question } from './load-questions.ts'

/** The process that puts a load on one server. It answers one question at a time. */
export type Load = {
  ask: <Q extends Question>(question: Q) => Promise<AnswerTo<Q>>
  stop: () => void
}

/** Starts it. @param name the contender whose requests it sends @param port where the server listens */
export function startLoad(name: string, port: number): Load {
  const script = fileURLToPath(new URL('load-process.ts', import.meta.url))
  const child = fork(script, [name, `${port}`])
  let waiting: Waiting | undefined
  child.on('message', (answer) => waiting?.resolve(answer))
  child.on('exit', (code) => waiting?.reject(new Error(`the load on ${name} ended with ${code}`)))
  const ask = (question: Question) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      child.send(question)
    })
  return { ask: ask as Load['ask'], stop: () => void child.kill() }
}

type Waiting = { resolve: (answer: unknown) => void; reject: (error: Error) => void }
