import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { currentKey, type MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Dialect } from '../../platform/database/dialect.ts'
import { type Sql, sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'

/** `open` takes events, `closed` has a day after it, `pruned` has lost its events to their age. */
export type DayState = 'open' | 'closed' | 'pruned'

/** What the seal of a day covers. */
export type Day = { day: number; count: number; previous: string; head: string; state: DayState }
export type SealedDay = Day & { seal: string }

/** `unknown`: a secret that is not listed made it. */
export type SealState = 'good' | 'forged' | 'unknown'

/** Before the first day; its hash is chance, so that no two installations have the same chain. */
const BEGINNING = 0

export type Days = ReturnType<typeof createDays>
type Dependencies = { statements: Statements; dialect: Dialect; secrets: MasterSecrets }

/** The table of days: each links the events of its day to the day before, under a seal. */
export function createDays({ statements, dialect, secrets }: Dependencies) {
  const keys = secrets.deriveKeys('latchkey audit seals')

  /** Seals with the newest secret: who can only write to the database cannot. */
  function sealed(day: Day): SealedDay {
    const { id, key } = currentKey(keys)
    return { ...day, seal: `${id}.${codeOf(day, key)}` }
  }

  function sealState(day: SealedDay): SealState {
    const [id, code = ''] = day.seal.split('.')
    const found = keys.find((key) => key.id === id)
    if (!found) return 'unknown'
    const [given, right] = [code, codeOf(day, found.key)].map((text) => Buffer.from(text))
    return given && right && given.length === right.length && timingSafeEqual(given, right)
      ? 'good'
      : 'forged'
  }

  const isOutdated = ({ seal }: SealedDay) => !seal.startsWith(`${currentKey(keys).id}.`)

  async function read(which: Sql): Promise<SealedDay[]> {
    const rows = await statements.select<SealedDay>(
      sql`SELECT \`day\`, \`count\`, previous, head, state, seal FROM AuditDay ${which}`,
    )
    return rows.map((row) => ({ ...row, day: Number(row.day), count: Number(row.count) }))
  }

  /** The day that takes events, or the beginning of the chain. */
  async function newest(): Promise<SealedDay> {
    const [found] = await read(sql`ORDER BY \`day\` DESC LIMIT 1`)
    if (found) return found
    const head = randomBytes(32).toString('base64url')
    const beginning = { day: BEGINNING, count: 0, previous: head, head, state: 'open' } as const
    // Another server may be faster.
    await statements.execute(insertOf(sealed(beginning), dialect.unlessThere(['day'])))
    return newest()
  }

  /** The newest of the days whose events are gone. */
  async function newestPruned(): Promise<SealedDay | undefined> {
    const [found] = await read(sql`WHERE state = 'pruned' ORDER BY \`day\` DESC LIMIT 1`)
    return found
  }

  /** Oldest first, from the newest one without events on: older ones are being removed. */
  async function all(): Promise<SealedDay[]> {
    const anchor = await newestPruned()
    return read(sql`WHERE \`day\` >= ${anchor?.day ?? BEGINNING} ORDER BY \`day\``)
  }

  async function find(day: number): Promise<SealedDay | undefined> {
    const [found] = await read(sql`WHERE \`day\` = ${day}`)
    return found
  }

  /** @returns whether the row was still as it was read */
  async function replace(before: SealedDay, after: Day): Promise<boolean> {
    return (await statements.execute(replaceOf(before, sealed(after)))) === 1
  }

  /** Deletes the days before one. */
  async function removeBefore(day: number): Promise<void> {
    await statements.execute(sql`DELETE FROM AuditDay WHERE \`day\` < ${day}`)
  }

  /** Seals all days with the newest secret. @returns how many had another one, and still have */
  async function reseal(): Promise<{ sealed: number; lost: number }> {
    const total = { sealed: 0, lost: 0 }
    for (const { day } of await all()) {
      const outcome = await resealOne(day)
      if (outcome) total[outcome] += 1
    }
    return total
  }

  async function resealOne(which: number): Promise<'sealed' | 'lost' | undefined> {
    const day = await find(which)
    if (!day || !isOutdated(day)) return undefined
    if (sealState(day) !== 'good') return 'lost'
    // An open day may have grown meanwhile.
    return (await replace(day, day)) ? 'sealed' : resealOne(which)
  }

  return {
    ...{ sealed, sealState, reseal, newest, newestPruned, all, find, read },
    ...{ replace, removeBefore },
  }
}

/** Whether it is where the chain begins: there was nothing before it, or it went with its age. */
export function isAnchor({ day, state }: Day): boolean {
  return day === BEGINNING || state === 'pruned'
}

export function insertOf(row: SealedDay, onConflict: Sql = sql``): Sql {
  const { day, count, previous, head, state, seal } = row
  return sql`INSERT INTO AuditDay (\`day\`, \`count\`, previous, head, state, seal)
    VALUES (${day}, ${count}, ${previous}, ${head}, ${state}, ${seal}) ${onConflict}`
}

/**
 * Replaces a row if it is still the one that was read. It is written in any case: several nodes of
 * a cluster notice a conflict by that.
 */
export function replaceOf(before: SealedDay, { count, head, state, seal }: SealedDay): Sql {
  return sql`UPDATE AuditDay
    SET \`count\` = ${count}, head = ${head}, state = ${state}, seal = ${seal}
    WHERE \`day\` = ${before.day} AND head = ${before.head} AND \`count\` = ${before.count}
      AND state = ${before.state} AND seal = ${before.seal}`
}

function codeOf({ day, count, previous, head, state }: Day, key: Buffer): string {
  const text = JSON.stringify([day, count, previous, head, state])
  return createHmac('sha256', key).update(text).digest('base64url')
}
