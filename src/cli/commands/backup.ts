import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Progress } from '../../platform/program-output.ts'
import { columns } from '../output.ts'
import { readSettings, requireDatabase } from '../server.ts'
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
    const names = [backupName(database), PHOTOS] as const
    requireDatabase(database)
    refuseExisting(folder, names)
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
    // A file has its name once it is whole.
    const draft = mkdtempSync(join(folder, 'unfinished-'))
    const [copy, archive] = names.map((name) => join(draft, name)) as [string, string]
    const { env } = given.io
    try {
      await watched(given, 'database', (progress) =>
        backUpDatabase(database, copy, { progress, env }),
      )
      // After the database: a photo file exists before the database counts it.
      await watched(given, 'photos', (progress) =>
        archiveFolder(uploads.directory, archive, { progress, env }),
      )
      for (const name of names) renameSync(join(draft, name), join(folder, name))
    } finally {
      rmSync(draft, { recursive: true })
      if (made !== undefined) removeEmpty(folder, made)
    }
    return resultOf(names.map((name) => join(folder, name)))
  },
}

/** Folders that this backup has made, and has nothing to put into. */
function removeEmpty(folder: string, first: string): void {
  let at = resolve(folder)
  while (at.startsWith(resolve(first)) && readdirSync(at).length === 0) {
    rmdirSync(at)
    at = dirname(at)
  }
}

function refuseExisting(folder: string, names: readonly string[]): void {
  let at = resolve(folder)
  while (!existsSync(at)) at = dirname(at)
  if (!statSync(at).isDirectory()) throw new Error(`${at} is a file; name a folder.`)
  const existing = names.map((name) => join(folder, name)).find((file) => existsSync(file))
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
