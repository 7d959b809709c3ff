// What sign-ins, refreshes and reads cost with 1000, 100,000 and 1,000,000 users, on SQLite and on MariaDB:
// npm run bench:growth [-- --sqlite] [-- --mariadb] [-- --quick] [-- --refreshes 1000000] [-- --write]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../scripts/build.mjs'
import { measure, operations } from './growth/operations.ts'
import { mariadbPlace, type Place, sqlitePlace } from './growth/places.ts'
import { refreshAgain } from './growth/refreshes.ts'
import { asPage, asText, type Line, missed, type Report } from './growth/report.ts'
import { type Leavings, openWorld, type World } from './growth/worlds.ts'
import { progressBar } from './progress.ts'

const SIZES = [1000, 100_000, 1_000_000]
const QUICK_SIZES = [1000, 100_000]
const REFRESHES = 100_000
const QUICK_REFRESHES = 20_000
const FEWEST_REFRESHES = 10_000
const PAGE = fileURLToPath(new URL('../docs/growth.md', import.meta.url))

const options = readOptions()
const scratch = mkdtempSync(join(tmpdir(), 'latchkey-growth-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const leavings: Leavings = []
// Each may come twice, from the terminal and from what started this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void leave().finally(() => process.exit(130)))
}

await ensureBuilt()
try {
  process.exitCode = (await run()) ? 0 : 1
} finally {
  await leave()
}

/** Prints the figures; answers whether nothing grows that must not. */
async function run(): Promise<boolean> {
  const reports: Report[] = []
  for (const open of places()) {
    const report = await measureOn(await open(scratch))
    console.log(`\n${asText(report)}`)
    reports.push(report)
    // The next database gets the whole machine, and the room on the disk.
    await leave()
  }
  if (options.write) writeFileSync(PAGE, asPage(reports))
  const faults = reports.flatMap(missed)
  for (const fault of faults) console.log(fault)
  return faults.length === 0
}

function places() {
  const { sqlite = false, mariadb = false } = options
  const isBoth = sqlite === mariadb
  return [...(sqlite || isBoth ? [sqlitePlace] : []), ...(mariadb || isBoth ? [mariadbPlace] : [])]
}

async function measureOn(place: Place): Promise<Report> {
  leavings.push(place.close)
  console.log(`\n${place.version}`)
  const worlds: World[] = []
  for (const size of options.sizes) worlds.push(await openWorld(place, size, scratch, leavings))
  const lines = await measureAll(worlds)
  const [smallest] = worlds
  const largest = worlds.at(-1)
  if (!smallest || !largest) throw new Error('There is a world of each size')
  const refreshed = await refreshAgain(place, smallest, options.refreshes)
  return { version: place.version, sizes: options.sizes, lines, filled: largest.filled, refreshed }
}

async function measureAll(worlds: World[]): Promise<Line[]> {
  const bar = progressBar('measuring {bar} {value}/{total} {name}')
  bar.start(operations.length, 0, { name: '' })
  const lines: Line[] = []
  for (const operation of operations) {
    const { name, isBounded } = operation
    bar.update({ name })
    lines.push({ name, isBounded, figures: await measure(operation, worlds) })
    bar.increment()
  }
  bar.stop()
  return lines
}

async function leave(): Promise<void> {
  for (const undo of leavings.splice(0).reverse()) await undo()
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      sqlite: { type: 'boolean' },
      mariadb: { type: 'boolean' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean' },
      refreshes: { type: 'string' },
    },
  })
  const refreshes = Number(values.refreshes ?? (values.quick ? QUICK_REFRESHES : REFRESHES))
  if (!Number.isInteger(refreshes) || refreshes < FEWEST_REFRESHES) {
    throw new Error(`--refreshes takes a whole number from ${FEWEST_REFRESHES}`)
  }
  return { ...values, refreshes, sizes: values.quick ? QUICK_SIZES : SIZES }
}
