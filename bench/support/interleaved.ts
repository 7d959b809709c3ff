import { percentiles } from './statistics.ts'

/** Milliseconds; `count` is 0 without a sample, `status` that of a failed answer. */
export type Figures = { count: number; p50: number; p99: number; status: number }

/** One call: how long it took, and the status of the answer, or 0 where there is none. */
export type Sample = { ms: number; status: number }
/** Does it once; undefined when there is nothing to do. */
export type Sampler = (turn: number) => Promise<Sample | undefined>

/** At most so many samples, at least so many, and no more once the time is up. */
export type Bounds = { count: number; fewest: number; limitMs: number }

/**
 * Samples the same on several datasets in turns, so that other load on the machine hits all alike.
 * @returns the figures in the order of the samplers
 */
export async function interleaved(
  samplers: readonly Sampler[],
  { warmUp, samples }: { warmUp: Bounds; samples: Bounds },
): Promise<Figures[]> {
  const runs = samplers.map((sample) => ({ sample, turn: 0, taken: [] as Sample[] }))
  await repeat(runs, warmUp)
  for (const run of runs) run.taken = []
  await repeat(runs, samples)
  return runs.map(({ taken }) => figuresOf(taken))
}

type Run = { sample: Sampler; turn: number; taken: Sample[] }

async function repeat(runs: Run[], { count, fewest, limitMs }: Bounds): Promise<void> {
  const deadline = performance.now() + limitMs
  for (let round = 0; round < count; round++) {
    if (round >= fewest && performance.now() > deadline) return
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) await sampleOnce(run)
  }
}

async function sampleOnce(run: Run): Promise<void> {
  const taken = await run.sample(run.turn++)
  if (taken) run.taken.push(taken)
}

function figuresOf(samples: readonly Sample[]): Figures {
  const times = samples.map(({ ms }) => ms)
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, [0.5, 0.99])
  const status = samples.findLast((sample) => sample.status >= 300)?.status ?? 0
  return { count: times.length, p50, p99, status }
}

/** Times one call that may answer with a status. */
export async function timed(action: () => Promise<unknown>): Promise<Sample> {
  const startedAt = performance.now()
  const status = await action()
  const ms = performance.now() - startedAt
  return { ms, status: typeof status === 'number' ? status : 0 }
}
