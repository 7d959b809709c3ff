// A year of use, ten days at a time: whatever people do, the cleaner leaves every table as large
// as it was after half a year. Tables grow with accounts and what they own, and nothing else.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { bearer, PASSWORD, type Person, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { ask, newHouse } from '../support/houses.ts'
import { attempt, OFF, WRONG } from '../support/lockout.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { answerReset, beginReset } from '../support/resets.ts'

const STEP_SECONDS = 10 * 86_400
const STEPS = 37
/** Rows that a table may have more, since what is left of a day differs. */
const SLACK = 10

const schema = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
const tables = [...schema.matchAll(/^model (\w+)/gm)].map(([, name = '']) => name)

async function sizes({ database }: TestServer): Promise<Record<string, number>> {
  const counted = tables.map(async (table) => {
    const [row] = await database.client.$queryRawUnsafe<{ rows: bigint }[]>(
      `SELECT COUNT(*) AS \`rows\` FROM \`${table}\``,
    )
    return [table, Number(row?.rows)] as const
  })
  return Object.fromEntries(await Promise.all(counted))
}

/** Somebody registers, leaves things behind, and deletes the account. */
async function comeAndGo(server: TestServer): Promise<void> {
  const person = await signedUp(server)
  await newHouse(server, person)
  const note = { title: 'A note', body: 'Some text' }
  assert.equal((await ask(server, 'POST /notes', person, { body: note })).statusCode, 201)
  const gone = await ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })
  assert.equal(gone.statusCode, 204, gone.body)
}

/** A member signs in, uses everything that leaves rows, and signs in wrongly; strangers guess. */
async function useDaily(server: TestServer, member: Person): Promise<void> {
  const session = await signedIn(server, member)
  await refresh(server, session.refresh_token)
  const headers = { 'idempotency-key': randomUUID() }
  const body = { projectNo: uniqueName('P'), projectName: 'House' }
  const house = (await ask(server, 'POST /houses', session, { body, headers })).json<{
    id: string
  }>()
  await ask(server, `DELETE /houses/${house.id}`, session)
  await attempt(server, member, WRONG)
  for (let guess = 0; guess < 3; guess++) await attempt(server, { username: uniqueName() }, WRONG)
  for (const login of [member.email, `${uniqueName()}@example.com`]) {
    const { token } = (await beginReset(server, login)).json<{ token: string }>()
    await answerReset(server, token, '00000000')
  }
}

/** What the server does beside the requests, until nothing is left to do. */
async function runJobs(server: TestServer): Promise<void> {
  const { signal } = new AbortController()
  for (const { jobs = [] } of server.opened) for (const { run } of jobs) await run(signal)
  await outboxEmpty(server)
  await server.services.audit.written()
  for (const { clean } of server.opened) while (await clean?.());
}

test('after a year of use no table is larger than after half a year', async (t) => {
  const server = await startServer(t, { env: { ...OFF, AUDIT_RETENTION: '30d' } })
  const member = await signedUp(server)
  let half: Record<string, number> = {}
  for (let step = 1; step <= STEPS; step++) {
    await comeAndGo(server)
    await useDaily(server, member)
    server.clock.advance(STEP_SECONDS)
    await runJobs(server)
    if (step === Math.floor(STEPS / 2)) half = await sizes(server)
  }

  const whole = await sizes(server)
  const grown = tables.filter((table) => (whole[table] ?? 0) > (half[table] ?? 0) + SLACK)

  assert.deepEqual(grown, [], JSON.stringify({ half, whole }))
  assert.ok((whole.AuditEvent ?? 0) > SLACK)
  assert.equal((await server.inject({ url: '/readyz' })).statusCode, 200)
  assert.equal(
    (
      await server.inject({
        url: '/me',
        headers: bearer((await signedIn(server, member)).access_token),
      })
    ).statusCode,
    200,
  )
})
