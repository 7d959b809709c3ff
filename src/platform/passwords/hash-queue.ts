import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Overloaded } from '../errors/table.ts'
import { type Asker, createFairQueue } from '../queues/fair-queue.ts'

export type HashLimits = {
  cores: number
  /** That share cores and memory; 1 by default. */
  processes?: number
  /** Node's `UV_THREADPOOL_SIZE`: a hash keeps one thread busy. */
  poolThreads: number
  queueLength: number
  /** Waiting hashes of one network, and of one account, while others wait. */
  slotsEach: number
  /** Later, few clients are there to see the response. */
  longestWaitMs: number
  refusalPauseMs: number
}

/** Memory of all hashes at once, unless a single one takes more. */
export const MEMORY_BUDGET_KIB = 262_144
/**
 * Threads for files and DNS (ASVS 5.0 15.4.4). With a pool of 4, a small file takes 0.3 ms beside 3
 * hashes of 21 ms, and 42 ms beside 4.
 */
export const SPARE_THREADS = 2
/** Delayed refusals at most, to bound memory; more are refused at once. */
const REFUSALS_HELD = 1024
const RETRY_SECONDS = 2

export const standardLimits: HashLimits = {
  cores: availableParallelism(),
  poolThreads: 4,
  queueLength: 64,
  slotsEach: 4,
  longestWaitMs: 10_000,
  refusalPauseMs: 1000,
}

/** Parallel hashes by memory, threads and cores, at least one. */
export function hashesAtOnce(
  { memoryKib, parallelism }: { memoryKib: number; parallelism: number },
  limits: Pick<HashLimits, 'cores' | 'poolThreads' | 'processes'> = standardLimits,
): number {
  const { cores, poolThreads, processes = 1 } = limits
  const byMachine = Math.min(cores / parallelism, MEMORY_BUDGET_KIB / memoryKib) / processes
  const most = Math.min(byMachine, poolThreads - SPARE_THREADS)
  return Math.max(1, Math.floor(most))
}

type Dependencies = Omit<HashLimits, 'cores' | 'processes' | 'poolThreads'> & { atOnce: number }

/**
 * Runs this many hashes at once, and queues a few for a short time. Others get 503, not 429: their
 * client has used up nothing.
 */
export function createHashQueue(dependencies: Dependencies) {
  const { atOnce, queueLength, slotsEach, longestWaitMs, refusalPauseMs } = dependencies
  const queue = createFairQueue({ atOnce, length: queueLength, slotsEach })
  let held = 0
  let refused = 0

  /** Delays refusals, so that instant retries do not load the server. */
  async function refuse(): Promise<never> {
    refused += 1
    if (held < REFUSALS_HELD) {
      held += 1
      await pause(refusalPauseMs)
      held -= 1
    }
    throw overloaded()
  }

  /** Refuses early, before other work. @throws Overloaded */
  async function assertCapacity(asker: Asker): Promise<void> {
    if (!queue.hasRoom(asker)) await refuse()
  }

  /** @param isCostly needs more than `atOnce` assumes; one of these runs at a time */
  async function run<T>(work: () => Promise<T>, asker: Asker, isCostly = false): Promise<T> {
    const since = performance.now()
    if (!(await queue.enter(asker, isCostly))) return refuse()
    try {
      if (performance.now() - since > longestWaitMs) throw overloaded()
      return await work()
    } finally {
      queue.leave(isCostly)
    }
  }

  return { assertCapacity, run, figures: () => ({ ...queue.figures(), refused }) }
}

export function overloaded() {
  return Overloaded({ headers: { 'retry-after': String(RETRY_SECONDS) } })
}
