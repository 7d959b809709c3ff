import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Chance, createCrashClient } from '../crash/client.ts'
import { emptyDatabase, openAt } from '../support/databases.ts'
import { databaseKind, freshDatabase, uniqueName } from '../support/helper.ts'
import { launch, type ServerProcess } from '../support/process.ts'

const KILLS = Number(process.env.CRASH_KILLS ?? 6)
const CLIENTS = 6
/** A server dies after so many answers at most, however fast it is, and a moment more. */
const MOST_ANSWERS = 24
const MOST_DELAY_MS = 20
const { CRASH_SEED } = process.env

/** Lost answers are repeated after a restart, however slow the machine is. */
const ENV = { REFRESH_GRACE: '5m' }

test(`A server killed ${KILLS} times under load keeps everything that it acknowledged`, async (t) => {
  const seed = Number(CRASH_SEED ?? randomInt(2 ** 31))
  const chance = chanceOf(seed)
  t.diagnostic(`seed ${seed}`)
  const url = await freshDatabase(t)
  const start = starter(t, url)
  const clients = Array.from({ length: CLIENTS }, () =>
    createCrashClient(uniqueName('crash'), chance),
  )

  const sum = (name: 'acknowledged' | 'lost') =>
    clients.reduce((total, client) => total + client.counts()[name], 0)
  let isOver = false
  t.after(() => {
    isOver = true
  })
  const answersUpTo = async (enough: number) => {
    while (sum('acknowledged') < enough && !isOver) await sleep(1)
  }

  for (let kill = 0; kill < KILLS; kill++) {
    const server = await start()
    await Promise.all(clients.map((client) => client.insist(server)))
    const working = Promise.all(clients.map((client) => client.work(server)))
    const enough = sum('acknowledged') + chance() * MOST_ANSWERS
    await Promise.race([answersUpTo(enough), working])
    await sleep(chance() * MOST_DELAY_MS)
    await server.stop('SIGKILL')
    await working
  }
  const server = await start()
  await Promise.all(clients.map((client) => client.insist(server)))
  await server.stop('SIGTERM')

  t.diagnostic(`${sum('acknowledged')} answers came, ${sum('lost')} were lost`)
  assert.ok(sum('acknowledged') > KILLS && sum('lost') > KILLS)
  await assertWhole(url)
})

if (databaseKind === 'sqlite') {
  test('A server killed during its first starts completes a start on the same file', async (t) => {
    const seed = Number(CRASH_SEED ?? randomInt(2 ** 31))
    const chance = chanceOf(seed)
    t.diagnostic(`seed ${seed}`)
    const url = await emptyDatabase(t)

    for (let kill = 0; kill < 3; kill++) {
      const dying = launch({ url, env: ENV, lifeMs: 200 + chance() * 600 })
      await dying.then(
        (server) => server.stop('SIGKILL'),
        () => undefined,
      )
    }
    const server = await starter(t, url)()
    const client = createCrashClient(uniqueName('crash'), chance)

    await client.insist(server)
    await server.stop('SIGTERM')
    await assertWhole(url)
  })
}

/** Starts one server after the other; the last one ends with the test, and before its database. */
function starter(t: TestContext, url: string): () => Promise<ServerProcess> {
  let server: ServerProcess | undefined
  t.after(() => server?.stop('SIGKILL'))
  return async () => {
    server = await launch({ url, env: ENV })
    return server
  }
}

/**
 * No half of anything: no live session without its user, no user without a password, no lost
 * commit.
 */
async function assertWhole(url: string): Promise<void> {
  const database = await openAt(url)
  try {
    const { session, user, auditEvent } = database.client
    assert.equal(await session.count({ where: { userId: null, revokedAt: null } }), 0)
    const users = await user.findMany({ select: { passwordHash: true } })
    for (const { passwordHash } of users) assert.match(passwordHash ?? '', /^\$argon2id\$/)
    const suspicious = { type: { in: ['session_restored', 'refresh_token_reused'] } }
    assert.equal(await auditEvent.count({ where: suspicious }), 0)
  } finally {
    await database.close()
  }
}

/** The same numbers for the same seed (mulberry32). */
function chanceOf(seed: number): Chance {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
