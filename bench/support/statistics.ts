import { median, quantile, sampleWithReplacement } from 'simple-statistics'

/** What several rounds come to. */
export type Spread = { median: number; min: number; max: number }

export function spreadOf(values: readonly number[]): Spread {
  const [min, middle, max] = percentiles(values, [0, 0.5, 1])
  return { median: middle ?? Number.NaN, min: min ?? Number.NaN, max: max ?? Number.NaN }
}

/** The values below which these shares of all values lie; NaN without any. */
export function percentiles(values: readonly number[], shares: number[]): number[] {
  return values.length === 0 ? shares.map(() => Number.NaN) : quantile([...values], shares)
}

const RESAMPLES = 2000

/** The difference of two medians, with its 95 % confidence interval (bootstrap). */
export function differenceOfMedians(one: number[], other: number[]) {
  const interval = bootstrap(() => resampledMedian(one) - resampledMedian(other))
  return { difference: median(one) - median(other), ...interval }
}

/** The median with its 95 % confidence interval (bootstrap). */
export function medianInterval(values: number[]) {
  return { median: median(values), ...bootstrap(() => resampledMedian(values)) }
}

function bootstrap(resample: () => number) {
  const resamples = Array.from({ length: RESAMPLES }, resample)
  const [low = Number.NaN, high = Number.NaN] = percentiles(resamples, [0.025, 0.975])
  return { low, high }
}

function resampledMedian(values: number[]): number {
  return median(sampleWithReplacement(values, values.length))
}
