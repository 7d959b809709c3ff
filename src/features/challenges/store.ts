import type { Database, Transaction } from '../../platform/database/database.ts'
import { deleteOldest } from '../../platform/database/delete-oldest.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { Challenge } from './challenge.ts'
import { type Attempt, type Facts, GUESSES } from './decide.ts'

export type ChallengeStore = ReturnType<typeof createChallengeStore>
type Dependencies = { db: Database; statements: Statements; dialect: Dialect }

type Row = {
  id: string | null
  attempts: number
  lastTry: string | null
  usedAt: Date | null
  keyHash: string | null
  outcome: string | null
  credentialVersion: number | null
  disabledAt: Date | null
  sessionId: string | null
  sessionUser: string | null
  revokedAt: Date | null
  sessionEnd: Date
}

/** The statements on the Challenge table. Each decides by itself, by the count of changed rows. */
export function createChallengeStore({ db, statements, dialect }: Dependencies) {
  /** Reads all facts in one statement, the same one whether there is an account or not. */
  async function read({ id, userId, sessionId }: Challenge): Promise<Facts> {
    const [row] = await statements.select<Row>(sql`
      SELECT Challenge.id, attempts, lastTry, usedAt, keyHash, outcome,
        credentialVersion, disabledAt,
        Session.id AS sessionId, Session.userId AS sessionUser, revokedAt,
        Session.expiresAt AS sessionEnd
      FROM (SELECT 1 AS one) AS base
      LEFT JOIN Challenge ON Challenge.id = ${id}
      LEFT JOIN User ON User.id = ${userId ?? ''}
      LEFT JOIN Session ON Session.id = ${sessionId ?? ''} AND Session.userId = ${userId ?? ''}`)
    return factsOf(row)
  }

  /**
   * Claims a try before the proof is compared, so that of many guesses at once only as many are
   * compared as are left. The same guess again is not a new one: retries of one answer use up one.
   * @param hasRow whether the row was there already
   * @returns false when the challenge was used, or has no guess left
   */
  async function claim(
    { id, endsAt }: Challenge,
    { tryHash }: Attempt,
    hasRow: boolean,
  ): Promise<boolean> {
    if (!hasRow) {
      // Apart from the update: the count of an upsert does not tell a new row from an unchanged
      // one.
      await statements.execute(sql`
        INSERT INTO Challenge (id, expiresAt) VALUES (${id}, ${new Date(endsAt)})
        ${dialect.unlessThere(['id'])}`)
    }
    // Assignments may run from left to right: the count comes first and sees the guess before.
    const count = await statements.execute(sql`
      UPDATE Challenge SET
        attempts = attempts + CASE WHEN lastTry = ${tryHash} THEN 0 ELSE 1 END,
        lastTry = ${tryHash}
      WHERE id = ${id} AND usedAt IS NULL AND (attempts < ${GUESSES} OR lastTry = ${tryHash})`)
    return count === 1
  }

  async function attemptsLeft(id: string): Promise<number> {
    const [row] = await statements.select<{ attempts: number }>(
      sql`SELECT attempts FROM Challenge WHERE id = ${id}`,
    )
    return Math.max(0, GUESSES - (row?.attempts ?? 0))
  }

  /** Uses the challenge, in the transaction of its effect. @returns whether it was still unused */
  async function use(
    tx: Transaction,
    { id }: Challenge,
    { keyHash }: Attempt,
    now: Date,
  ): Promise<boolean> {
    const count = await tx.$executeRaw(sql`
      UPDATE Challenge SET usedAt = ${now}, keyHash = ${keyHash}
      WHERE id = ${id} AND usedAt IS NULL`)
    return count === 1
  }

  /** Uses a challenge that nobody answers. @returns whether it was still unused */
  async function useUp({ id, endsAt }: Challenge, now: Date): Promise<boolean> {
    await statements.execute(sql`
      INSERT INTO Challenge (id, expiresAt) VALUES (${id}, ${new Date(endsAt)})
      ${dialect.unlessThere(['id'])}`)
    const count = await statements.execute(
      sql`UPDATE Challenge SET usedAt = ${now} WHERE id = ${id} AND usedAt IS NULL`,
    )
    return count === 1
  }

  async function isUsed(id: string): Promise<boolean> {
    const [row] = await statements.select<{ usedAt: Date | null }>(
      sql`SELECT usedAt FROM Challenge WHERE id = ${id}`,
    )
    return row !== undefined && row.usedAt !== null
  }

  async function keepOutcome(tx: Transaction, { id }: Challenge, outcome: string): Promise<void> {
    await tx.$executeRaw(sql`UPDATE Challenge SET outcome = ${outcome} WHERE id = ${id}`)
  }

  /**
   * Deletes rows of expired challenges, a bounded number at a time.
   * @returns whether there may be more
   */
  function clean(before: Date): Promise<boolean> {
    return deleteOldest(db, { table: 'Challenge', column: 'expiresAt', before })
  }

  return { read, claim, attemptsLeft, use, useUp, isUsed, keepOutcome, clean }
}

function factsOf(row: Row | undefined): Facts {
  const none: Facts = { row: undefined, user: undefined, session: undefined }
  if (!row) return none
  const { id, attempts, lastTry, usedAt, keyHash, outcome } = row
  const { credentialVersion, disabledAt, sessionId, sessionUser, revokedAt, sessionEnd } = row
  return {
    ...none,
    ...(id === null ? {} : { row: { attempts, lastTry, usedAt, keyHash, outcome } }),
    ...(credentialVersion === null ? {} : { user: { credentialVersion, disabledAt } }),
    ...(sessionId === null
      ? {}
      : { session: { userId: sessionUser, revokedAt, expiresAt: sessionEnd } }),
  }
}
