import { startHelper } from '../support/helper.ts'
import type { AnswerTo, Message, Question } from './questions.ts'

/** Puts a load on one server. */
export type Load = { ask: <Q extends Question>(question: Q) => Promise<AnswerTo<Q>> }

/** The process that puts loads on servers, one by one or on several at once. */
export type LoadProcess = {
  /** @param name the target whose requests are sent */
  on: (name: string, port: number) => Load
  stop: () => void
}

export function startLoadProcess(): LoadProcess {
  const { ask, stop } = startHelper<Message, never>(new URL('./process.ts', import.meta.url))
  const on = (name: string, port: number): Load => ({
    ask: (question) => ask({ name, port, question }),
  })
  return { on, stop }
}
