import type { Serializable } from 'node:child_process'

/** What the other process may call. */
export type Procedures = Record<string, (payload: never) => unknown>

export type Channel = {
  send?: (message: Serializable, sent: (error: Error | null) => void) => unknown
  connected?: boolean | undefined
  on: (event: 'message', listener: (message: unknown) => void) => unknown
}

export type Call = (name: string, payload?: Serializable) => Promise<unknown>

type Request = { asks: string; id: number; payload?: never }
type Reply = { answers: number; answer?: unknown }

const CALL_TIMEOUT_MS = 1000
/** Messages in flight at most; more are not sent. */
const MAX_UNSENT = 1000

/**
 * Calls over an IPC channel. Waits once for a side that hangs; until it sends something, calls do
 * not wait. @returns undefined when the other side does not answer in time, or is gone
 */
export function createRpc(
  channel: Channel,
  procedures: Procedures,
  timeoutMs = CALL_TIMEOUT_MS,
): Call {
  const waiting = new Map<number, (answer?: unknown) => void>()
  let last = 0
  let unsent = 0
  let isHanging = false

  function send(message: Request | Reply): boolean {
    if (!channel.send || channel.connected === false || unsent >= MAX_UNSENT) return false
    unsent += 1
    channel.send(message, () => {
      unsent -= 1
    })
    return true
  }

  async function reply({ asks, id, payload }: Request): Promise<void> {
    send({ answers: id, answer: await answerOf(asks, payload as never) })
  }

  /** A procedure that fails does not answer. */
  async function answerOf(asks: string, payload: never): Promise<unknown> {
    try {
      return await procedures[asks]?.(payload)
    } catch {
      return undefined
    }
  }

  channel.on('message', (message) => {
    isHanging = false
    if (isReply(message)) waiting.get(message.answers)?.(message.answer)
    else if (isRequest(message)) void reply(message)
  })

  return async (name, payload) => {
    last += 1
    const id = last
    const isSent = send({ asks: name, id, payload: payload as never })
    return isSent && !isHanging ? answerTo(id) : undefined
  }

  function answerTo(id: number): Promise<unknown> {
    return new Promise((resolve) => {
      const settle = (answer?: unknown) => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(answer)
      }
      const timer = setTimeout(() => {
        isHanging = true
        settle()
      }, timeoutMs)
      waiting.set(id, settle)
    })
  }
}

function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'answers' in message
}

function isRequest(message: unknown): message is Request {
  return typeof message === 'object' && message !== null && 'asks' in message
}
