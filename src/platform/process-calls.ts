import type { Serializable } from 'node:child_process'

/** What another process may ask, by name, and what answers it. */
export type Handlers = Record<string, (payload: never) => unknown>

/** The part of a channel between two processes that calls need; both ends have it. */
export type Channel = {
  send?: (message: Serializable) => unknown
  connected?: boolean | undefined
  on: (event: 'message', listener: (message: unknown) => void) => unknown
}

export type Ask = (name: string, payload?: Serializable) => Promise<unknown>

type Question = { asks: string; id: number; payload?: never }
type Reply = { answers: number; answer?: unknown }

/** Whoever is slower has other troubles; in milliseconds. */
const LONGEST_WAIT = 1000

/**
 * Questions and answers over the channel between a process and its child. Messages stay in their order.
 * @param handlers what the other side may ask; they may be added to
 * @returns how to ask the other side; undefined when it does not answer within a second, or is gone
 */
export function answerCalls(channel: Channel, handlers: Handlers): Ask {
  const waiting = new Map<number, (answer?: unknown) => void>()
  let last = 0

  function send(message: Question | Reply): void {
    if (channel.connected !== false) channel.send?.(message)
  }

  async function reply({ asks, id, payload }: Question): Promise<void> {
    send({ answers: id, answer: await handlers[asks]?.(payload as never) })
  }

  channel.on('message', (message) => {
    if (isReply(message)) waiting.get(message.answers)?.(message.answer)
    else if (isQuestion(message)) void reply(message)
  })

  return (name, payload) =>
    new Promise((resolve) => {
      last += 1
      const id = last
      const settle = (answer?: unknown) => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(answer)
      }
      const timer = setTimeout(settle, LONGEST_WAIT)
      waiting.set(id, settle)
      send({ asks: name, id, payload: payload as never })
    })
}

function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'answers' in message
}

function isQuestion(message: unknown): message is Question {
  return typeof message === 'object' && message !== null && 'asks' in message
}
