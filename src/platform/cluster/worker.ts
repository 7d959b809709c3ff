import type { Serializable } from 'node:child_process'
import cluster from 'node:cluster'
import type { RateLimitTable } from '../rate-limits/rate-limits.ts'
import { askForCounts } from '../rate-limits/workers.ts'
import { createRpc, type Procedures } from './rpc.ts'

export type ClusterWorker = ReturnType<typeof connectWorker>

/** A terminal or a service manager sends these to every process of the group. */
const GROUP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** Worker side of the cluster. Only the primary handles signals, and tells each worker once. */
export function connectWorker() {
  const procedures: Procedures = {}
  const call = createRpc(process, procedures)
  for (const signal of GROUP_SIGNALS) process.on(signal, () => undefined)

  /** Sets the procedure that other workers, or the primary, call. */
  function answer(name: 'revoked' | 'metrics' | 'stop', handler: Procedures[string]): void {
    procedures[name] = handler
  }

  /** Calls all other workers. @returns their answers, after one call timeout at the latest */
  async function broadcast(name: 'revoked' | 'metrics', payload: Serializable = []) {
    const answers = await call('broadcast', { name, payload })
    return (answers ?? []) as unknown[]
  }

  return {
    isFirst: cluster.worker?.id === 1,
    signalsOfPrimary: GROUP_SIGNALS,
    /** Counters that all workers share, for the limits of a table. */
    countersFor: <Name extends string>(limits: RateLimitTable<Name>) => askForCounts(call, limits),
    /** Tells the primary that requests are served, and waits until it knows. */
    announceServing: () => call('serving'),
    answer,
    broadcast,
  }
}
