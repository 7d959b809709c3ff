// What requests cost as tables grow, on SQLite and on MariaDB: npm run bench:scaling -- users | houses
//   [--sqlite] [--mysql] [--rows 1000000] [--quick] [--write]
import { parseArgs } from 'node:util'
import { chosenDatabases, type Databases } from '../support/databases.ts'
import { interleaved } from '../support/interleaved.ts'
import { measured } from '../support/measured.ts'
import { writeFigures } from '../support/page.ts'
import { eachStep } from '../support/progress.ts'
import { inWorkspace, type Workspace } from '../support/workspace.ts'
import { type Dataset, type Line, openDataset, type Subject } from './dataset.ts'
import { houses } from './houses.ts'
import { missedIn, type Report, section } from './report.ts'
import type { Table } from './rows.ts'
import { users } from './users.ts'

const SIZES = [1000, 100_000]
const QUICK_ROWS = 10_000
const QUICK_BOUNDS = {
  warmUp: { count: 5, fewest: 1, limitMs: 100 },
  samples: { count: 50, fewest: 5, limitMs: 250 },
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ sqlite: { type: 'boolean' }, mysql: { type: 'boolean' }, write: { type: 'boolean' } },
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
  },
})
const rows = Number(options.rows ?? (options.quick ? QUICK_ROWS : 1_000_000))
if (!Number.isInteger(rows) || rows <= 1000) throw new Error('--rows takes more than 1000')

await inWorkspace(async (workspace) => {
  const isGood: boolean[] = []
  for (const name of positionals.length > 0 ? positionals : ['users', 'houses']) {
    if (name === 'users') isGood.push(await run(users, workspace))
    else if (name === 'houses') isGood.push(await run(houses, workspace))
    else throw new Error(`"${name}" is neither "users" nor "houses"`)
  }
  return isGood.every(Boolean)
})

type AnyRows = { tables: Table[]; newest: number }

/** Prints the figures; answers whether all promises held. */
async function run<Rows extends AnyRows>(subject: Subject<Rows>, workspace: Workspace) {
  const reports: Report[] = []
  for await (const databases of chosenDatabases(options, workspace)) {
    reports.push(await measure(subject, databases, workspace))
    // The next database gets the whole machine.
    await workspace.close()
  }
  const sections = reports.map((report) => section(report, subject.maxGrowth))
  const figures = [`${measured()}.`, ...sections].join('\n\n')
  console.log(`\n${figures}`)
  if (options.write) writeFigures(subject.page, figures)
  const missed = reports.flatMap((report) => missedIn(report, subject.maxGrowth))
  for (const what of missed) console.log(`MISSED: ${what}`)
  return missed.length === 0 || options.quick
}

async function measure<Rows extends AnyRows>(
  subject: Subject<Rows>,
  databases: Databases,
  workspace: Workspace,
): Promise<Report> {
  const datasets: Dataset<Rows>[] = []
  const sizes = [...SIZES.filter((size) => size < rows), rows]
  for (const size of sizes) {
    datasets.push(await openDataset(subject, size, databases, workspace))
  }
  const [smallest = never(), largest = smallest] = [datasets[0], datasets.at(-1)]
  await subject.check?.(smallest)
  const growth = await measureAll(subject, datasets)
  return { version: databases.version, sizes, growth, filled: largest.filled }
}

async function measureAll<Rows extends AnyRows>(
  { operations, bounds }: Subject<Rows>,
  datasets: Dataset<Rows>[],
): Promise<Line[]> {
  const lines: Line[] = []
  await eachStep('measuring', operations, { nameOf: ({ name }) => name }, async (operation) => {
    const samplers = await Promise.all(datasets.map(operation.prepare))
    const figures = await interleaved(samplers, options.quick ? QUICK_BOUNDS : bounds)
    for (const dataset of datasets) await operation.undo?.(dataset)
    lines.push({ name: operation.name, isBounded: operation.isBounded, figures })
  })
  return lines
}

function never(): never {
  throw new Error('there is always a dataset')
}
