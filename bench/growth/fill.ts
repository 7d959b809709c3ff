import { setImmediate as nextTurn } from 'node:timers/promises'
import { progressBar } from '../progress.ts'
import type { Place, Raw, Row } from './places.ts'
import type { Rows } from './rows.ts'

const BATCH = 10_000

export type Filled = {
  rowsPerSecond: number
  /** What one row takes on the disk, in bytes, with its places in the indexes. */
  bytesOf: { user: number; session: number; auditEvent: number }
}

/** Fills an empty database with all of the rows, table by table, with a progress bar. */
export async function fill(place: Place, name: string, rows: Rows): Promise<Filled> {
  const { users, sessions } = rows
  const total = users + 2 * sessions
  const raw = await place.raw(name)
  await hurry(raw)
  const bar = progressBar(`filling ${name} {bar} {value}/{total} rows, {eta} s left`)
  const startedAt = performance.now()
  bar.start(total, 0)
  const sizes = [await place.bytes(name)]
  for (const { table, count, rowOf } of [
    { table: 'User', count: users, rowOf: rows.user },
    { table: 'Session', count: sessions, rowOf: rows.session },
    { table: 'AuditEvent', count: sessions, rowOf: rows.auditEvent },
  ]) {
    await insertAll(raw, table, count, rowOf, (done) => bar.increment(done))
    sizes.push(await place.bytes(name))
  }
  bar.stop()
  const seconds = (performance.now() - startedAt) / 1000
  await raw.close()
  await place.settle(name)
  const [empty = 0, withUsers = 0, withSessions = 0, whole = 0] = sizes
  return {
    rowsPerSecond: total / seconds,
    bytesOf: {
      user: (withUsers - empty) / users,
      session: (withSessions - withUsers) / sessions,
      auditEvent: (whole - withSessions) / sessions,
    },
  }
}

/** A power failure may take what is filled in here: the settings are those of this connection alone. */
async function hurry({ provider, query }: Raw): Promise<void> {
  const settings = {
    sqlite: [
      'PRAGMA journal_mode = WAL',
      'PRAGMA synchronous = OFF',
      'PRAGMA cache_size = -1000000',
    ],
    mysql: ['SET SESSION foreign_key_checks = 0'],
  }[provider]
  for (const setting of settings) await query(setting)
}

/** The rows of one batch are made while the database takes the one before. */
async function insertAll(
  raw: Raw,
  table: string,
  count: number,
  rowOf: (n: number) => Row,
  step: (done: number) => void,
): Promise<void> {
  let before = Promise.resolve()
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from)
    const batch = Array.from({ length: size }, (_, n) => rowOf(from + n))
    await before
    before = raw.insert(table, batch)
    step(size)
    // SQLite lets nobody else in between, and the progress bar needs a turn.
    await nextTurn()
  }
  await before
}
