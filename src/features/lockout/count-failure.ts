import type { Database, OpenDatabase } from '../../platform/database.ts'
import { sql } from '../../platform/database-sql.ts'

export type Failure = {
  subject: string
  device: string
  now: Date
  /** Every so many failures in a row the device is locked, until `pausedUntil`. */
  pauseAfter: number
  pausedUntil: Date
  failuresMax: number
  /** When the row may be forgotten, and when once it has `failuresMax` failures. */
  keepUntil: Date
  keepShutUntil: Date
}

/**
 * Counts one more failure, in one statement, which writes the same row of the same size whether the
 * device is locked or not. While it is locked the count stands still: guesses meanwhile tell nothing.
 */
export async function countFailure(
  db: Database,
  provider: OpenDatabase['provider'],
  failure: Failure,
): Promise<void> {
  const { subject, device, now, pauseAfter, pausedUntil, failuresMax } = failure
  const isMysql = provider === 'mysql'
  const onConflict = isMysql
    ? sql`ON DUPLICATE KEY UPDATE`
    : sql`ON CONFLICT (\`subject\`, \`device\`) DO UPDATE SET`
  // MySQL assigns from left to right and then sees what it has assigned; SQLite sees the row as it was.
  const counted = isMysql ? sql`\`failures\`` : sql`(\`failures\` + 1)`
  await db.$executeRaw`
    INSERT INTO \`SignInFailures\` (\`subject\`, \`device\`, \`failures\`, \`expiresAt\`)
    VALUES (${subject}, ${device}, 1, ${failure.keepUntil})
    ${onConflict}
      \`failures\` = CASE WHEN \`lockedUntil\` > ${now} THEN \`failures\` ELSE \`failures\` + 1 END,
      \`expiresAt\` = CASE WHEN ${counted} >= ${failuresMax} THEN ${failure.keepShutUntil}
        ELSE ${failure.keepUntil} END,
      \`lockedUntil\` = CASE WHEN \`lockedUntil\` > ${now} THEN \`lockedUntil\`
        WHEN ${counted} % ${pauseAfter} = 0 THEN ${pausedUntil} ELSE \`lockedUntil\` END`
}

/**
 * Counts one more failure, unless the device is locked.
 * @returns whether it was counted: of many at once, so many as the count has room for
 */
export async function countUnlessLocked(
  db: Database,
  provider: OpenDatabase['provider'],
  failure: Failure,
): Promise<boolean> {
  const { subject, device, now, pauseAfter, pausedUntil, failuresMax } = failure
  const insert = provider === 'mysql' ? sql`INSERT IGNORE` : sql`INSERT OR IGNORE`
  await db.$executeRaw`
    ${insert} INTO \`SignInFailures\` (\`subject\`, \`device\`, \`failures\`, \`expiresAt\`)
    VALUES (${subject}, ${device}, 0, ${failure.keepUntil})`
  // MySQL assigns from left to right: the number comes last, so that all of it reads the old one.
  const counted = await db.$executeRaw`
    UPDATE \`SignInFailures\` SET
      \`expiresAt\` = CASE WHEN \`failures\` + 1 >= ${failuresMax} THEN ${failure.keepShutUntil}
        ELSE ${failure.keepUntil} END,
      \`lockedUntil\` = CASE WHEN (\`failures\` + 1) % ${pauseAfter} = 0 THEN ${pausedUntil}
        ELSE \`lockedUntil\` END,
      \`failures\` = \`failures\` + 1
    WHERE \`subject\` = ${subject} AND \`device\` = ${device} AND \`failures\` < ${failuresMax}
      AND (\`lockedUntil\` IS NULL OR \`lockedUntil\` <= ${now})`
  return counted === 1
}
