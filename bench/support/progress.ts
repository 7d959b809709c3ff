import { SingleBar } from 'cli-progress'

/** A progress bar; without a terminal, a line now and then. */
export function progressBar(format: string): SingleBar {
  return new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 10_000 })
}

type Steps<T> = {
  nameOf: (value: T) => string
  /** How many may run at once. */
  concurrency?: number
}

/** Calls a function for each value, in their order, with a progress bar on standard error. */
export async function eachStep<T>(
  what: string,
  values: readonly T[],
  { nameOf, concurrency = 1 }: Steps<T>,
  act: (value: T, at: number) => Promise<unknown>,
): Promise<void> {
  const bar = progressBar(`${what} {bar} {value}/{total} {name}`)
  const entries = values.entries()
  async function work(): Promise<void> {
    for (const [at, value] of entries) {
      bar.update({ name: nameOf(value) })
      await act(value, at)
      bar.increment()
    }
  }
  bar.start(values.length, 0, { name: '' })
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
    bar.update({ name: '' })
  } finally {
    bar.stop()
  }
}
