// What requests for houses cost with 1000, 100,000 and 1,000,000 of them, on SQLite and on MySQL:
// npm run bench:houses [-- --sqlite] [-- --mysql] [-- --rows 100000] [-- --write]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { besideRequests, compare, type LoopFigures } from './houses-measure.ts'
import { asPage, asText, isTooMuch, type Report } from './houses-report.ts'
import { costlyRequests, type Operation, operations } from './houses-requests.ts'
import { createRows } from './houses-rows.ts'
import {
  checkSearches,
  growTo,
  type Leavings,
  mysqlPlace,
  openWorld,
  type Place,
  sqlitePlace,
  versionOf,
  type World,
} from './houses-worlds.ts'
import type { Figures } from './in-turns.ts'
import { progressBar } from './progress.ts'

const SMALL = 1000
const SIZES = [SMALL, 100_000, 1_000_000]
const MOST_ROWS = 5_000_000
const DAY_MS = 86_400_000
const PAGE = fileURLToPath(new URL('../docs/houses-growth.md', import.meta.url))

const options = readOptions()
const scratch = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const leavings: Leavings = []
// Each may come twice, from the terminal and from what started this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void leave().finally(() => process.exit(130)))
}

try {
  process.exitCode = (await run()) ? 0 : 1
} finally {
  await leave()
}

/** Prints the figures; answers whether nothing grows that must not. */
async function run(): Promise<boolean> {
  const reports: Report[] = []
  for (const place of await places()) {
    const report = await measure(place)
    console.log(`\n${asText(report)}`)
    reports.push(report)
  }
  if (options.write) writeFileSync(PAGE, asPage(reports))
  return !reports.some(({ lines }) => lines.some(isTooMuch))
}

async function places(): Promise<Place[]> {
  const { sqlite = false, mysql = false } = options
  const isBoth = sqlite === mysql
  return [
    ...(sqlite || isBoth ? [sqlitePlace(scratch)] : []),
    ...(mysql || isBoth ? [await mysqlPlace(scratch, leavings)] : []),
  ]
}

/** Two databases side by side: one stays small, the other grows. */
async function measure(place: Place): Promise<Report> {
  const sizes = [...SIZES.filter((size) => size < options.rows), options.rows]
  const rows = createRows(Date.now() - DAY_MS, options.rows)
  const small = await openWorld(place, rows, scratch, leavings)
  const large = await openWorld(place, rows, scratch, leavings)
  const version = await versionOf(large.server.database)
  console.log(`\n${version}`)
  await growTo(small, SMALL)
  await checkSearches(small)
  const columns: Figures[][] = []
  let beside: Figures[] = []
  let filling = Number.NaN
  for (const size of sizes.slice(1)) {
    filling = await growTo(large, size)
    const pairs = await compareAll([small, large])
    columns.push(pairs.map(([, ofLarge]) => ofLarge))
    beside = pairs.map(([ofSmall]) => ofSmall)
  }
  const lines = operations.map(({ name, isBounded }, at) => {
    const figures = [beside, ...columns].flatMap((column) => column[at] ?? [])
    return { name, isBounded, figures, growth: growthOf(figures) }
  })
  return { version, sizes, lines, loops: await loopsOf(large), filling }
}

async function compareAll(worlds: [World, World]): Promise<[Figures, Figures][]> {
  const bar = progressBar('measuring {bar} {value}/{total} {name}')
  bar.start(operations.length, 0, { name: '' })
  const pairs: [Figures, Figures][] = []
  for (const operation of operations) {
    bar.update({ name: operation.name })
    pairs.push(await comparePair(operation, worlds))
    bar.increment()
  }
  bar.stop()
  return pairs
}

async function comparePair(operation: Operation, worlds: [World, World]) {
  const [small, large] = await compare(operation, worlds)
  if (!small || !large) throw new Error('There are figures for each world')
  return [small, large] satisfies [Figures, Figures]
}

async function loopsOf(world: World): Promise<Record<string, LoopFigures>> {
  const loops: Record<string, LoopFigures> = { 'nothing else': await besideRequests(world) }
  for (const [name, request] of Object.entries(costlyRequests)) {
    loops[name] = await besideRequests(world, request)
  }
  return loops
}

function growthOf(figures: Figures[]): number {
  return (figures.at(-1)?.p50 ?? Number.NaN) / (figures[0]?.p50 ?? Number.NaN)
}

async function leave(): Promise<void> {
  for (const undo of leavings.splice(0).reverse()) await undo()
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      sqlite: { type: 'boolean' },
      mysql: { type: 'boolean' },
      write: { type: 'boolean' },
      rows: { type: 'string', default: `${SIZES.at(-1)}` },
    },
  })
  const rows = Number(values.rows)
  if (!Number.isInteger(rows) || rows <= SMALL || rows > MOST_ROWS) {
    throw new Error(`--rows takes a number above ${SMALL}, up to ${MOST_ROWS}`)
  }
  return { ...values, rows }
}
