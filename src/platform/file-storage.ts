import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Unavailable } from './errors/table.ts'

/** Files too large for the database. A name is a lower-case UUID. */
export type FileStorage = {
  /** Durably, or not at all. @throws Unavailable on a full disk and the like */
  write: (name: string, bytes: Uint8Array) => Promise<void>
  read: (name: string) => Promise<Readable | undefined>
  /** Succeeds without such a file, too. */
  remove: (name: string) => Promise<void>
  check: () => Promise<void>
}

/** No dots, slashes and capitals, so that no path can be composed from outside. */
const NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const OWNER_ONLY_FOLDER = 0o700
const OWNER_ONLY_FILE = 0o600

/**
 * Keeps files in 256 subfolders, by the random end of their names.
 * @throws Error that names UPLOADS_DIR when the folder cannot be made or written
 */
export async function openFolderStorage(directory: string): Promise<FileStorage> {
  const pathOf = (name: string) => {
    if (!NAME.test(name)) throw new Error('The name of a stored file is a lower-case UUID.')
    return join(directory, name.slice(-2), name)
  }

  /** Subfolders whose own entries are synced. */
  const lasting = new Set<string>()

  async function makeSubfolder(path: string): Promise<void> {
    const isNew = await mkdir(path, { mode: OWNER_ONLY_FOLDER }).then(() => true, falseIfThere)
    if (!isNew && lasting.has(path)) return
    await syncFolder(directory)
    lasting.add(path)
  }

  async function write(name: string, bytes: Uint8Array): Promise<void> {
    const path = pathOf(name)
    await makeSubfolder(dirname(path)).catch(explain)
    const file = await open(path, 'wx', OWNER_ONLY_FILE).catch(explain)
    try {
      await fill(file, bytes)
      await syncFolder(dirname(path))
    } catch (error) {
      await rm(path, { force: true })
      explain(error as Error)
    }
  }

  async function read(name: string): Promise<Readable | undefined> {
    const file = await open(pathOf(name), 'r').catch(undefinedIfMissing)
    return file?.createReadStream()
  }

  async function remove(name: string): Promise<void> {
    await rm(pathOf(name), { force: true })
  }

  function check(): Promise<void> {
    return access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  }

  // Only at the start: never make a folder that vanished with its disk on another disk.
  await mkdir(directory, { recursive: true, mode: OWNER_ONLY_FOLDER }).catch(nameSetting)
  await check().catch(nameSetting)
  return { write, read, remove, check }
}

/** Errors that pass by themselves, or that an operator has to fix. */
const passing = new Set(['EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOSPC', 'EROFS'])

function explain(cause: NodeJS.ErrnoException): never {
  if (!passing.has(cause.code ?? '')) throw cause
  throw Unavailable({ detail: ({ details }) => details.filesNotStored, cause })
}

function nameSetting(cause: Error): never {
  throw new Error(`UPLOADS_DIR: the folder cannot be used: ${cause.message}`, { cause })
}

function falseIfThere(error: NodeJS.ErrnoException): false {
  if (error.code !== 'EEXIST') throw error
  return false
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Without this, a power failure may lose the entry of a new file. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and its file system has a journal.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
