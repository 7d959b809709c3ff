import { cpus, totalmem } from 'node:os'

/** The value that so large a share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** What the figures were measured on. */
export function machine(): string {
  const [first] = cpus()
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${cpus().length} cores (${first?.model.trim()}), ${memory} GiB of memory, Node ${process.version}`
}

const RESAMPLES = 2000

/** How far the medians lie apart, and between which limits with 95 % confidence (bootstrap). */
export function differenceOfMedians(one: readonly number[], other: readonly number[]) {
  const differences = Array.from(
    { length: RESAMPLES },
    () => median(resample(one)) - median(resample(other)),
  )
  return {
    difference: median(one) - median(other),
    low: quantile(differences, 0.025),
    high: quantile(differences, 0.975),
  }
}

function resample(values: readonly number[]): number[] {
  return values.map(() => values[Math.floor(Math.random() * values.length)] ?? Number.NaN)
}
