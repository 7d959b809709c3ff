import assert from 'node:assert/strict'

/** Asserts that the lists hold the same lines; else names those that differ, and what to do. */
export function assertSameLines(found: string[], expected: string[], advice: string): void {
  const without = (all: string[], some: string[]) => {
    const known = new Set(some)
    return [...new Set(all)].filter((line) => !known.has(line)).sort()
  }
  const lines = [
    ...without(expected, found).map((line) => `missing: ${line}`),
    ...without(found, expected).map((line) => `too many: ${line}`),
  ]
  assert.ok(lines.length === 0, [advice, ...lines].join('\n'))
}
