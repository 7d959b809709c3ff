import type { PasswordCost } from './argon2.ts'
import { workOf } from './stored-hash.ts'

/** Runs for each cost; the fastest was disturbed the least. */
const RUNS = 7
/** Bounds the start where hashes are slow. */
const LONGEST_MS = 1000
const SMALLEST_KIB = 64

type Spend = (cost: PasswordCost) => Promise<unknown>

/**
 * A hash computed after a check of a cheaper hash, so that it takes as long as a new one. Measured,
 * since argon2's time grows unevenly with memory and passes.
 */
export function createHashFillers(
  cost: PasswordCost,
  spend: Spend,
  now: () => number = () => performance.now(),
) {
  const fitted = new Map<string, PasswordCost | undefined>()

  function fillerFor(found: PasswordCost): PasswordCost | undefined {
    const name = nameOf(found)
    return fitted.has(name) ? fitted.get(name) : guess(found)
  }

  function guess(found: PasswordCost): PasswordCost | undefined {
    const missing = workOf(cost) - workOf(found)
    if (missing <= 0) return undefined
    const time = Math.ceil(missing / cost.memoryKib)
    return sized({ ...cost, time }, missing / time)
  }

  async function fit(found: PasswordCost): Promise<void> {
    const guessed = guess(found)
    if (!guessed || fitted.has(nameOf(found))) return
    const [whole = 0, part = 0, filled = 0] = await quickest([cost, found, guessed])
    const isMissing = whole > part && filled > 0
    const memoryKib = (guessed.memoryKib * (whole - part)) / filled
    fitted.set(nameOf(found), isMissing ? sized(guessed, memoryKib) : undefined)
  }

  /** Interleaved, so that a disturbance hits all of them. */
  async function quickest(costs: PasswordCost[]): Promise<number[]> {
    const times = costs.map(() => Number.POSITIVE_INFINITY)
    const end = now() + LONGEST_MS
    for (let run = 0; run < RUNS && (run === 0 || now() < end); run++) {
      for (const [at, one] of costs.entries()) {
        const startedAt = now()
        await spend(one)
        times[at] = Math.min(times[at] ?? 0, now() - startedAt)
      }
    }
    return times
  }

  function sized(filler: PasswordCost, memoryKib: number): PasswordCost {
    const least = Math.max(SMALLEST_KIB, 8 * filler.parallelism)
    return {
      ...filler,
      memoryKib: Math.round(Math.min(cost.memoryKib, Math.max(least, memoryKib))),
    }
  }

  return { fillerFor, fit }
}

function nameOf({ memoryKib, time, parallelism }: PasswordCost): string {
  return `${memoryKib},${time},${parallelism}`
}
