// What both loops share: the rows they begin with and the statements of a refresh.
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const READ = `SELECT Session.id, userId, generation, rotatedAt, rotationKeyHash, Session.createdAt, expiresAt,
  endsAt, revokedAt, revokedReason, transport, authTime, amr, ip, userAgent,
  User.id AS ownerId, username, email, emailVerified, name, role, credentialVersion,
  User.createdAt AS ownerSince
FROM Session LEFT JOIN User ON User.id = userId
WHERE Session.id = ?`

export const ROTATE = `UPDATE Session SET generation = ?, rotatedAt = ?, rotationKeyHash = ?, expiresAt = ?, ip = ?, userAgent = ?
WHERE id = ? AND generation = ? AND revokedAt IS NULL AND endsAt > ?`

export const ADD_USER = `INSERT INTO User (id, username, usernameKey, email, emailKey, passwordHash, createdAt, updatedAt)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

export const ADD_SESSION = `INSERT INTO Session (id, userId, rotatedAt, createdAt, expiresAt, endsAt, transport, authTime, amr)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

const DAY_MS = 86_400_000
const IP = '127.0.0.1'
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'

export function migrationsIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => readFileSync(join(folder, name, 'migration.sql'), 'utf8'))
}

/** A user with one session. @param timeOf how the driver takes a time */
export function invent(timeOf) {
  const [userId, sessionId] = [randomUUID(), randomUUID()]
  const name = userId.slice(0, 18)
  const mail = `${name}@example.com`
  const now = new Date()
  const [at, later] = [timeOf(now), timeOf(new Date(now.getTime() + 30 * DAY_MS))]
  return {
    sessionId,
    user: [userId, name, name, mail, mail, 'no hash', at, at],
    session: [sessionId, userId, at, at, later, later, 'body', at, 'pwd'],
  }
}

/** The values of `ROTATE` for a session that was read. */
export function rotation({ id, generation }, timeOf) {
  const now = new Date()
  const at = timeOf(now)
  const expiresAt = timeOf(new Date(now.getTime() + 30 * DAY_MS))
  return [generation + 1, at, null, expiresAt, IP, USER_AGENT, id, generation, at]
}

/** Counts until the time is over, a tenth of it for warming up. @param turn one refresh of one of many sessions */
export async function measure({ inFlight, seconds }, turn) {
  const lap = async (ms) => {
    const startedAt = performance.now()
    let count = 0
    const lane = async (_, number) => {
      while (performance.now() < startedAt + ms) {
        await turn(number)
        count += 1
      }
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
    return count / ((performance.now() - startedAt) / 1000)
  }
  await lap(seconds * 100)
  console.log(JSON.stringify({ perSecond: await lap(seconds * 1000) }))
}
