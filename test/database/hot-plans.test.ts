import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { databaseKind, startServer } from '../support/helper.ts'

// What a statement costs must not grow with the table. SQLite's plan says so without a table of a
// million rows; MySQL plans by what is in the table, so there `npm run bench:scaling` tells.
const notOnMysql = databaseKind === 'mysql' && 'MySQL plans by the rows that there are'

/**
 * Those without a plan, the one that counts no more than a limit of rows, and the job that reads
 * the few signing keys once a second.
 */
const IS_BOUNDED = /^(?:BEGIN|COMMIT)|INSERT INTO Mail .*FROM Mail LIMIT|FROM \S*SigningKey/s

/** A server with somebody signed in, and what makes it send the statements of each purpose. */
async function worldOf(t: TestContext) {
  const server = await startServer(t)
  const { username, access_token, refresh_token } = await signedUp(server)
  const headers = bearer(access_token)
  const { revocations, sessions, audit, lockout, idempotency, mail } = server.services
  const purposes: Record<string, () => Promise<unknown>> = {
    'the revocation feed': () => revocations.poll(),
    'the cleaner': async () => {
      for (const { clean } of [sessions, audit, lockout, idempotency, mail]) await clean()
    },
    'the poll of the outbox': async () => mail.send?.(),
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
    await server.services.audit.written()
    const sent = server.queries.slice(before).map((sql, at) => ({
      sql,
      values: server.values[before + at] ?? [],
    }))
    for (const { sql, values } of sent.filter(({ sql }) => !IS_BOUNDED.test(sql))) {
      const plan = await server.database.client.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${sql}`,
        ...values,
      )
      statements += 1
      // Rows that are not from a table are constants.
      const found = plan.filter(({ detail }) => /^SCAN (?!(?:\d+ )?CONSTANT)/.test(detail))
      scans.push(...found.map(({ detail }) => `${purpose}: ${detail}: ${sql}`))
    }
  }

  assert.ok(statements > 20, `${statements} statements`)
  assert.deepEqual(scans, [])
})
