import type { Connection } from 'mariadb'
import { Prisma } from '../../../generated/mysql/client.ts'
import { meaningOf } from './errors.ts'

/** What the service does, in statements that change no row. */
export const serviceTrials: string[] = Object.values(Prisma.ModelName).flatMap((table) => {
  const [column] = Object.keys(Prisma[`${table}ScalarFieldEnum`])
  return [
    `INSERT INTO \`${table}\` SELECT * FROM \`${table}\` WHERE 1 = 0`,
    `UPDATE \`${table}\` SET \`${column}\` = \`${column}\` WHERE 1 = 0`,
    `DELETE FROM \`${table}\` WHERE 1 = 0`,
  ]
})

/** What migrations do, on a table that is dropped again. */
const migrationTrials = [
  'CREATE TABLE IF NOT EXISTS `_latchkey_rights` (`id` INTEGER NOT NULL PRIMARY KEY, `parent` INTEGER NULL)',
  'ALTER TABLE `_latchkey_rights` ADD COLUMN `more` INTEGER NULL',
  'CREATE INDEX `_latchkey_rights_more_idx` ON `_latchkey_rights` (`more`)',
]
const foreignKeyTrial =
  'ALTER TABLE `_latchkey_rights` ADD CONSTRAINT `_latchkey_rights_parent_fkey` FOREIGN KEY (`parent`) REFERENCES `_latchkey_rights` (`id`)'
const removal = 'DROP TABLE IF EXISTS `_latchkey_rights`'

/** A missing right fails the start. @throws the server's error */
export async function tryServiceRights(connection: Connection): Promise<void> {
  for (const sql of serviceTrials) await tryRight(connection, sql)
}

/** Before the first migration, since none can be rolled back. */
export async function tryMigrationRights(
  connection: Connection,
  { hasForeignKeys }: { hasForeignKeys: boolean },
): Promise<void> {
  await tryRight(connection, removal)
  const trials = hasForeignKeys ? [...migrationTrials, foreignKeyTrial] : migrationTrials
  try {
    for (const sql of trials) await tryRight(connection, sql)
  } finally {
    await tryRight(connection, removal)
  }
}

// Ignores errors that are not about rights.
async function tryRight(connection: Connection, sql: string): Promise<void> {
  await connection.query(sql).catch((error) => {
    if (isDenied(error)) throw error
  })
}

/** Rethrows; a missing right with its name and the fix. */
export function nameRight(cause: unknown): never {
  if (!isDenied(cause)) throw cause
  throw new Error(
    `DATABASE_URL: the user of the database lacks a right: ${cause.sqlMessage}. It needs SELECT, INSERT, UPDATE, DELETE, and to apply migrations CREATE, ALTER, INDEX, REFERENCES, DROP; docs/databases.md has the GRANT statement.`,
    { cause },
  )
}

function isDenied(error: unknown): error is { sqlMessage: string } {
  const { errno = 0 } = error as { errno?: number }
  return meaningOf(errno) === 'denied'
}
