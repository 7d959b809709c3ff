import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../platform/database/database.ts'
import { type Days, isAnchor, type SealedDay } from './days.ts'
import { type ChainedEvent, chainHash, originHash, ownerOf } from './event.ts'

const PAGE = 200
const MAX_PROBLEMS = 20
const DAY_MS = 86_400_000
/** Older servers may write for as long beside this one, while they are replaced. */
const REPLACED_AFTER_DAYS = 7

export type AuditProblem = {
  /** Such as `2026-11-29`; null for what belongs to no day. */
  day: string | null
  /** The number of the event in its day. */
  seq: number | null
  what: 'changed' | 'missing' | 'added' | 'day_missing' | 'forged_seal' | 'unknown_secret'
  /** For people. */
  message: string
}

export type Verification = {
  isWhole: boolean
  days: number
  events: number
  /** Events from before there was a chain. */
  unchained: number
  /** The hash of the newest event: later, it must still be in the table. */
  head: string | null
  /** The first ones. */
  problems: AuditProblem[]
}

type Dependencies = { db: Database; days: Days }

/** Checks every event against the chain of hashes, while the server runs. */
export function createAuditVerifier({ db, days }: Dependencies) {
  /**
   * Reads all events in pages, and leaves the time between them to others.
   * @param tell hears how many are checked, and how many there are
   */
  async function verify(tell?: (done: number, total: number) => void): Promise<Verification> {
    const problems: AuditProblem[] = []
    const chain = await days.all()
    const total = chain.reduce((sum, { count }) => sum + count, 0)
    let events = 0
    for (const [at, day] of chain.entries()) {
      if (problems.length > MAX_PROBLEMS) break
      const checked = await checkEvents(day)
      problems.push(...(await checkLink(chain[at - 1], day)), ...checked.problems)
      events += checked.events
      tell?.(events, total)
    }
    problems.push(...(await checkEnd(chain.at(-1))))
    const unchained = await db.auditEvent.count({ where: { day: null } })
    if (unchained > 0) problems.push(...(await checkUnchained(chain)))
    return {
      isWhole: problems.length === 0,
      days: chain.filter((day) => !isAnchor(day)).length,
      ...{ events, unchained, head: chain.at(-1)?.head ?? null },
      problems: problems.slice(0, MAX_PROBLEMS),
    }
  }

  /** The seal of a day, and whether it continues the day before. */
  async function checkLink(before: SealedDay | undefined, day: SealedDay): Promise<AuditProblem[]> {
    const problems = sealProblems(day)
    if (before === undefined) {
      if (isAnchor(day)) return problems
      return [...problems, problem(day.day, null, 'day_missing', 'The days before it are missing.')]
    }
    if (day.previous !== before.head) {
      problems.push(problem(day.day, null, 'day_missing', 'It does not continue the day before.'))
    }
    if (before.state === 'open') {
      problems.push(problem(before.day, null, 'changed', 'It is open, but there is a later day.'))
    }
    return [...problems, ...(await strayIn({ gt: before.day, lt: day.day }))]
  }

  function sealProblems(day: SealedDay): AuditProblem[] {
    const state = days.sealState(day)
    if (state === 'good') return []
    if (state === 'forged') {
      return [problem(day.day, null, 'forged_seal', 'The seal of the day is wrong.')]
    }
    const message =
      'No listed secret has sealed the day: list the one that did as well, as in SECRET=new,old.'
    return [problem(day.day, null, 'unknown_secret', message)]
  }

  /** Events of days that are not in the table of days. */
  async function strayIn(day: { gt: number; lt?: number }): Promise<AuditProblem[]> {
    const stray = await db.auditEvent.findFirst({ where: { day }, orderBy: { day: 'asc' } })
    if (!stray || (await days.find(Number(stray.day)))) return []
    const message = 'Events are here, but their day is not.'
    return [problem(stray.day, stray.seq, 'day_missing', message)]
  }

  async function checkEvents(day: SealedDay): Promise<Checked> {
    if (day.state === 'pruned') return NOTHING
    const checked = await checkDay(day)
    return checked.problems.length > 0 && (await isPrunedBy(day)) ? NOTHING : checked
  }

  async function checkDay(day: SealedDay): Promise<Checked> {
    const problems: AuditProblem[] = []
    let [last, events]: [Link, number] = [{ seq: 0, hash: day.previous }, 0]
    for await (const page of pagesOf(day)) {
      const open = await openOwners(page.filter(({ originSalt }) => originSalt === null))
      for (const row of page) {
        problems.push(...checkRow(last, row, open))
        last = row
      }
      events += page.length
      if (problems.length > MAX_PROBLEMS) return { problems, events }
    }
    return { problems: [...problems, ...endProblems(last, day), ...(await addedTo(day))], events }
  }

  async function* pagesOf({ day, count }: SealedDay): AsyncGenerator<ChainedEvent[]> {
    let last = 0
    for (;;) {
      const rows = await db.auditEvent.findMany({
        where: { day, seq: { gt: last, lte: count } },
        ...{ orderBy: { seq: 'asc' }, take: PAGE },
      })
      if (rows.length > 0) yield rows as ChainedEvent[]
      if (rows.length < PAGE) return
      last = Number(rows.at(-1)?.seq)
      await nextTurn()
    }
  }

  /** Accounts that are there, although addresses of their events are not. */
  async function openOwners(rows: readonly ChainedEvent[]): Promise<Set<string | null>> {
    const owners = [...new Set(rows.map(ownerOf))].filter((owner) => owner !== null)
    if (owners.length === 0) return new Set()
    const found = await db.user.findMany({
      where: { id: { in: owners }, username: { not: '' } },
      select: { id: true },
    })
    return new Set(found.map(({ id }) => id))
  }

  /** An open day may have grown since it was read; it counts each event as it comes. */
  async function addedTo({ day, count }: SealedDay): Promise<AuditProblem[]> {
    const last = await db.auditEvent.findFirst({
      where: { day, seq: { gt: count } },
      orderBy: { seq: 'desc' },
    })
    const now = last && (await days.find(day))
    const outside = await db.auditEvent.findFirst({
      where: { day, OR: [{ seq: null }, { seq: { lt: 1 } }] },
    })
    const added = outside ?? (Number(last?.seq) > Number(now?.count) ? last : null)
    if (!added) return []
    return [problem(day, added.seq, 'added', `The event ${added.id} was added to the day.`)]
  }

  /** Whether the cleaner has taken its events meanwhile. */
  async function isPrunedBy({ day }: SealedDay): Promise<boolean> {
    const anchor = await days.newestPruned()
    return anchor !== undefined && days.sealState(anchor) === 'good' && anchor.day >= day
  }

  /** A day is closed by the one after it. */
  async function checkEnd(last: SealedDay | undefined): Promise<AuditProblem[]> {
    const stray = await strayIn({ gt: last?.day ?? -1 })
    if (last === undefined || last.state === 'open') return stray
    const message = 'The days after it are missing.'
    return [problem(last.day, null, 'day_missing', message), ...stray]
  }

  /** Events without a place in the chain are older than it. */
  async function checkUnchained([, first]: readonly SealedDay[]): Promise<AuditProblem[]> {
    if (first === undefined) return []
    const end = new Date((first.day + REPLACED_AFTER_DAYS) * DAY_MS)
    const newer = await db.auditEvent.findFirst({ where: { day: null, at: { gt: end } } })
    if (!newer) return []
    return [problem(null, null, 'added', `The event ${newer.id} has no place in the chain.`)]
  }

  return { verify }
}

