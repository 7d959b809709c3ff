import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import pLimit from 'p-limit'
import { Overloaded } from './error-table.ts'

/** What hashes may take of the machine. */
export type HashLimits = {
  cores: number
  /** How many processes share cores and memory; 1 by default. */
  processes?: number
  /** Threads that Node has for slow work, `UV_THREADPOOL_SIZE`: a hash keeps one busy to its end. */
  poolThreads: number
  /** How many hashes may wait. */
  queueLength: number
  /** How long each of them may wait, in milliseconds: later, few clients are there to see the answer. */
  longestWaitMs: number
  /** How long a refusal is held back, in milliseconds. */
  refusalPauseMs: number
}

/** Memory of all hashes that run at once, unless a single one takes more. */
export const MEMORY_BUDGET_KIB = 262_144
/**
 * Threads that no hash may take, since files and the look-up of names come from the same pool (ASVS
 * 5.0 15.4.4): one for files, one for a name server that does not answer. Measured on 2 cores with a
 * pool of 4 and hashes of 21 ms: a small file is read in 0.3 ms beside 2 or 3 hashes, in 42 ms
 * beside 4, in 240 ms beside 8. The server cannot enlarge the pool itself: Node has read its size
 * before the first module runs.
 */
export const SPARE_THREADS = 2
/** How many refusals are held back; the rest is refused at once, so that they cannot fill the memory. */
const REFUSALS_HELD = 1024
const RETRY_SECONDS = 2

/** The limits of this machine, with the pool that Node has unless it is told otherwise. */
export const standardLimits: HashLimits = {
  cores: availableParallelism(),
  poolThreads: 4,
  queueLength: 64,
  longestWaitMs: 10_000,
  refusalPauseMs: 1000,
}

/**
 * How many hashes of a cost run at once: each takes its memory, a thread of the pool, and a core for
 * each lane, of this process's share. Always one, also where that is too much.
 */
export function hashesAtOnce(
  { memoryKib, parallelism }: { memoryKib: number; parallelism: number },
  limits: Pick<HashLimits, 'cores' | 'poolThreads' | 'processes'> = standardLimits,
): number {
  const { cores, poolThreads, processes = 1 } = limits
  const byMachine = Math.min(cores / parallelism, MEMORY_BUDGET_KIB / memoryKib) / processes
  const most = Math.min(byMachine, poolThreads - SPARE_THREADS)
  return Math.max(1, Math.floor(most))
}

type Needs = Omit<HashLimits, 'cores' | 'processes' | 'poolThreads'> & { atOnce: number }

/** Lets so many hashes run at once and a short queue wait a short time; the rest is refused. */
export function createHashGovernor(needs: Needs) {
  const { atOnce, queueLength, longestWaitMs, refusalPauseMs } = needs
  const places = pLimit(atOnce)
  const costlyPlace = pLimit(1)
  let held = 0

  function hasRoom(): boolean {
    return places.pendingCount + costlyPlace.pendingCount < queueLength
  }

  /** Who comes again at once would keep the server busy with refusals, so they are held back a little. */
  async function refuse(): Promise<never> {
    if (held < REFUSALS_HELD) {
      held += 1
      await pause(refusalPauseMs)
      held -= 1
    }
    throw overloaded()
  }

  /**
   * Looks whether a hash would be let in now, before other work is done for it in vain.
   * @throws Overloaded
   */
  async function requireRoom(): Promise<void> {
    if (!hasRoom()) await refuse()
  }

  /**
   * @param isCostly takes more than what `atOnce` was reckoned with; one of these runs at a time
   * @throws Overloaded when too many wait, or it has waited too long
   */
  async function run<T>(work: () => Promise<T>, isCostly: boolean): Promise<T> {
    if (!hasRoom()) return refuse()
    const since = performance.now()
    const inTime = async () => {
      if (performance.now() - since > longestWaitMs) throw overloaded()
      return work()
    }
    return isCostly ? costlyPlace(() => places(inTime)) : places(inTime)
  }

  return { requireRoom, run }
}

function overloaded() {
  return Overloaded({ headers: { 'retry-after': String(RETRY_SECONDS) } })
}
