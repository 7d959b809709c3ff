import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// The folder of the example: the database, photos, mails, and a file that says who is in it.

const MARK = 'example.json'

/** What is worth knowing about data that was made earlier. */
export type Made = {
  /** For the authenticator app of the person who has one. */
  totpUri: string
}

/**
 * Makes the folder ready, and empties it where its data are wanted fresh or were never completed.
 * @returns what was made earlier, or undefined where it is empty
 * @throws Error for a folder with files that are not of an example
 */
export function openFolder(folder: string, isReset: boolean): Made | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : []
  if (names.length > 0 && !names.includes(MARK)) {
    throw new Error(`${folder} has files that are not of an example. Choose another folder.`)
  }
  const made = names.length > 0 && !isReset ? readMark(folder) : undefined
  if (made) return made
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, MARK), '{}')
  return undefined
}

/** Says that the data are complete. */
export function keepMade(folder: string, made: Made): void {
  writeFileSync(join(folder, MARK), JSON.stringify(made), { mode: 0o600 })
}

function readMark(folder: string): Made | undefined {
  const mark: Partial<Made> = JSON.parse(readFileSync(join(folder, MARK), 'utf8'))
  return mark.totpUri === undefined ? undefined : { totpUri: mark.totpUri }
}
