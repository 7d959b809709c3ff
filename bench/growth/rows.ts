import { v7 as uuidv7 } from 'uuid'

const MINUTE = 60_000
const DAY = 86_400_000
const SESSIONS_PER_USER = 3
const USERS_OVER_DAYS = 730
const SESSIONS_OVER_DAYS = 60
/** The server's own lifetimes, as they are without a setting. */
const REFRESH_DAYS = 30
const SESSION_DAYS = 90
const LAST_USED_WITHIN_DAYS = 25
/** One session in so many has ended within the last day; older ones the cleaner has deleted. */
const ENDED_EVERY = 10
/** Those of these ended within the last minute, in a world of any size. */
const RECENT_UP_TO = 1000
const ENDED_WITHIN = DAY - 3 * MINUTE
const ROLE_CHANGED_EVERY = 100
/** Has no factor in common with a power of ten, nor with three of them: it leads to each row in turn. */
const STEP = 618_031

const systems = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
]

export type Rows = ReturnType<typeof createRows>

/**
 * Users, their sessions and what was recorded of both, by number from 0, the oldest first: the same
 * ones each time. A user has three sessions, and the audit entries of their sign-ins.
 * @param newest the moment that the rows lead up to, in milliseconds since 1970
 * @param users how many there are: a power of ten, 1000 or more
 * @param passwordHash of every user
 */
export function createRows(newest: number, users: number, passwordHash: string) {
  const sessions = users * SESSIONS_PER_USER

  function userCreatedAt(n: number): number {
    return spread(n, users, newest - USERS_OVER_DAYS * DAY, newest - SESSIONS_OVER_DAYS * DAY)
  }

  function sessionCreatedAt(n: number): number {
    return spread(n, sessions, newest - SESSIONS_OVER_DAYS * DAY, newest - 5 * MINUTE)
  }

  const userId = (n: number) => idAt(userCreatedAt(n), n)
  const sessionId = (n: number) => idAt(sessionCreatedAt(n), n)
  const isEnded = (n: number) => n % ENDED_EVERY === 7
  const ownerOf = (n: number) => (n * STEP) % users

  function user(n: number) {
    const createdAt = new Date(userCreatedAt(n))
    const username = userName(n)
    const email = `${username}@example.com`
    return {
      id: userId(n),
      username,
      usernameKey: username,
      email,
      emailKey: email,
      name: `Person ${n}`,
      roleChangedAt: roleChangedAt(n),
      passwordHash,
      createdAt,
      updatedAt: createdAt,
    }
  }

  function roleChangedAt(n: number): Date | null {
    if (n % ROLE_CHANGED_EVERY !== 3) return null
    const ago = n < RECENT_UP_TO ? n * 50 : 2 * MINUTE + (scattered(n) % (USERS_OVER_DAYS * DAY))
    return new Date(newest - ago)
  }

  function session(n: number) {
    const createdAt = new Date(sessionCreatedAt(n))
    const endsAt = createdAt.getTime() + SESSION_DAYS * DAY
    const longestAgo = Math.min(newest - createdAt.getTime(), LAST_USED_WITHIN_DAYS * DAY)
    const rotatedAt = newest - Math.floor((longestAgo * (scattered(n) % 1000)) / 1000)
    const revokedAt = isEnded(n) ? new Date(endedAt(n)) : null
    return {
      id: sessionId(n),
      userId: userId(ownerOf(n)),
      generation: 1 + (scattered(n) % 300),
      rotatedAt: new Date(rotatedAt),
      createdAt,
      expiresAt: new Date(Math.min(rotatedAt + REFRESH_DAYS * DAY, endsAt)),
      endsAt: new Date(endsAt),
      revokedAt,
      revokedReason: revokedAt && 'signed_out',
      authTime: createdAt,
      transport: 'body',
      amr: 'pwd',
      ip: ipOf(n),
      userAgent: agentOf(n),
    }
  }

  function endedAt(n: number): number {
    return n < RECENT_UP_TO ? newest - n * 50 : newest - 2 * MINUTE - (scattered(n) % ENDED_WITHIN)
  }

  /** A session of somebody that ended, or ran out, so many days before the newest moment. */
  function oldSession(n: number, how: 'ended' | 'ran out', daysAgo: number) {
    const over = new Date(newest - daysAgo * DAY)
    const createdAt = new Date(over.getTime() - REFRESH_DAYS * DAY - (scattered(n) % (20 * DAY)))
    return {
      ...session(n % sessions),
      id: uuidv7({ msecs: createdAt.getTime() }),
      createdAt,
      authTime: createdAt,
      rotatedAt: createdAt,
      expiresAt: how === 'ended' ? new Date(newest + DAY) : over,
      revokedAt: how === 'ended' ? over : null,
    }
  }

  /** The sign-in that opened the nth session. */
  function auditEvent(n: number) {
    const at = sessionCreatedAt(n)
    return {
      id: idAt(at, n),
      at: new Date(at),
      type: 'signed_in',
      userId: userId(ownerOf(n)),
      sessionId: sessionId(n),
      detail: 'pwd',
      ip: ipOf(n),
      userAgent: agentOf(n),
    }
  }

  /** An entry of so many days before the newest moment. */
  function oldAuditEvent(n: number, daysAgo: number) {
    const at = new Date(newest - daysAgo * DAY - n)
    return { ...auditEvent(n % sessions), id: uuidv7({ msecs: at.getTime() }), at }
  }

  /** The ids of so many live sessions from all over the table, or all there are. */
  function liveSessions(count: number): string[] {
    return Array.from(
      { length: Math.min(count * 2, sessions) },
      (_, turn) => (turn * STEP) % sessions,
    )
      .filter((n) => !isEnded(n))
      .slice(0, count)
      .map(sessionId)
  }

  return {
    users,
    sessions,
    newest,
    user,
    session,
    auditEvent,
    oldSession,
    oldAuditEvent,
    liveSessions,
    /** The name of a user that looks like chance, another one for each turn. */
    anyName: (turn: number) => userName(scattered(turn) % users),
  }
}

const userName = (n: number) => `person-${String(n).padStart(7, '0')}`

const ipOf = (n: number) => `203.0.113.${scattered(n) % 256}`

function agentOf(n: number): string {
  const chance = scattered(n)
  return `Mozilla/5.0 (${systems[chance % 3]}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${130 + (chance % 12)}.0.0.0 Safari/537.36`
}

/** Where the nth of `count` moments lies that are spread evenly. */
function spread(n: number, count: number, first: number, last: number): number {
  return first + Math.floor(((last - first) * n) / count)
}

/** A UUIDv7, the same one each time for the same moment and number; the package takes ten times as long. */
function idAt(msecs: number, n: number): string {
  const time = hex(msecs, 12)
  const chance = hex(scattered(n), 8)
  const place = hex(n, 12)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(1, 4)}-8${chance.slice(5)}-${place}`
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

/** A number that looks like chance (Knuth's multiplicative hash), the same each time. */
function scattered(n: number): number {
  return (Math.imul(n + 1, 2_654_435_761) >>> 0) >>> 3
}
