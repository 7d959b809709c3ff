// Draws the plots. Plain JavaScript: its packages are those of the benchmark, which `npm run check`
// does not need to have.
import { parse, View } from 'vega'
import { compile } from 'vega-lite'

const WIDTH = 420
const ROW = 24
/** Light enough for a dark page, dark enough for a light one. */
const COLOURS = { latchkey: '#2f81f7', variant: '#79b0f5', peer: '#d08a2e', ceiling: '#7d8590' }
const LABELS = {
  latchkey: 'Latchkey',
  variant: 'Latchkey, other settings',
  peer: 'peers',
  ceiling: 'ceilings',
}
/** Text and lines take the colour of the page: an SVG in an <img> still knows what the reader prefers. */
const STYLE = `<style>
  text, .low_marks path, .high_marks path { fill: #1f2328 }
  .span_marks line { stroke: #1f2328 }
  @media (prefers-color-scheme: dark) {
    text, .low_marks path, .high_marks path { fill: #e6edf3 }
    .span_marks line { stroke: #e6edf3 }
  }
</style>`

/**
 * One bar for each row, with whiskers from the slowest to the fastest round.
 * @param {string} title
 * @param {{ name: string, kind: keyof typeof LABELS, median: number, min: number, max: number }[]} rows
 * @returns {Promise<string>} an SVG document without a background
 */
export async function drawBars(title, rows) {
  const { spec } = compile(specOf(title, rows))
  const svg = await new View(parse(spec), { renderer: 'none' }).toSVG()
  return `${svg.replace(/<svg[^>]*>/, (tag) => `${tag}${STYLE}`)}\n`
}

function specOf(title, rows) {
  const kinds = Object.keys(LABELS).filter((kind) => rows.some((row) => row.kind === kind))
  const y = { field: 'name', type: 'nominal', sort: null, title: null, axis: yAxis }
  const value = (field) => ({ field, type: 'quantitative', title: 'per second', axis: xAxis })
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, anchor: 'start' },
    width: WIDTH,
    height: { step: ROW },
    background: null,
    data: { values: rows.map((row) => ({ ...row, group: LABELS[row.kind] })) },
    config: { view: { stroke: null }, font: 'system-ui, sans-serif' },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.6 } },
        encoding: { y, x: value('median'), color: colourOf(kinds) },
      },
      {
        name: 'span',
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { y, x: value('min'), x2: { field: 'max' } },
      },
      ...Object.entries({ low: 'min', high: 'max' }).map(([name, field]) => ({
        name,
        mark: { type: 'tick', thickness: 1.5, size: ROW / 3 },
        encoding: { y, x: value(field) },
      })),
    ],
  }
}

const yAxis = { labelLimit: 0, ticks: false, domain: false, labelPadding: 8 }
const xAxis = { format: '~s', tickCount: 6, gridColor: '#888', gridOpacity: 0.3, domain: false }

function colourOf(kinds) {
  return {
    field: 'group',
    type: 'nominal',
    scale: {
      domain: kinds.map((kind) => LABELS[kind]),
      range: kinds.map((kind) => COLOURS[kind]),
    },
    legend: { title: null, orient: 'bottom' },
  }
}
