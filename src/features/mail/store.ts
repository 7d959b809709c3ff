import type { Clock } from '../../platform/clock.ts'
import type { Transaction } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { UserId } from '../../platform/ids.ts'

export const OUTBOX_MAX = 10_000
/** How long a server may take to send a mail and to say so; then another one sends it. */
const CLAIM_MS = 60_000

export type WaitingMail = {
  id: string
  kind: string
  userId: UserId | null
  address: string
  challenge: string | null
  facts: string
  attempts: number
  expiresAt: Date
  /** The language that the user has chosen, as it is now. */
  locale: string | null
}

type NewRow = Omit<WaitingMail, 'attempts' | 'locale'>

export type ListedMail = Pick<WaitingMail, 'id' | 'kind' | 'address' | 'attempts' | 'expiresAt'> & {
  dueAt: Date
}

export type MailStore = ReturnType<typeof createMailStore>
type Dependencies = { statements: Statements; clock: Clock }

/** The statements on the table Mail. What a claim is for is decided in one statement. */
export function createMailStore({ statements, clock }: Dependencies) {
  const now = () => new Date(clock())

  /**
   * Adds a row, due at once. It counts at most `OUTBOX_MAX` rows, however full the table is.
   * @returns whether there was room
   */
  async function add(tx: Transaction, row: NewRow): Promise<boolean> {
    const { id, kind, userId, address, challenge, facts, expiresAt } = row
    const count = await tx.$executeRaw(sql`
      INSERT INTO Mail (id, kind, userId, address, challenge, facts, dueAt, attempts, expiresAt)
      SELECT ${id}, ${kind}, ${userId}, ${address}, ${challenge}, ${facts}, ${now()}, 0, ${expiresAt}
      FROM (SELECT COUNT(*) AS rowCount FROM (SELECT id FROM Mail LIMIT ${OUTBOX_MAX}) AS few) AS held
      WHERE held.rowCount < ${OUTBOX_MAX}`)
    return count === 1
  }

  /** Rows that are due and that no server is sending, those that have waited longest first. */
  function due(most: number): Promise<WaitingMail[]> {
    return statements.select<WaitingMail>(sql`
      SELECT id, kind, userId, address, challenge, facts, attempts, expiresAt,
        (SELECT locale FROM User WHERE User.id = Mail.userId) AS locale
      FROM Mail WHERE dueAt <= ${now()} AND (claimedUntil IS NULL OR claimedUntil <= ${now()})
      ORDER BY dueAt LIMIT ${most}`)
  }

  /** Claims a row for this server. @returns whether no other one was faster */
  async function claim({ id, attempts }: WaitingMail): Promise<boolean> {
    const until = new Date(clock() + CLAIM_MS)
    const count = await statements.execute(sql`
      UPDATE Mail SET claimedUntil = ${until}, attempts = attempts + 1
      WHERE id = ${id} AND attempts = ${attempts}
        AND (claimedUntil IS NULL OR claimedUntil <= ${now()})`)
    return count === 1
  }

  /** Gives a claimed row back, to be sent later; not if another server has claimed it since. */
  async function postpone(id: string, attempts: number, dueAt: Date): Promise<void> {
    await statements.execute(sql`
      UPDATE Mail SET claimedUntil = NULL, dueAt = ${dueAt}
      WHERE id = ${id} AND attempts = ${attempts}`)
  }

  async function remove(id: string): Promise<boolean> {
    return (await statements.execute(sql`DELETE FROM Mail WHERE id = ${id}`)) === 1
  }

  function list(most: number): Promise<ListedMail[]> {
    return statements.select<ListedMail>(sql`
      SELECT id, kind, address, attempts, dueAt, expiresAt FROM Mail ORDER BY id LIMIT ${most}`)
  }

  async function find(id: string): Promise<ListedMail | undefined> {
    const [row] = await statements.select<ListedMail>(sql`
      SELECT id, kind, address, attempts, dueAt, expiresAt FROM Mail WHERE id = ${id}`)
    return row
  }

  /** Makes rows due at once: one, or all. @returns how many */
  function hurry(id?: string): Promise<number> {
    const which = id === undefined ? sql`dueAt > ${now()}` : sql`id = ${id}`
    return statements.execute(sql`UPDATE Mail SET dueAt = ${now()} WHERE ${which}`)
  }

  /** How many rows there are, and the id of the oldest, which tells its age. */
  async function size(): Promise<{ count: number; oldest: string | undefined }> {
    const [row] = await statements.select<{ rowCount: unknown; oldest: string | null }>(
      sql`SELECT COUNT(*) AS rowCount, MIN(id) AS oldest FROM Mail`,
    )
    return { count: Number(row?.rowCount ?? 0), oldest: row?.oldest ?? undefined }
  }

  return { add, due, claim, postpone, remove, list, find, hurry, size }
}
