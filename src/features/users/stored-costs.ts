import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import { firstIdAt, TIME_DIGITS } from '../../platform/ids.ts'
import type { Passwords } from '../../platform/passwords/passwords.ts'

/** The shares change as slowly as people sign in. */
export const STORED_COSTS_INTERVAL_MS = 600_000
/** Samples, and accounts in each. */
const POINTS = 20
const ACCOUNTS_EACH = 50

type Account = { id: string; passwordHash: string | null }
/** Null where nobody has an account. */
type Range = { oldest: string | null; newest: string | null }
type Dependencies = {
  statements: Pick<Statements, 'select'>
  passwords: Pick<Passwords, 'learnCosts'>
}

export function createStoredCosts({ statements, passwords }: Dependencies) {
  const { select } = statements

  /** Samples accounts evenly from the oldest to the newest. */
  async function refresh(): Promise<void> {
    const [range] = await select<Range>(sql`
      SELECT (SELECT MIN(id) FROM User) AS oldest, (SELECT MAX(id) FROM User) AS newest`)
    if (!range?.oldest || !range.newest) return
    const [oldest, newest] = [timeOf(range.oldest), timeOf(range.newest)]
    const hashes = new Map<string, string>()
    for (let point = 0; point < POINTS; point++) {
      const from = oldest + Math.floor(((newest - oldest) * point) / POINTS)
      for (const user of await accountsFrom(from)) hashes.set(user.id, user.passwordHash ?? '')
    }
    await passwords.learnCosts([...hashes.values()])
  }

  function accountsFrom(time: number): Promise<Account[]> {
    return select(sql`
      SELECT id, passwordHash FROM User
      WHERE id >= ${firstIdAt(time)} ORDER BY id LIMIT ${ACCOUNTS_EACH}`)
  }

  return { refresh }
}

function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, TIME_DIGITS), 16)
}
