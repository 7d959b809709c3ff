import { createSessionStore } from '../../src/features/sessions/store.ts'
import type { Session } from '../../src/generated/sqlite/client.ts'
import { progressBar } from '../progress.ts'
import type { Place } from './places.ts'
import type { World } from './worlds.ts'

/** Sessions that are refreshed at the same time. */
const AT_ONCE = 64
const SESSIONS = 2000
/** From one refresh of a session to its next one: the life of an access token. */
const APART_MS = 15 * 60_000
const MONTH_MS = 30 * 86_400_000
/** How often the size is looked at. */
const PARTS = 10

export type Refreshed = {
  sessions: number
  perSecond: number
  /** The bytes of the database after so many refreshes. */
  sizes: { refreshes: number; bytes: number }[]
}

type Turning = Pick<Session, 'id' | 'generation' | 'rotatedAt' | 'endsAt' | 'ip' | 'userAgent'>

/**
 * Refreshes the same sessions again and again, by the statement that decides a refresh, as the server's
 * own store sends it; every one must succeed.
 * @throws Error when one does not
 */
export async function refreshAgain(place: Place, world: World, count: number): Promise<Refreshed> {
  const { client, statements } = world.inside.database
  const { rotate } = createSessionStore(client, statements)
  const sessions: Turning[] = await client.session.findMany({
    where: { id: { in: world.rows.liveSessions(Math.min(SESSIONS, count)) } },
  })
  const sizes = [{ refreshes: 0, bytes: await place.bytes(world.name) }]
  const bar = progressBar('refreshing {bar} {value}/{total}, {eta} s left')
  let done = 0
  let seconds = 0
  bar.start(count, 0)
  for (let part = 1; part <= PARTS; part++) {
    const until = Math.floor((count * part) / PARTS)
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: AT_ONCE }, () => worker(until)))
    seconds += (performance.now() - startedAt) / 1000
    sizes.push({ refreshes: until, bytes: await place.bytes(world.name) })
  }
  bar.stop()
  return { sessions: sessions.length, perSecond: count / seconds, sizes }

  async function worker(until: number): Promise<void> {
    while (done < until) {
      const session = sessions[done++ % sessions.length]
      if (session) await refresh(session)
      bar.increment()
    }
  }

  async function refresh(session: Turning): Promise<void> {
    const { generation, endsAt, ip, userAgent } = session
    const rotatedAt = new Date(session.rotatedAt.getTime() + APART_MS)
    const expiresAt = new Date(Math.min(rotatedAt.getTime() + MONTH_MS, endsAt.getTime()))
    const next = { generation: generation + 1, rotatedAt, rotationKeyHash: null, expiresAt }
    if (!(await rotate(session, { ...next, ip, userAgent }))) {
      throw new Error('a refresh found another generation than it knew')
    }
    Object.assign(session, next)
  }
}
