// Flame graphs as plain SVG. What npm has for it is made for browsers, or is years old and reads only
// the profiles of its time.
import type { Frame, Kind } from './frames.ts'

const WIDTH = 1200
const ROW = 17
const TOP = 46
/** Of a letter, at the size of the style below. */
const LETTER = 6.65
/** Narrower frames are left out: nobody could point at them. */
const NARROWEST = 1.2

const STYLE = `
svg { font: 11px ui-monospace, monospace; background: #fff }
text { fill: #1b1b1b } .head { font-size: 14px }
rect { stroke: #fff; stroke-width: .6 }
.latchkey { fill: #f4a259 } .package { fill: #9ec5e8 } .node { fill: #b9d8b4 } .native { fill: #d5d5d5 }
@media (prefers-color-scheme: dark) {
  svg { background: #16181d } text { fill: #f0f0f0 } rect { stroke: #16181d }
  .latchkey { fill: #9a5416 } .package { fill: #2c5a85 } .node { fill: #3c6537 } .native { fill: #4a4d55 }
}`

const LEGEND: [Kind, string][] = [
  ['latchkey', 'Latchkey'],
  ['package', 'packages'],
  ['node', 'Node'],
  ['native', 'V8, machine code'],
]

/**
 * Draws a tree from its root at the top; the width of a frame is its share of the whole, and pointing at
 * it shows name, place and share.
 * @param heading one line above the graph
 */
export function flameGraph(top: Frame, heading: string): string {
  const boxes: string[] = []
  const perUnit = WIDTH / top.total
  let depth = 0

  function draw(frame: Frame, x: number, row: number): void {
    const width = frame.total * perUnit
    if (width < NARROWEST) return
    depth = Math.max(depth, row)
    boxes.push(box(frame, { x, row, width, share: frame.total / top.total }))
    let at = x
    for (const child of [...frame.children.values()].sort(
      (one, other) => other.total - one.total,
    )) {
      draw(child, at, row + 1)
      at += child.total * perUnit
    }
  }

  draw(top, 0, 0)
  const height = TOP + (depth + 1) * ROW + 4
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}">
<style>${STYLE}
</style>
<text class="head" x="4" y="16">${escaped(heading)}</text>
${LEGEND.map(legend).join('\n')}
${boxes.join('\n')}
</svg>
`
}

type Shape = { x: number; row: number; width: number; share: number }

function box({ name, place, kind }: Frame, { x, row, width, share }: Shape): string {
  const full = place === '' ? name : `${name} · ${place}`
  const y = TOP + row * ROW
  const letters = Math.floor((width - 6) / LETTER)
  const shown = name.length > letters ? `${name.slice(0, letters - 1)}…` : full.slice(0, letters)
  const label =
    letters < 3 ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(shown)}</text>`
  const rect = `<rect class="${kind}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"/>`
  return `<g><title>${escaped(full)}: ${(share * 100).toFixed(1)} %</title>${rect}${label}</g>`
}

function legend([kind, text]: [Kind, string], at: number): string {
  const x = 4 + at * 130
  return `<rect class="${kind}" x="${x}" y="25" width="12" height="12"/><text x="${x + 17}" y="35">${text}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
