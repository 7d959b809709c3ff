import type { Sample } from '../support/interleaved.ts'
import { measured } from '../support/measured.ts'
import { percentiles } from '../support/statistics.ts'
import { table } from '../support/table.ts'

export type Report = {
  /** The images of the attack: how long the decoder takes for one, and what it says. */
  kinds: { name: string; kib: number; ms: number; outcome: string }[]
  /** Uploads of the other user. */
  alone: Sample[]
  beside: Sample[]
  /** Answers to the attack, by status; 0 for none. */
  attack: Record<number, number>
}

/** The limit of a small picture beside the attack. */
const MAX_MS = 10_000

/** What was promised and did not hold, in words. */
export function missedIn({ beside }: Report): string[] {
  const refused = beside.filter(({ status }) => status !== 201).length
  const slowest = Math.max(...beside.map(({ ms }) => ms))
  const slow = `a small picture took ${seconds(slowest)}, more than ${seconds(MAX_MS)}`
  return [
    ...(refused > 0 ? [`${refused} small pictures were refused`] : []),
    ...(slowest > MAX_MS ? [slow] : []),
  ]
}

/** For the terminal and for docs/photos.md. */
export function figuresOf({ kinds, alone, beside, attack }: Report): string {
  const images = kinds.map(({ name, kib, ms, outcome }) => [
    ...[name, `${kib.toFixed(0)} KiB`, seconds(ms), outcome],
  ])
  const waits = [waitRow('alone', alone), waitRow('beside the attack', beside)]
  const counts = Object.values(attack).map(String)
  return `${measured()}.

### The images

${table(['image of 40 megapixels', 'file', 'decoder', 'outcome'], images)}

### What the other user sees

${table(['PNG of one pixel', 'sent', 'refused', 'p50', 'p99', 'max'], waits)}

### What becomes of the attack

${table(['answer', ...Object.keys(attack)], [['uploads', ...counts]])}`
}

function waitRow(name: string, samples: Sample[]): string[] {
  const refused = samples.filter(({ status }) => status !== 201).length
  const times = samples.map(({ ms }) => ms)
  const spread = percentiles(times, [0.5, 0.99, 1]).map(seconds)
  return [name, `${samples.length}`, `${refused}`, ...spread]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
