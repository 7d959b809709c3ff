import { progressBar } from '../progress.ts'

/** Does something for each value, one after the other, with a progress bar on the error output. */
export async function eachStep<T>(
  what: string,
  values: readonly T[],
  nameOf: (value: T) => string,
  act: (value: T, at: number) => Promise<unknown>,
): Promise<void> {
  const bar = progressBar(`${what} {bar} {value}/{total} {name}`)
  bar.start(values.length, 0, { name: '' })
  try {
    for (const [at, value] of values.entries()) {
      bar.update({ name: nameOf(value) })
      await act(value, at)
      bar.increment()
    }
    bar.update({ name: '' })
  } finally {
    bar.stop()
  }
}
