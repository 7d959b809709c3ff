import type { OpenDatabase } from '../src/platform/database.ts'
import type { Rows } from './houses-rows.ts'
import { type Columns, date, insertSql, rowsJson, text } from './json-rows.ts'
import { progressBar } from './progress.ts'

const BATCH = 5000
const TEXT = text(2304)
const COLUMNS: Columns<ReturnType<Rows['house']>> = {
  id: TEXT,
  projectNo: TEXT,
  projectName: TEXT,
  projectAddress: TEXT,
  searchNo: TEXT,
  searchName: TEXT,
  searchAddress: TEXT,
  ownerId: TEXT,
  createdAt: date,
  updatedAt: date,
}

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

async function insert({ database, rows, reader }: Table, from: number, to: number) {
  const houses = Array.from({ length: to - from }, (_, n) => rows.house(from + n, reader))
  const { provider, client } = database
  await client.$executeRawUnsafe(
    insertSql('House', COLUMNS, provider),
    rowsJson(houses, COLUMNS, provider),
  )
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
