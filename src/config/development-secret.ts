import { randomBytes } from 'node:crypto'
import {
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname } from 'node:path'

/** Secret of a server in development. */
export const SECRET_PATH = './data/secret'

const SECRET_BYTES = 48
const MIN_BYTES = 32
const OWNER_ONLY = 0o600
const FOR_OTHERS = 0o077

/**
 * Reads the development secret, or creates it for its owner alone. Processes that start together
 * agree on one. @throws Error with the fix when others may read the file, or it is too short
 */
export async function developmentSecret(path: string): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const text = (await readSecret(path)) ?? (await makeSecret(path))
  const secret = Buffer.from(text.trim())
  if (secret.length < MIN_BYTES) {
    throw new Error(
      `SECRET: the file ${path} has fewer than ${MIN_BYTES} bytes; restore it, or delete it to make a new one (everyone has to sign in again)`,
    )
  }
  return secret
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    // Windows has no such mode bits.
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & FOR_OTHERS) !== 0) {
      throw new Error(`SECRET: others may read the file ${path}; run: chmod 600 ${path}`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCoded(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Links a finished draft to its path: the file appears whole, and only the first link wins. */
async function makeSecret(path: string): Promise<string> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  try {
    await writeFile(draft, `${secret}\n`, { flag: 'wx', mode: OWNER_ONLY, flush: true })
    await chmod(draft, OWNER_ONLY)
    await publish(draft, path)
    return secret
  } catch (error) {
    if (isCoded(error, 'EEXIST')) return await readFile(path, 'utf8')
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function publish(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
  } catch (error) {
    if (isCoded(error, 'EEXIST')) throw error
    // On file systems without links, an exclusive copy is the next best.
    await copyFile(draft, path, constants.COPYFILE_EXCL)
  }
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
