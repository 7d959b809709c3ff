import { type Bounds, type Figures, inTurns, type Sampler } from '../in-turns.ts'
import { exchange, PASSWORD } from '../requests.ts'
import type { World } from './worlds.ts'

const WARM_UP: Bounds = { count: 60, fewest: 5, limitMs: 2000 }
const SAMPLES: Bounds = { count: 900, fewest: 20, limitMs: 6000 }
/** More than there are turns, so that no session comes twice. */
const TOKENS = 1000
const JSON_TYPE = { 'content-type': 'application/json' }
/** What a minute leaves for the cleaner, and as many as it deletes at a time. */
const FEW = 20
const WHOLE_BATCH = 500
const SESSION_KEPT_DAYS = 2
const AUDIT_KEPT_DAYS = 91

type Operation = {
  name: string
  /** Whether a world a thousand times as large may make it hardly slower. */
  isBounded: boolean
  prepare: (world: World) => Promise<Sampler>
}
type Request = { method?: string; path: string; headers?: Record<string, string>; body?: string }

/** What may not slow down: by HTTP what clients ask for, in this process what the server does by itself. */
export const operations: Operation[] = [
  {
    name: '`POST /login`, cheapest hash',
    isBounded: true,
    prepare: async (world) => {
      const { anyName } = world.rows
      return (turn) =>
        ask(world, {
          method: 'POST',
          path: '/login',
          headers: JSON_TYPE,
          body: JSON.stringify({ username: anyName(turn), password: PASSWORD }),
        })
    },
  },
  {
    name: '`POST /refresh`',
    isBounded: true,
    prepare: async (world) => {
      const tokens = await handOut(world)
      return (turn) => {
        const { refreshToken } = tokens[turn % tokens.length] ?? { refreshToken: '' }
        const headers = { authorization: `Bearer ${refreshToken}` }
        return ask(world, { method: 'POST', path: '/refresh', headers })
      }
    },
  },
  get('/me'),
  get('/sessions'),
  {
    name: 'poll of the revocation feed',
    isBounded: true,
    prepare:
      async ({ inside }) =>
      () =>
        timed(inside.services.revocations.poll),
  },
  clean('nothing to delete'),
  clean(`${FEW} sessions that ended`, (world) => addSessions(world, 'ended', FEW)),
  clean(`${FEW} sessions that ran out`, (world) => addSessions(world, 'ran out', FEW)),
  clean(`${FEW} audit entries`, (world) => addAuditEvents(world, FEW)),
  {
    ...clean(`${WHOLE_BATCH} sessions`, (world) => addSessions(world, 'ran out', WHOLE_BATCH)),
    isBounded: false,
  },
]

/** @returns the figures in the order of the worlds */
export async function measure({ prepare }: Operation, worlds: World[]): Promise<Figures[]> {
  const samplers: Sampler[] = []
  for (const world of worlds) samplers.push(await prepare(world))
  return inTurns(samplers, { warmUp: WARM_UP, samples: SAMPLES })
}

function get(path: string): Operation {
  return {
    name: `\`GET ${path}\``,
    isBounded: true,
    prepare: async (world) => {
      const tokens = await handOut(world)
      return (turn) => {
        const { accessToken } = tokens[turn % tokens.length] ?? { accessToken: '' }
        return ask(world, { path, headers: { authorization: `Bearer ${accessToken}` } })
      }
    },
  }
}

/** Tokens of sessions from all over the table, each of another user. */
async function handOut({ inside, rows }: World) {
  const { services, database } = inside
  const ids = rows.liveSessions(TOKENS)
  const found = await database.client.session.findMany({
    where: { id: { in: ids } },
    include: { user: true },
  })
  return found.flatMap(({ user, ...session }) =>
    user ? [services.tokens.handOut(user, session, new Date(rows.newest))] : [],
  )
}

async function ask({ server, agent }: World, { path, ...request }: Request) {
  return timed(() => exchange(`${server.base}${path}`, { agent, ...request }))
}

/** One turn of the cleaner, after something was put there for it. */
function clean(what: string, before?: (world: World) => Promise<void>): Operation {
  return {
    name: `cleaner, ${what}`,
    isBounded: true,
    prepare: async (world) => async () => {
      await before?.(world)
      const { sessions, audit } = world.inside.services
      return timed(async () => {
        await sessions.clean()
        await audit.clean()
      })
    },
  }
}

let added = 0

async function addSessions({ raw, rows }: World, how: 'ended' | 'ran out', count: number) {
  const old = Array.from({ length: count }, () => rows.oldSession(added++, how, SESSION_KEPT_DAYS))
  await raw.insert('Session', old)
}

async function addAuditEvents({ raw, rows }: World, count: number) {
  const old = Array.from({ length: count }, () => rows.oldAuditEvent(added++, AUDIT_KEPT_DAYS))
  await raw.insert('AuditEvent', old)
}

async function timed(action: () => Promise<unknown>) {
  const startedAt = performance.now()
  const status = await action()
  const ms = performance.now() - startedAt
  return { ms, status: typeof status === 'number' ? status : 0 }
}
