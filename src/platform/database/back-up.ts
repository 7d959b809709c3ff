import type { Surroundings } from '../program-output.ts'
import type { DatabaseAddress } from './address.ts'

/** The file of a backup, as the pages about restoring name it. */
export const backupName = ({ kind }: DatabaseAddress) =>
  kind === 'sqlite' ? 'latchkey.db' : 'latchkey.sql'

/** Backs up a database that is in use. @throws Error when the target exists, or the copy fails */
export async function backUpDatabase(
  address: DatabaseAddress,
  target: string,
  surroundings: Surroundings,
): Promise<void> {
  if (address.kind === 'sqlite') {
    const { copySqlite } = await import('./sqlite/copy.ts')
    return copySqlite(address.path, target, surroundings.progress)
  }
  const { dumpMysql } = await import('./mysql/dump.ts')
  return dumpMysql(address, target, surroundings)
}
