import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newSession } from '../../src/features/sessions/session-row.ts'
import { createSessionStore } from '../../src/features/sessions/store.ts'
import { signInTime } from '../../src/features/users/sign-in-time.ts'
import type { User } from '../../src/features/users/user.ts'
import {
  isConflict,
  isUnavailable,
  isUniqueViolation,
} from '../../src/platform/database/database.ts'
import { inTransaction } from '../../src/platform/database/transactions.ts'
import {
  aSession,
  aUser,
  isMysql,
  openAt,
  openFreshDatabase,
  queryMysql,
} from '../support/databases.ts'

const BEGINNING = { transport: 'body', device: { ip: null, userAgent: null }, amr: 'pwd' } as const
const LIFETIMES = {
  ...{ accessSeconds: 900, refreshSeconds: 3600, sessionSeconds: 7200, graceSeconds: 30 },
  forgivesUnseen: true,
}

if (isMysql) {
  describe('MySQL', () => {
    it('opens no session during a change of password', async (t) => {
      const { client, statements } = await openFreshDatabase(t)
      const store = createSessionStore({ db: client, statements, signInTime })
      const user = await client.user.create({ data: aUser() })
      const session = newSession(user as User, BEGINNING, new Date(), LIFETIMES)
      let opened: Promise<boolean> | undefined

      await client.$transaction(async (tx) => {
        await tx.user.updateMany({
          where: { id: user.id },
          data: { credentialVersion: { increment: 1 } },
        })
        opened = store.open(session, user.credentialVersion)
        const first = await Promise.race([opened, sleep(500, 'waits')])
        assert.equal(first, 'waits')
      })

      assert.equal(await opened, false)
      assert.equal(await client.session.count(), 0)
    })

    it('is a conflict for the loser of a deadlock, and unavailable after a long wait for a lock', async (t) => {
      const { client } = await openFreshDatabase(t)
      const [a, b] = [
        await client.user.create({ data: aUser() }),
        await client.user.create({ data: aUser() }),
      ]
      const inOrder = (ids: string[]) =>
        client.$transaction(async (tx) => {
          for (const id of ids) {
            await tx.user.updateMany({ where: { id }, data: { name: 'x' } })
            await sleep(300)
          }
        })

      const outcomes = await Promise.allSettled([inOrder([a.id, b.id]), inOrder([b.id, a.id])])
      const waited = await client
        .$transaction(async (tx) => {
          await tx.user.updateMany({ where: { id: a.id }, data: { name: 'y' } })
          await client.user.updateMany({ where: { id: a.id }, data: { name: 'z' } })
        })
        .catch((error) => error)

      const errors = outcomes.flatMap((outcome) => ('reason' in outcome ? [outcome.reason] : []))
      assert.deepEqual(errors.map(isConflict), [true])
      assert.equal(isUnavailable(waited), true)
    })

    it('sends a statement again that was undone for a deadlock with a transaction', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      const user = await client.user.create({ data: aUser() })
      const { id, createdAt: now } = await client.session.create({ data: aSession(user.id) })
      // Of two that lock each other out, the one that has written less is undone.
      const heavy = Array.from({ length: 20 }, () => aUser())
      const deadlocks = await countDeadlocks(url)
      let ending: Promise<{ count: number }> | undefined

      await client.$transaction(async (tx) => {
        await tx.user.createMany({ data: heavy })
        await tx.$queryRaw`SELECT \`id\` FROM \`Session\` FORCE INDEX (\`Session_revokedAt_id_idx\`)
          WHERE \`revokedAt\` IS NULL LOCK IN SHARE MODE`
        ending = Promise.resolve(
          client.session.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } }),
        )
        await untilSomebodyWaits(url)
        await tx.session.updateMany({ where: { id }, data: { ip: '192.0.2.1' } })
      })

      assert.deepEqual(await ending, { count: 1 })
      assert.ok((await countDeadlocks(url)) > deadlocks)
      const { revokedAt, ip } = await client.session.findUniqueOrThrow({ where: { id } })
      assert.deepEqual([revokedAt, ip], [now, '192.0.2.1'])
      assert.equal(await client.user.count(), 1 + heavy.length)
    })

    it('is unavailable when the server is away or silent, in bounded time', async (t) => {
      const silent = createServer(() => undefined).listen(0, '127.0.0.1')
      t.after(() => silent.close())
      await new Promise((resolve) => silent.once('listening', resolve))
      const address = silent.address()
      const port = typeof address === 'object' ? address?.port : undefined
      const urls = ['mysql://root@127.0.0.1:1/nothing', `mysql://root@127.0.0.1:${port}/nothing`]

      const errors = await Promise.all(
        urls.map(async (url) => {
          const database = await openAt(url)
          t.after(() => database.close())
          return database.ping().catch((error) => error)
        }),
      )

      assert.deepEqual(errors.map(isUnavailable), [true, true])
    })

    it('runs a refused transaction once, and one that lost a deadlock again', async (t) => {
      const { client } = await openFreshDatabase(t)
      const user = await client.user.create({ data: aUser() })
      const { usernameKey } = user
      let runs = 0

      const refused = inTransaction(client, async (tx) => {
        runs += 1
        await tx.user.create({ data: { ...aUser(), usernameKey } })
      })
      await assert.rejects(refused, (error) => isUniqueViolation(error, 'usernameKey'))
      const refusedRuns = runs
      const repeated = await inTransaction(client, async (tx) => {
        runs += 1
        if (runs === 2) throw Object.assign(new Error('deadlock'), { code: 'P2034' })
        return tx.user.count()
      })

      assert.deepEqual([refusedRuns, runs, repeated], [1, 3, 1])
    })

    it('returns no connection in the middle of a transaction, and loses none', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      const fail = () =>
        client.$transaction(async (tx) => {
          await tx.user.create({ data: aUser() })
          await tx.$executeRawUnsafe('NONSENSE')
        })
      const late = () =>
        client.$transaction((tx) => tx.$queryRaw`SELECT SLEEP(0.5)`, { timeout: 100 })
      const cut = () =>
        client.$transaction(async (tx) => {
          const [row] = await tx.$queryRaw<{ id: bigint }[]>`SELECT CONNECTION_ID() AS id`
          await queryMysql(url, `KILL ${row?.id}`)
          await tx.user.count()
        })

      // More of each than there are connections.
      for (const attempt of [fail, late, cut]) {
        const ends = await Promise.allSettled(Array.from({ length: 12 }, attempt))
        assert.ok(ends.every(({ status }) => status === 'rejected'))
      }

      await Promise.all(
        Array.from({ length: 10 }, () =>
          client.$transaction((tx) => tx.user.create({ data: aUser() })),
        ),
      )
      assert.equal(await client.user.count(), 10)
      const open = await queryMysql(
        url,
        `SELECT 1 FROM information_schema.innodb_trx
         JOIN information_schema.processlist p ON p.id = trx_mysql_thread_id WHERE p.db = DATABASE()`,
      )
      assert.deepEqual(open, [])
    })

    it('opens each connection with its own settings, over those of the server', async (t) => {
      const { client, url } = await openFreshDatabase(t)

      const own = await client.$queryRaw<Variable[]>`SHOW SESSION VARIABLES`
      const global = (await queryMysql(url, 'SHOW GLOBAL VARIABLES')) as Variable[]

      const isolation = settingOf(own, 'transaction_isolation') ?? settingOf(own, 'tx_isolation')
      assert.deepEqual(
        [isolation, settingOf(own, 'time_zone'), settingOf(own, 'innodb_lock_wait_timeout')],
        ['READ-COMMITTED', '+00:00', '3'],
      )
      assert.deepEqual(
        [
          settingOf(own, 'character_set_connection'),
          settingOf(global, 'innodb_flush_log_at_trx_commit'),
        ],
        ['utf8mb4', '1'],
      )
      const limit = settingOf(own, 'max_statement_time') ?? settingOf(own, 'max_execution_time')
      assert.match(limit ?? '', /^5(?:\.0+|000)$/)
    })
  })
}

async function countDeadlocks(url: string): Promise<number> {
  const [row] = await queryMysql(
    url,
    `SELECT count FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'`,
  )
  return Number(row?.count)
}

/** Until a statement on this database waits for a lock of another one. */
async function untilSomebodyWaits(url: string): Promise<void> {
  // The servers renew the table only for whoever left it alone for 100 ms.
  for (let tries = 0; tries < 20; tries++) {
    await sleep(120)
    const rows = await queryMysql(
      url,
      `SELECT 1 FROM information_schema.innodb_trx
       JOIN information_schema.processlist p ON p.id = trx_mysql_thread_id
       WHERE trx_state = 'LOCK WAIT' AND p.db = DATABASE()`,
    )
    if (rows.length > 0) return
  }
  throw new Error('Nobody waits')
}

type Variable = { Variable_name: string; Value: string }

function settingOf(variables: Variable[], name: string): string | undefined {
  return variables.find((variable) => variable.Variable_name === name)?.Value
}