type Link = Pick<ChainedEvent, 'seq' | 'hash'>
type Checked = { problems: AuditProblem[]; events: number }
const NOTHING: Checked = { problems: [], events: 0 }

function checkRow(last: Link, row: ChainedEvent, open: ReadonlySet<string | null>): AuditProblem[] {
  const isBehindGap = row.seq > last.seq + 1
  const problems = isBehindGap ? [missing(row.day, last.seq + 1, row.seq - 1)] : []
  // Behind a gap the hash before it is not known.
  const isLinked = isBehindGap || row.hash === chainHash(last.hash, row)
  if (isLinked && isOriginRight(row, open)) return problems
  return [...problems, problem(row.day, row.seq, 'changed', `The event ${row.id} was changed.`)]
}

function endProblems(last: Link, { day, count, head }: SealedDay): AuditProblem[] {
  if (last.seq < count) return [missing(day, last.seq + 1, count)]
  if (last.hash === head) return []
  const message = 'The last event is not the one that the day names.'
  return [problem(day, count, 'changed', message)]
}

function problem(
  day: number | null,
  seq: number | null,
  what: AuditProblem['what'],
  message: string,
): AuditProblem {
  return { day: dateOf(day), seq, what, message }
}

function missing(day: number, from: number, to: number): AuditProblem {
  const which = from === to ? `The event ${from} is` : `The events ${from} to ${to} are`
  return problem(day, from, 'missing', `${which} missing.`)
}

/** Address and device are those of the event; without them the account must be gone. */
function isOriginRight(row: ChainedEvent, open: ReadonlySet<string | null>): boolean {
  const { origin, originSalt, ip, userAgent } = row
  if (originSalt !== null) return origin === originHash(originSalt, { ip, userAgent })
  if (ip !== null || userAgent !== null) return false
  const owner = ownerOf(row)
  return origin === null || (owner !== null && !open.has(owner))
}

function dateOf(day: number | null): string | null {
  return day === null ? null : new Date(day * DAY_MS).toISOString().slice(0, 10)
}
