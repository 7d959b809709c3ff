import type { Database } from '../../platform/database/database.ts'
import { firstIdAt, TIME_DIGITS } from '../../platform/ids.ts'
import type { Passwords } from '../../platform/passwords/passwords.ts'

/** The shares change as slowly as people sign in. */
export const STORED_COSTS_INTERVAL_MS = 600_000
/** Samples, and accounts in each. */
const POINTS = 20
const ACCOUNTS_EACH = 50

type Dependencies = { db: Database; passwords: Pick<Passwords, 'learnCosts'> }

export function createStoredCosts({ db, passwords }: Dependencies) {
  /** Samples accounts evenly from the oldest to the newest. */
  async function refresh(): Promise<void> {
    const [oldest, newest] = [await extreme('asc'), await extreme('desc')]
    if (oldest === undefined || newest === undefined) return
    const hashes = new Map<string, string>()
    for (let point = 0; point < POINTS; point++) {
      const from = oldest + Math.floor(((newest - oldest) * point) / POINTS)
      for (const user of await accountsFrom(from)) hashes.set(user.id, user.passwordHash ?? '')
    }
    await passwords.learnCosts([...hashes.values()])
  }

  async function extreme(order: 'asc' | 'desc'): Promise<number | undefined> {
    const user = await db.user.findFirst({ orderBy: { id: order }, select: { id: true } })
    return user === null ? undefined : timeOf(user.id)
  }

  function accountsFrom(time: number) {
    return db.user.findMany({
      where: { id: { gte: firstIdAt(time) } },
      orderBy: { id: 'asc' },
      take: ACCOUNTS_EACH,
      select: { id: true, passwordHash: true },
    })
  }

  return { refresh }
}

function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, TIME_DIGITS), 16)
}
