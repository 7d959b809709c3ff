import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { copyEmptyDatabase } from '../../src/testing/template.ts'
import { emptyDatabase, isMysql, migrateAt, queryMysql, scratchDirectory } from './databases.ts'

/** The URL of a migrated database for a server of the test's own, gone when the test ends. */
export async function freshDatabase(t: TestContext): Promise<string> {
  if (isMysql) return await freshMysql(t)
  const path = join(scratchDirectory(t), 'latchkey.db')
  await copyEmptyDatabase(path)
  return `file:${path}`
}

type Dump = { sql: string; values: unknown[] }

let dump: Promise<Dump> | undefined

/** One round trip from a dump takes a fifth of what the migrations take. */
async function freshMysql(t: TestContext): Promise<string> {
  dump ??= dumpMigrated()
  const { sql, values } = await dump
  const url = await emptyDatabase(t)
  await queryMysql(url, sql, values)
  return url
}

/** Migrates once for each process. @returns what makes the same tables, with the same ledger */
async function dumpMigrated(): Promise<Dump> {
  const drops: (() => unknown)[] = []
  const t = { after: (drop: () => unknown) => drops.push(drop) } as unknown as TestContext
  const url = await emptyDatabase(t)
  try {
    await migrateAt(url)
    const tables = (await queryMysql(url, 'SHOW TABLES')).flatMap((row) => Object.values(row))
    const created = await Promise.all(
      tables.map((table) => queryMysql(url, `SHOW CREATE TABLE \`${table}\``)),
    )
    const ledger = await queryMysql(url, 'SELECT * FROM _prisma_migrations')
    const statements = [
      'SET FOREIGN_KEY_CHECKS = 0',
      ...created.map(([row]) => row?.['Create Table']),
      ...ledger.map((row) => `INSERT INTO _prisma_migrations VALUES (${marksOf(row)})`),
    ]
    return {
      sql: statements.join(';\n'),
      values: ledger.flatMap((row) => Object.values(row)),
    }
  } finally {
    for (const drop of drops) await drop()
  }
}

function marksOf(row: object): string {
  return Object.keys(row)
    .map(() => '?')
    .join(', ')
}
