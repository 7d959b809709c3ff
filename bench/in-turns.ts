import { quantile } from './figures.ts'

/** Milliseconds; what could not be asked has no samples, and `status` names an answer that is no success. */
export type Figures = { count: number; p50: number; p99: number; status: number }

/** One thing done once: how long it took, and the status of the answer, or 0 where there is none. */
export type Sample = { ms: number; status: number }
/** Does it once; undefined when there is nothing to do. */
export type Sampler = (turn: number) => Promise<Sample | undefined>

/** How often at most, how often at least, and when it has taken long enough. */
export type Bounds = { count: number; fewest: number; limitMs: number }

/**
 * Measures the same in several worlds, one after the other and in turns, so that whatever else the
 * machine does hits all of them alike.
 * @returns the figures in the order of the samplers
 */
export async function inTurns(
  samplers: readonly Sampler[],
  { warmUp, samples }: { warmUp: Bounds; samples: Bounds },
): Promise<Figures[]> {
  const runs = samplers.map((sample) => ({ sample, turn: 0, taken: [] as Sample[] }))
  await repeat(runs, warmUp)
  for (const run of runs) run.taken = []
  await repeat(runs, samples)
  return runs.map(({ taken }) =>
    figuresOf(
      taken.map(({ ms }) => ms),
      taken.findLast(({ status }) => status >= 300)?.status,
    ),
  )
}

type Run = { sample: Sampler; turn: number; taken: Sample[] }

/** Each in turn, the order changing, until there are enough or it has taken long enough. */
async function repeat(runs: Run[], { count, fewest, limitMs }: Bounds): Promise<void> {
  const deadline = performance.now() + limitMs
  for (let round = 0; round < count; round++) {
    if (round >= fewest && performance.now() > deadline) return
    for (const run of round % 2 === 0 ? runs : [...runs].reverse()) await sampleOnce(run)
  }
}

async function sampleOnce(run: Run): Promise<void> {
  const taken = await run.sample(run.turn++)
  if (taken) run.taken.push(taken)
}

/** What samples come to; `status` is that of an answer which was no success. */
export function figuresOf(times: number[], status = 0): Figures {
  return { count: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), status }
}
