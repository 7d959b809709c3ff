import { existsSync } from 'node:fs'
import { columns } from '../output.ts'
import { readSettings } from '../server.ts'
import { TABLE_KEYS } from '../table-keys.ts'
import type { Word } from '../word.ts'

export const copyFrom: Word = {
  usage: 'copy-from <file>',
  about: 'copy a SQLite file of a stopped server into the empty database of the settings',
  examples: ['copy-from data/latchkey.db'],
  run: async (given) => {
    const [file = ''] = given.args
    const { database: address, migrations } = await readSettings(given)
    if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
    if (address.kind === 'sqlite')
      throw new Error('DATABASE_URL: name the MySQL or MariaDB database to copy into.')
    await refuseSharedOrOld(file)
    const { openDatabase } = await import('../../platform/database/open.ts')
    const { withoutWriters } = await import('../../platform/database/sqlite/sole-user.ts')
    const { copyRows } = await import('../../platform/database/copy-rows.ts')
    const source = await openDatabase({ address: { kind: 'sqlite', path: file } })
    const target = await openDatabase({ address, foreignKeys: migrations.foreignKeys })
    const bar = await given.io.bar?.('rows', 'rows')
    try {
      await target.migrate()
      const progress = (done: number, total: number) => bar?.update(done, total)
      const clients = { source: source.client, target: target.client }
      const tables = await withoutWriters(file, () =>
        copyRows({ ...clients, tables: TABLE_KEYS, progress }),
      )
      const rows = tables.map(({ table, rows: count }) => [table, `${count} rows`])
      const note =
        'Every row was read back. Start the server with these settings and the same SECRET.'
      return { text: `${columns(rows)}\n${note}`, json: { tables } }
    } finally {
      bar?.stop()
      await source.close()
      await target.close()
    }
  },
}

/** @throws Error when a server still has it open, or a start has to migrate it first */
async function refuseSharedOrOld(path: string): Promise<void> {
  const { refuseShared } = await import('../../platform/database/sqlite/sole-user.ts')
  refuseShared(path)
  const { migrationStatus } = await import('../../platform/database/migration-status.ts')
  const states = await migrationStatus({ address: { kind: 'sqlite', path } })
  if (states.every(({ state }) => state === 'applied')) return
  if (states.every(({ state }) => state === 'pending'))
    throw new Error(`${path} is not a database of Latchkey.`)
  throw new Error(`${path} is of another version. Start this version on it once, then stop it.`)
}
