import type { Database } from '../../platform/database/database.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { sql } from '../../platform/database/sql.ts'

const KEY = ['subject', 'device']

export type Failure = {
  subject: string
  device: string
  now: Date
  /** Failures in a row after which the device is locked, until `pausedUntil`. */
  pauseAfter: number
  pausedUntil: Date
  failuresMax: number
  /** When the row expires, and when it expires once it has `failuresMax` failures. */
  keepUntil: Date
  keepShutUntil: Date
}

/**
 * Counts one more failure in one statement. It writes a row of the same size whether the device is
 * locked or not. While it is locked the count stays, so guesses learn nothing.
 */
export async function countFailure(
  db: Database,
  dialect: Dialect,
  failure: Failure,
): Promise<void> {
  const { subject, device, now, pauseAfter, pausedUntil, failuresMax } = failure
  const counted = dialect.assigned('failures', sql`(\`failures\` + 1)`)
  const assignments = [
    sql`\`failures\` = CASE WHEN \`lockedUntil\` > ${now} THEN \`failures\` ELSE \`failures\` + 1 END`,
    sql`\`expiresAt\` = CASE WHEN ${counted} >= ${failuresMax} THEN ${failure.keepShutUntil}
      ELSE ${failure.keepUntil} END`,
    sql`\`lockedUntil\` = CASE WHEN \`lockedUntil\` > ${now} THEN \`lockedUntil\`
      WHEN ${counted} % ${pauseAfter} = 0 THEN ${pausedUntil} ELSE \`lockedUntil\` END`,
  ]
  await db.$executeRaw`
    INSERT INTO \`SignInFailures\` (\`subject\`, \`device\`, \`failures\`, \`expiresAt\`)
    VALUES (${subject}, ${device}, 1, ${failure.keepUntil})
    ${dialect.orUpdate(KEY, assignments)}`
}

/** Counts one more failure unless the device is locked. @returns whether it was counted */
export async function countUnlessLocked(
  db: Database,
  dialect: Dialect,
  failure: Failure,
): Promise<boolean> {
  const { subject, device, now, pauseAfter, pausedUntil, failuresMax } = failure
  await db.$executeRaw`
    INSERT INTO \`SignInFailures\` (\`subject\`, \`device\`, \`failures\`, \`expiresAt\`)
    VALUES (${subject}, ${device}, 0, ${failure.keepUntil}) ${dialect.unlessThere(KEY)}`
  // The count comes last: databases may assign from left to right; the rest needs the old count.
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
