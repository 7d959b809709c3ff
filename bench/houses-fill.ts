import type { OpenDatabase } from '../src/platform/database.ts'
import type { Rows } from './houses-rows.ts'
import { progressBar } from './progress.ts'

const BATCH = 5000
// Without a character set MySQL would take the one of the database, which may know no Chinese.
const TEXT = 'VARCHAR(2304) CHARACTER SET utf8mb4'
const COLUMNS = {
  id: TEXT,
  projectNo: TEXT,
  projectName: TEXT,
  projectAddress: TEXT,
  searchNo: TEXT,
  searchName: TEXT,
  searchAddress: TEXT,
  ownerId: TEXT,
  createdAt: 'DATETIME(3)',
  updatedAt: 'DATETIME(3)',
}
const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]

type Table = { database: OpenDatabase; rows: Rows; reader: string }

/** Puts the owners there that the houses belong to, besides the reader. */
export async function fillOwners({ database, rows }: Table): Promise<void> {
  const at = new Date()
  await database.client.user.createMany({
    data: rows.owners.map((id, n) => ({
      ...{ id, username: `owner-${n}`, usernameKey: `owner-${n}`, email: `${n}@example.com` },
      ...{ emailKey: `${n}@example.com`, passwordHash: 'none', createdAt: at, updatedAt: at },
    })),
  })
}

/**
 * Fills the table with the houses of the numbers `from` to `to`, with a progress bar.
 * @returns rows per second
 */
export async function fillHouses(table: Table, from: number, to: number): Promise<number> {
  const bar = progressBar('filling {bar} {value}/{total} houses, {eta} s left')
  const startedAt = performance.now()
  bar.start(to, from)
  for (let first = from; first < to; first += BATCH) {
    const end = Math.min(first + BATCH, to)
    await insert(table, first, end)
    bar.update(end)
  }
  bar.stop()
  await settle(table.database)
  return (to - from) / ((performance.now() - startedAt) / 1000)
}

// One statement with one value: ten times as fast as one with a value for each column of each row.
async function insert({ database, rows, reader }: Table, from: number, to: number) {
  const houses = Array.from({ length: to - from }, (_, n) => rows.house(from + n, reader))
  const { provider, client } = database
  const values = houses.map((house) => names.map((name) => plain(house[name], provider)))
  await client.$executeRawUnsafe(
    `INSERT INTO House (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${source[provider]}`,
    JSON.stringify(values),
  )
}

const source = {
  sqlite: `(SELECT ${names.map((name, at) => `value ->> ${at} AS ${name}`).join(', ')} FROM json_each(?))`,
  mysql: `JSON_TABLE(?, '$[*]' COLUMNS (${names
    .map((name, at) => `${name} ${COLUMNS[name]} PATH '$[${at}]'`)
    .join(', ')})) AS houses`,
}

function plain(value: string | Date, provider: OpenDatabase['provider']): string | number {
  if (typeof value === 'string') return value
  return provider === 'sqlite' ? value.getTime() : value.toISOString().slice(0, -1)
}

/**
 * Leaves the database as it is some time later. InnoDB counts its rows anew in the background; here
 * that is done at once. SQLite gets no ANALYZE, since the server never runs one.
 */
async function settle({ provider, client }: OpenDatabase): Promise<void> {
  await client.$queryRawUnsafe(
    provider === 'sqlite' ? 'PRAGMA wal_checkpoint(TRUNCATE)' : 'ANALYZE TABLE House',
  )
}
