import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Unavailable } from './error-table.ts'

/**
 * Where files lie that are too large for the database. A name is a lower-case UUID and nothing else;
 * what a file is, and whose, the database knows.
 */
export type FileStorage = {
  /** Keeps the bytes for good; a failure leaves nothing. @throws Unavailable on a full disk and the like */
  write: (name: string, bytes: Uint8Array) => Promise<void>
  /** The file from its beginning; undefined where there is none. */
  read: (name: string) => Promise<Readable | undefined>
  /** Removes the file; one that is not there is no error. */
  remove: (name: string) => Promise<void>
  /** @throws Error when files cannot be written now */
  check: () => Promise<void>
}

/** No path can be composed from outside: neither dots nor slashes nor capital letters are names. */
const NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const OWNER_ONLY_FOLDER = 0o700
const OWNER_ONLY_FILE = 0o600

/**
 * Keeps files in a folder of this machine, spread over 256 subfolders by the end of their names, which
 * is the random part of a UUIDv7.
 * @param directory is made, for the owner alone, where it does not exist
 * @throws Error that names UPLOADS_DIR when the folder cannot be made or written
 */
export async function openFolderStorage(directory: string): Promise<FileStorage> {
  const place = (name: string) => {
    if (!NAME.test(name)) throw new Error('The name of a stored file is a lower-case UUID.')
    return join(directory, name.slice(-2), name)
  }

  /** Subfolders whose own entries are known to be on the disk. */
  const lasting = new Set<string>()

  /** Makes the subfolder, and sees to it once that its own entry survives a power failure. */
  async function makeSubfolder(path: string): Promise<void> {
    const isNew = await mkdir(path, { mode: OWNER_ONLY_FOLDER }).then(() => true, falseIfThere)
    if (!isNew && lasting.has(path)) return
    await syncFolder(directory)
    lasting.add(path)
  }

  async function write(name: string, bytes: Uint8Array): Promise<void> {
    const path = place(name)
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
    const file = await open(place(name), 'r').catch(undefinedIfMissing)
    return file?.createReadStream()
  }

  async function remove(name: string): Promise<void> {
    await rm(place(name), { force: true })
  }

  function check(): Promise<void> {
    return access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  }

  // Only here: a folder that vanishes later, with its disk, is not replaced by one on another disk.
  await mkdir(directory, { recursive: true, mode: OWNER_ONLY_FOLDER }).catch(nameSetting)
  await check().catch(nameSetting)
  return { write, read, remove, check }
}

/** What passes, or what an operator has to mend: no fault of the request, and none of the server. */
const passing = new Set(['EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOSPC', 'EROFS'])

function explain(cause: NodeJS.ErrnoException): never {
  if (!passing.has(cause.code ?? '')) throw cause
  throw Unavailable({ detail: 'Files cannot be stored at the moment; try again later.', cause })
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

/** The entry of a new file survives a power failure only when its folder was synced, too. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and its file system keeps a journal of names.
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
