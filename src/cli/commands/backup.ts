import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../../platform/program-output.ts'
import { columns } from '../output.ts'
import { readSettings } from '../server.ts'
import type { Given, Result, Word } from '../word.ts'

/** The files that docs/operating.md restores. */
const PHOTOS = 'uploads.tar.gz'

export const backup: Word = {
  usage: 'backup <folder>',
  about: 'copy the database, then the photos, while the servers run',
  examples: ['backup backup', 'backup /var/backups/latchkey-$(date +%F)'],
  run: async (given) => {
    const [folder = ''] = given.args
    const { database, uploads } = await readSettings(given)
    const { backUpDatabase, backupName } = await import('../../platform/database/back-up.ts')
    const { archiveFolder } = await import('../../platform/folder-archive.ts')
    const files = [backupName(database), PHOTOS].map((name) => join(folder, name))
    refuseExisting(files)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const [copy = '', archive = ''] = files
    const { env } = given.io
    try {
      await watched(given, 'database', (progress) =>
        backUpDatabase(database, copy, { progress, env }),
      )
      // After the database: a photo file exists before the database counts it.
      await watched(given, 'photos', (progress) =>
        archiveFolder(uploads.directory, archive, { progress, env }),
      )
    } catch (error) {
      for (const file of files) rmSync(file, { force: true })
      throw error
    }
    return resultOf(files)
  },
}

function refuseExisting(files: readonly string[]): void {
  const existing = files.find((file) => existsSync(file))
  if (existing !== undefined) throw new Error(`${existing} exists; name another folder.`)
}

async function watched({ io }: Given, what: string, work: (progress: Progress) => Promise<void>) {
  const bar = await io.bar?.(what)
  try {
    await work((done, total) => bar?.update(done, total))
  } finally {
    bar?.stop()
  }
}

function resultOf(paths: readonly string[]): Result {
  const files = paths.map((path) => ({ path, bytes: statSync(path).size }))
  const rows = files.map(({ path, bytes }) => [path, `${bytes.toLocaleString('en')} bytes`])
  const note = 'Keep the master secret somewhere else. docs/operating.md says how to restore.'
  return { text: `${columns(rows)}\n${note}`, json: { files } }
}
