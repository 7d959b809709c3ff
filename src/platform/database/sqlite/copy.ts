import { closeSync, statSync } from 'node:fs'
import Libsql from 'libsql'
import AsyncLibsql from 'libsql/promise'
import { openNewFile, type Progress, whileTold } from '../../program-output.ts'

const WAIT_MS = 10_000

/**
 * Copies a database that is in use, as it is at one moment.
 * @param path of a database that is there
 * @throws Error when the target exists, or when the copy is not sound
 */
export async function copySqlite(path: string, target: string, progress: Progress): Promise<void> {
  // SQLite fills an empty file, which keeps its mode.
  closeSync(openNewFile(target))
  const database = new AsyncLibsql(path, { timeout: WAIT_MS })
  try {
    const copied = database.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`)
    await whileTold(copied, () => progress(statSync(target).size, statSync(path).size))
  } finally {
    database.close()
  }
  refuseUnsound(target)
}

function refuseUnsound(target: string): void {
  const database = new Libsql(target)
  try {
    const [found] = database.prepare('PRAGMA integrity_check').raw().all([]) as [string][]
    if (found?.[0] !== 'ok') throw new Error(`The copy is not sound: ${found?.[0]}`)
  } finally {
    database.close()
  }
}
