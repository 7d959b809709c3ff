import type { Database, OpenDatabase } from '../../platform/database.ts'
import { sql } from '../../platform/database-sql.ts'

type Failure = {
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
