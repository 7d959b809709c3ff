import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isConflict, isUnavailable, openDatabase } from '../src/platform/database.ts'
import { aSession, aUser, isMysql, openFreshDatabase, queryMysql } from './databases.ts'

if (isMysql) {
  describe('MySQL', () => {
    it('lets no session slip in beside a change of password that is under way', async (t) => {
      const { client } = await openFreshDatabase(t)
      const user = await client.user.create({ data: aUser() })
      const { id, expiresAt: at } = aSession(user.id)
      let insert: Promise<number> | undefined

      await client.$transaction(async (tx) => {
        await tx.user.updateMany({
          where: { id: user.id },
          data: { credentialVersion: { increment: 1 } },
        })
        insert = Promise.resolve(client.$executeRaw`
          INSERT INTO \`Session\` (\`id\`, \`userId\`, \`rotatedAt\`, \`createdAt\`, \`expiresAt\`, \`endsAt\`,
            \`authTime\`, \`transport\`, \`amr\`)
          SELECT ${id}, \`id\`, ${at}, ${at}, ${at}, ${at}, ${at}, 'body', 'pwd'
          FROM \`User\` WHERE \`id\` = ${user.id} AND \`credentialVersion\` = 1`)
        const first = await Promise.race([insert, sleep(500, 'waits')])
        assert.equal(first, 'waits')
      })

      assert.equal(await insert, 0)
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
          const database = await openDatabase({ url })
          t.after(() => database.close())
          return database.ping().catch((error) => error)
        }),
      )

      assert.deepEqual(errors.map(isUnavailable), [true, true])
    })

    it('opens each connection with our settings, whatever the server has', async (t) => {
      const { client, url } = await openFreshDatabase(t)

      const own = await client.$queryRaw<Variable[]>`SHOW SESSION VARIABLES`
      const global = (await queryMysql(url, 'SHOW GLOBAL VARIABLES')) as Variable[]

      const isolation = settingOf(own, 'transaction_isolation') ?? settingOf(own, 'tx_isolation')
      assert.deepEqual(
        [isolation, settingOf(own, 'time_zone'), settingOf(own, 'innodb_lock_wait_timeout')],
        ['REPEATABLE-READ', '+00:00', '3'],
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
