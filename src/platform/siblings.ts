import type { Serializable } from 'node:child_process'
import cluster from 'node:cluster'
import type { SharedCounters } from './budgets-redis.ts'
import { askForCounts } from './budgets-workers.ts'
import { answerCalls, type Handlers } from './process-calls.ts'

export type Siblings = ReturnType<typeof meetSiblings>

/** What a terminal or a service manager sends to every process of a group. */
const GROUP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/**
 * For a worker: its way to the other workers of the same server, through the process that started
 * all of them. That process alone hears signals, so that each worker is told once to stop.
 */
export function meetSiblings() {
  const handlers: Handlers = {}
  const ask = answerCalls(process, handlers)
  for (const signal of GROUP_SIGNALS) process.on(signal, () => undefined)

  /** Says what answers a sibling's question, or the word to stop. */
  function answer(name: 'revoked' | 'figures' | 'stop', handler: Handlers[string]): void {
    handlers[name] = handler
  }

  /** Asks all siblings. @returns their answers, once all have answered or a second is over */
  async function gather(name: 'revoked' | 'figures', payload: Serializable = []) {
    const answers = await ask('gather', { name, payload })
    return (answers ?? []) as unknown[]
  }

  return {
    isFirst: cluster.worker?.id === 1,
    leftToStarter: GROUP_SIGNALS,
    counters: askForCounts(ask) satisfies SharedCounters,
    answer,
    gather,
  }
}
