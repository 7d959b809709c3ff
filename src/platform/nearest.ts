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

/** Optimal string alignment, or infinity beyond `most`, which words that differ show soon. */
export function distanceOf(from: string, to: string, most = MOST): number {
  if (Math.abs(from.length - to.length) > most) return Number.POSITIVE_INFINITY
  const rows: number[][] = []
  for (let row = 0; row <= from.length; row++) {
    const costs: number[] = []
    rows.push(costs)
    // Cells further from the diagonal cost more than `most`, and are left out.
    for (let at = Math.max(0, row - most); at <= Math.min(to.length, row + most); at++) {
      costs[at] = cheapest(rows, from, to, { row, at })
    }
    if (costs.every((cost) => cost > most)) return Number.POSITIVE_INFINITY
  }
  return rows.at(-1)?.at(-1) ?? 0
}

/** The cost of the first letters, from those of fewer. */
function cheapest(rows: number[][], from: string, to: string, { row, at }: Place): number {
  if (row === 0 || at === 0) return row + at
  const cost = (up: number, left: number) => rows[row - up]?.[at - left] ?? Number.POSITIVE_INFINITY
  const isSame = from[row - 1] === to[at - 1]
  const isSwapped = from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1]
  const changed = Math.min(cost(1, 0) + 1, cost(0, 1) + 1, cost(1, 1) + (isSame ? 0 : 1))
  return isSwapped ? Math.min(changed, cost(2, 2) + 1) : changed
}

type Place = { row: number; at: number }
