import { progressBar } from '../progress.ts'

type Steps<T> = {
  nameOf: (value: T) => string
  /** How many may be under way at once. */
  atOnce?: number
}

/** Does something for each value in their order, with a progress bar on the error output. */
export async function eachStep<T>(
  what: string,
  values: readonly T[],
  { nameOf, atOnce = 1 }: Steps<T>,
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
    await Promise.all(Array.from({ length: atOnce }, work))
    bar.update({ name: '' })
  } finally {
    bar.stop()
  }
}
