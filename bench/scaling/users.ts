// How sign-ins, refreshes, reads and the server's own jobs cope with many users.

import { Agent } from 'node:http'
import { sessionOf } from '../../src/features/sessions/session.ts'
import type { User } from '../../src/features/users/user.ts'
import { BATCH } from '../../src/platform/database/batches.ts'
import { type Sampler, timed } from '../support/interleaved.ts'
import { bearer, exchange, type HttpRequest, PASSWORD, post } from '../support/requests.ts'
import type { Dataset, Operation, Subject } from './dataset.ts'
import { insert } from './fill.ts'
import { createUserRows, type UserRows } from './user-rows.ts'

/** More than there are turns, so that no session comes twice. */
const TOKENS = 1000
/** What a minute leaves for the cleaner. */
const FEW = 20
const SESSION_KEPT_DAYS = 2
const AUDIT_KEPT_DAYS = 401

type Users = Dataset<UserRows>
type Tokens = { accessToken: string; refreshToken: string }

/** Clients' requests go over HTTP; the server's own jobs run in this process. */
const operations: Operation<UserRows>[] = [
  {
    name: '`POST /login`, cheapest hash',
    isBounded: true,
    prepare: async (dataset) =>
      overHttp(dataset, (turn) =>
        post('/login', { username: dataset.rows.anyName(turn), password: PASSWORD }),
      ),
  },
  withToken('`POST /refresh`', (token) => bearer('POST', '/refresh', token.refreshToken)),
  withToken('`GET /me`', (token) => bearer('GET', '/me', token.accessToken)),
  withToken('`GET /sessions`', (token) => bearer('GET', '/sessions', token.accessToken)),
  withToken('`GET /me/activity`', (token) => bearer('GET', '/me/activity', token.accessToken)),
  {
    name: 'poll of the revocation feed',
    isBounded: true,
    prepare:
      async ({ inside }) =>
      () =>
        timed(inside.services.revocations.poll),
  },
  clean('nothing to delete'),
  clean(`${FEW} sessions that ended`, (dataset) => addSessions(dataset, 'ended', FEW)),
  clean(`${FEW} sessions that expired`, (dataset) => addSessions(dataset, 'expired', FEW)),
  clean(`${FEW} audit entries`, (dataset) => addAuditEvents(dataset, FEW)),
  {
    ...clean(`${BATCH} sessions`, (data) => addSessions(data, 'expired', BATCH)),
    isBounded: false,
  },
]

export const users: Subject<UserRows> = {
  name: 'users',
  page: 'growth.md',
  maxGrowth: 1.3,
  bounds: {
    warmUp: { count: 60, fewest: 5, limitMs: 2000 },
    samples: { count: 900, fewest: 20, limitMs: 6000 },
  },
  createRows: createUserRows,
  operations,
}

function withToken(name: string, requestOf: (tokens: Tokens) => HttpRequest): Operation<UserRows> {
  return {
    name,
    isBounded: true,
    prepare: async (dataset) => {
      const requests = (await issueTokens(dataset)).map(requestOf)
      return overHttp(dataset, (turn) => requests[turn % requests.length])
    },
  }
}

function overHttp(
  { server }: Users,
  requestOf: (turn: number) => HttpRequest | undefined,
): Sampler {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return async (turn) => {
    const request = requestOf(turn)
    return request && timed(async () => (await exchange(server.base, request, agent)).status)
  }
}

/** Tokens of sessions from all over the table, each of another user. */
async function issueTokens({ inside, rows }: Users): Promise<Tokens[]> {
  const { services, database } = inside
  const found = await database.client.session.findMany({
    where: { id: { in: rows.liveSessions(TOKENS) } },
    include: { user: true },
  })
  return found.flatMap(({ user, ...session }) =>
    user
      ? [services.tokens.issueTokens(user as User, sessionOf(session), new Date(rows.newest))]
      : [],
  )
}

/** One run of the cleaner, after something was put there for it. */
function clean(what: string, before?: (dataset: Users) => Promise<void>): Operation<UserRows> {
  return {
    name: `cleaner, ${what}`,
    isBounded: true,
    prepare: async (dataset) => async () => {
      await before?.(dataset)
      const { sessions, audit } = dataset.inside.services
      return timed(async () => {
        await sessions.clean()
        await audit.clean()
      })
    },
  }
}

let added = 0

async function addSessions({ inside, rows }: Users, how: 'ended' | 'expired', length: number) {
  const old = Array.from({ length }, () => rows.oldSession(added++, how, SESSION_KEPT_DAYS))
  await insert(inside.database, 'Session', old)
}

async function addAuditEvents({ inside, rows }: Users, length: number) {
  const old = Array.from({ length }, () => rows.oldAuditEvent(added++, AUDIT_KEPT_DAYS))
  await insert(inside.database, 'AuditEvent', old)
}
