import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseUrl } from '../config/database-url.ts'
import { openDatabase } from '../platform/database/open.ts'

let template: Promise<string> | undefined

/** Puts an empty database there: migrated once for each process, and copied. */
export async function copyEmptyDatabase(path: string): Promise<void> {
  template ??= migrateOne()
  copyFileSync(await template, path)
}

async function migrateOne(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-empty-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'latchkey.db')
  const database = await openDatabase({ address: databaseUrl(`file:${path}`) })
  await database.migrate()
  await database.close()
  return path
}
