import { DAY_MS, idAt, scattered, userRow } from './rows.ts'

const MINUTE_MS = 60_000
const SESSIONS_PER_USER = 3
const USERS_OVER_DAYS = 730
const SESSIONS_OVER_DAYS = 60
/** The lifetimes that the server has by default. */
const REFRESH_DAYS = 30
const SESSION_DAYS = 90
const LAST_USED_WITHIN_DAYS = 25
/** One session in so many has ended within the last day; older ones the cleaner has deleted. */
const ENDED_EVERY = 10
/** Those of these ended within the last minute, however many there are. */
const RECENT_UP_TO = 1000
const ENDED_WITHIN = DAY_MS - 3 * MINUTE_MS
const ROLE_CHANGED_EVERY = 100
/** Has no factor in common with the counts, so its multiples reach every row. */
const STEP = 618_031

const systems = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
]

export type UserRows = ReturnType<typeof createUserRows>

/**
 * Users by number from 0, the oldest first, each with three sessions and the audit entries of their
 * sign-ins.
 * @param newest the moment that the rows lead up to
 * @param users how many there are: a power of ten, 1000 or more
 */
export function createUserRows(newest: number, users: number, passwordHash: string) {
  const sessions = users * SESSIONS_PER_USER

  const userCreatedAt = (n: number) =>
    spread(n, users, newest - USERS_OVER_DAYS * DAY_MS, newest - SESSIONS_OVER_DAYS * DAY_MS)
  const sessionCreatedAt = (n: number) =>
    spread(n, sessions, newest - SESSIONS_OVER_DAYS * DAY_MS, newest - 5 * MINUTE_MS)
  const userId = (n: number) => idAt(userCreatedAt(n), n)
  const sessionId = (n: number) => idAt(sessionCreatedAt(n), n)
  const isEnded = (n: number) => n % ENDED_EVERY === 7
  const ownerOf = (n: number) => (n * STEP) % users

  function user(n: number) {
    const row = userRow(userId(n), userName(n), new Date(userCreatedAt(n)), passwordHash)
    return { ...row, name: `Person ${n}`, roleChangedAt: roleChangedAt(n) }
  }

  function roleChangedAt(n: number): Date | null {
    if (n % ROLE_CHANGED_EVERY !== 3) return null
    const long = 2 * MINUTE_MS + (scattered(n) % (USERS_OVER_DAYS * DAY_MS))
    return new Date(newest - (n < RECENT_UP_TO ? n * 50 : long))
  }

  function session(n: number) {
    const createdAt = new Date(sessionCreatedAt(n))
    const endsAt = createdAt.getTime() + SESSION_DAYS * DAY_MS
    const longestAgo = Math.min(newest - createdAt.getTime(), LAST_USED_WITHIN_DAYS * DAY_MS)
    const rotatedAt = newest - Math.floor((longestAgo * (scattered(n) % 1000)) / 1000)
    const revokedAt = isEnded(n) ? new Date(endedAt(n)) : null
    return {
      id: sessionId(n),
      userId: userId(ownerOf(n)),
      generation: 1 + (scattered(n) % 300),
      rotatedAt: new Date(rotatedAt),
      createdAt,
      expiresAt: new Date(Math.min(rotatedAt + REFRESH_DAYS * DAY_MS, endsAt)),
      endsAt: new Date(endsAt),
      revokedAt,
      revokedReason: revokedAt && 'signed_out',
      authTime: createdAt,
      transport: 'body',
      amr: 'pwd',
      ...clientOf(n),
    }
  }

  function endedAt(n: number): number {
    const longAgo = 2 * MINUTE_MS + (scattered(n) % ENDED_WITHIN)
    return newest - (n < RECENT_UP_TO ? n * 50 : longAgo)
  }

  /** A session that ended, or expired, so many days before the newest moment. */
  function oldSession(n: number, how: 'ended' | 'expired', daysAgo: number) {
    const over = newest - daysAgo * DAY_MS
    const created = over - REFRESH_DAYS * DAY_MS - (scattered(n) % (20 * DAY_MS))
    const createdAt = new Date(created)
    return {
      ...session(n % sessions),
      ...{ id: idAt(created, sessions + n), createdAt, authTime: createdAt, rotatedAt: createdAt },
      expiresAt: new Date(how === 'ended' ? newest + DAY_MS : over),
      revokedAt: how === 'ended' ? new Date(over) : null,
    }
  }

  /** The sign-in that opened a session. */
  function auditEvent(n: number) {
    const at = sessionCreatedAt(n)
    const subject = { userId: userId(ownerOf(n)), sessionId: sessionId(n) }
    const event = { type: 'signed_in', detail: 'pwd' }
    const place = { day: Math.floor(at / DAY_MS), seq: n }
    return { id: idAt(at, n), at: new Date(at), ...place, ...event, ...subject, ...clientOf(n) }
  }

  /** An audit entry of so many days before the newest moment, from before there was a chain. */
  function oldAuditEvent(n: number, daysAgo: number) {
    const at = newest - daysAgo * DAY_MS - n
    const event = { ...auditEvent(n % sessions), day: null, seq: null }
    return { ...event, id: idAt(at, sessions + n), at: new Date(at) }
  }

  /** The ids of so many live sessions from all over the table, or all there are. */
  function liveSessions(count: number): string[] {
    const length = Math.min(count * 2, sessions)
    return Array.from({ length }, (_, turn) => (turn * STEP) % sessions)
      .filter((n) => !isEnded(n))
      .slice(0, count)
      .map(sessionId)
  }

  const tables = [
    { name: 'User', count: users, rowOf: user },
    { name: 'Session', count: sessions, rowOf: session },
    { name: 'AuditEvent', count: sessions, rowOf: auditEvent },
  ]
  /** The name of a user that looks random, another one for each turn. */
  const anyName = (turn: number) => userName(scattered(turn) % users)
  return { newest, tables, oldSession, oldAuditEvent, liveSessions, anyName }
}

const userName = (n: number) => `person-${String(n).padStart(7, '0')}`

function clientOf(n: number) {
  const chance = scattered(n)
  const userAgent = `Mozilla/5.0 (${systems[chance % 3]}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${130 + (chance % 12)}.0.0.0 Safari/537.36`
  return { ip: `203.0.113.${chance % 256}`, userAgent }
}

/** The nth of `count` moments at equal distances. */
function spread(n: number, count: number, first: number, last: number): number {
  return first + Math.floor(((last - first) * n) / count)
}
