/** Changes of one letter, or swaps of two, up to which a word may be a mistyped other one. */
const MOST = 3
/** Share of the longer word that must be right. */
const ALIKE = 0.5

/** The word that a mistyped one most likely means; undefined where none is near. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const near = words
    .map((word) => ({ word, distance: distanceOf(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => isNear(distance, Math.max(word.length, typed.length)))
  return near.sort((one, other) => one.distance - other.distance)[0]?.word
}

function isNear(distance: number, length: number): boolean {
  return distance <= MOST && distance < length * ALIKE
}

/** Optimal string alignment. Lengths that differ by more than `most` cost no time. */
export function distanceOf(from: string, to: string, most = MOST): number {
  if (Math.abs(from.length - to.length) > most) return Number.POSITIVE_INFINITY
  const rows: number[][] = []
  for (let row = 0; row <= from.length; row++) {
    const costs: number[] = []
    rows.push(costs)
    for (let at = 0; at <= to.length; at++) costs.push(cheapest(rows, from, to, { row, at }))
  }
  return rows.at(-1)?.at(-1) ?? 0
}

/** The cost of the first letters, from those of fewer. */
function cheapest(rows: number[][], from: string, to: string, { row, at }: Place): number {
  if (row === 0 || at === 0) return row + at
  const cost = (up: number, left: number) => rows[row - up]?.[at - left] ?? 0
  const isSame = from[row - 1] === to[at - 1]
  const isSwapped = from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1]
  const changed = Math.min(cost(1, 0) + 1, cost(0, 1) + 1, cost(1, 1) + (isSame ? 0 : 1))
  return isSwapped ? Math.min(changed, cost(2, 2) + 1) : changed
}

type Place = { row: number; at: number }
