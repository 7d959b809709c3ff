import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from './answers.ts'
import { databaseKind, startServer } from './helper.ts'
import { bearer, PASSWORD, signedUp } from './people.ts'

// What a statement costs must not grow with the table. SQLite's plan says so without a table of a million
// rows; MySQL plans by what is in the table, so there `npm run bench:growth` tells.
const notOnMysql = databaseKind === 'mysql' && 'MySQL plans by the rows that there are'

/** A server with somebody signed in, and what makes it send the statements of each purpose. */
async function worldOf(t: TestContext) {
  const server = await startServer(t)
  const { username, access_token, refresh_token } = await signedUp(server)
  const headers = bearer(access_token)
  const { revocations, sessions, audit, lockout, idempotency } = server.services
  const purposes: Record<string, () => Promise<unknown>> = {
    'the revocation feed': () => revocations.poll(),
    'the cleaner': async () => {
      for (const { clean } of [sessions, audit, lockout, idempotency]) await clean()
    },
    'a sign-in': () => call(server, 'POST /login', { username, password: PASSWORD }),
    'a wrong sign-in': () => call(server, 'POST /login', { username, password: 'not that one' }),
    'a refresh': () => call(server, 'POST /refresh', { refresh_token }),
    'GET /me': () => call(server, 'GET /me', undefined, headers),
    'GET /sessions': () => call(server, 'GET /sessions', undefined, headers),
    'a sign-out': () => call(server, 'POST /logout', undefined, headers),
  }
  return { server, purposes }
}

test('no statement of a hot path looks through a whole table or index', {
  skip: notOnMysql,
}, async (t) => {
  const { server, purposes } = await worldOf(t)
  const scans: string[] = []
  let statements = 0

  for (const [purpose, act] of Object.entries(purposes)) {
    const before = server.queries.length
    await act()
    const sent = server.queries.slice(before).map((sql, at) => ({
      sql,
      values: server.values[before + at] ?? [],
    }))
    for (const { sql, values } of sent.filter(({ sql }) => !/^(BEGIN|COMMIT)/.test(sql))) {
      const plan = await server.database.client.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${sql}`,
        ...values,
      )
      statements += 1
      // A row that is not from a table is a constant.
      const found = plan.filter(({ detail }) => /^SCAN (?!CONSTANT)/.test(detail))
      scans.push(...found.map(({ detail }) => `${purpose}: ${detail}: ${sql}`))
    }
  }

  assert.ok(statements > 20, `${statements} statements`)
  assert.deepEqual(scans, [])
})
