// What searches of administrators cost among many accounts, on SQLite and on MariaDB:
// npm run bench:search [-- --sqlite] [-- --mysql] [-- --rows 1000000] [-- --quick] [-- --write]
import { parseArgs } from 'node:util'
import { databaseUrl } from '../src/config/database-url.ts'
import { createUserCounts } from '../src/features/users/user-counts.ts'
import { createUserList, type UserFilter } from '../src/features/users/user-list.ts'
import { openDatabase } from '../src/platform/database/open.ts'
import { searchText } from '../src/platform/database/search-text.ts'
import { fill } from './scaling/fill.ts'
import { createUserRows } from './scaling/user-rows.ts'
import { chosenDatabases, type Databases } from './support/databases.ts'
import { measured } from './support/measured.ts'
import { writeFigures } from './support/page.ts'
import { percentiles } from './support/statistics.ts'
import { amount, milliseconds, table } from './support/table.ts'
import { inWorkspace, type Workspace } from './support/workspace.ts'

/** What a search may take, before the server refuses it. */
const BOUND_MS = 5000
const PAGE = 20

const { values: options } = parseArgs({
  options: {
    ...{ sqlite: { type: 'boolean' }, mysql: { type: 'boolean' }, write: { type: 'boolean' } },
    quick: { type: 'boolean' },
    rows: { type: 'string' },
  },
})
const rows = Number(options.rows ?? (options.quick ? 10_000 : 1_000_000))
const TURNS = options.quick ? 3 : 10

await inWorkspace(async (workspace) => {
  const sections: string[] = []
  let worst = 0
  for await (const databases of chosenDatabases(options, workspace)) {
    const { text, slowest } = await measure(databases, workspace)
    sections.push(text)
    worst = Math.max(worst, slowest)
    await workspace.close()
  }
  const figures = [`${measured()}.`, ...sections].join('\n\n')
  console.log(`\n${figures}`)
  if (options.write) writeFigures('administration.md', figures)
  return worst < BOUND_MS
})

async function measure(databases: Databases, { onClose }: Workspace) {
  const database = await openDatabase({ address: databaseUrl(await databases.create('search')) })
  onClose(database.close)
  await database.migrate()
  const [accounts] = createUserRows(Date.now(), rows, 'none').tables
  if (!accounts) throw new Error('There is no table of users.')
  const { rowOf } = accounts
  const named = (n: number) => ({ ...rowOf(n), searchName: searchText(`Person ${n}`) })
  await fill(database, [{ ...accounts, rowOf: named }], () => 0)
  const { client: db, dialect } = database
  const list = createUserList({ db, dialect, scanLimitMs: 10 * BOUND_MS })
  const some = await db.user.findMany({ take: 1, skip: Math.floor(rows / 3) })
  const [{ id, email, name } = { id: '', email: '', name: '' }] = some
  const read = (filter: UserFilter) =>
    list.after(filter, '-createdAt', { from: undefined, size: PAGE })
  const cases: Record<string, () => Promise<unknown>> = {
    'no filter': () => read({}),
    'an id': () => read({ q: id }),
    'a whole address': () => read({ q: email }),
    'a text that most have': () => read({ q: 'person' }),
    'a text that one has': () => read({ q: `${name}` }),
    'a text that nobody has': () => read({ q: 'nobody at all' }),
    '`status=disabled`, nobody': () => read({ status: 'disabled' }),
    '`role=admin`, nobody': () => read({ role: 'admin' }),
    'counts of `GET /admin/summary`': createUserCounts({ db, dialect }).count,
  }
  const lines: string[][] = []
  let slowest = 0
  for (const [what, work] of Object.entries(cases)) {
    const times: number[] = []
    for (let turn = 0; turn < TURNS; turn++) {
      const startedAt = performance.now()
      await work()
      times.push(performance.now() - startedAt)
    }
    const [p50 = Number.NaN, p95 = Number.NaN] = percentiles(times, [0.5, 0.95])
    slowest = Math.max(slowest, ...times)
    lines.push([what, milliseconds(p50), milliseconds(p95)])
  }
  const head = [`${databases.version}, ${amount(rows)} accounts`, 'p50, ms', 'p95, ms']
  return { text: table(head, lines), slowest }
}
