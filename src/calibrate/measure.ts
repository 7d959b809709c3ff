import { availableParallelism } from 'node:os'
import { hashEngine } from '../platform/passwords/argon2.ts'
import { hashesAtOnce } from '../platform/passwords/hash-queue.ts'
import type { Cost } from './search.ts'

const THROUGHPUT_MS = 3000

/** Hashes have one lane. */
export function createMeter(poolThreads: number) {
  /** How many hashes the server runs at once. */
  function concurrencyOf(cost: Cost): number {
    return hashesAtOnce({ ...cost, parallelism: 1 }, { cores: availableParallelism(), poolThreads })
  }

  /** Milliseconds of each hash, at that concurrency. */
  async function timesOf(cost: Cost, samples: number): Promise<number[]> {
    const times: number[] = []
    for (let sample = 0; sample < samples; sample++) {
      const startedAt = performance.now()
      await hash(cost)
      times.push(performance.now() - startedAt)
    }
    return times
  }

  /** Hashes per second at that concurrency. */
  async function throughputOf(cost: Cost): Promise<number> {
    const startedAt = performance.now()
    let count = 0
    const lanes = Array.from({ length: concurrencyOf(cost) }, async () => {
      while (performance.now() < startedAt + THROUGHPUT_MS) {
        await hash(cost)
        count += 1
      }
    })
    await Promise.all(lanes)
    return count / ((performance.now() - startedAt) / 1000)
  }

  return { concurrencyOf, timesOf, throughputOf }
}

async function hash(cost: Cost): Promise<void> {
  await hashEngine.hash(Buffer.from('a password of usual length'), { ...cost, parallelism: 1 })
}

/** The smallest value that a share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)
