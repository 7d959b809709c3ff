import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMysql } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { ask, newHouse } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'
import { type ThrowawayDatabase, throwawayDatabase } from '../support/throwaway-database.ts'

const SERVICE = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const MIGRATIONS = [...SERVICE, 'CREATE', 'ALTER', 'INDEX', 'DROP', 'REFERENCES']
const TRIES = 100

if (isMysql) {
  describe('A user of the database', () => {
    it('who lacks a right of the service is refused at start by its name', async (t) => {
      const database = await migrated(t)

      for (const right of SERVICE) {
        const url = await userWith(database, without(SERVICE, right))
        await assert.rejects(startServer(t, { url }), {
          message: new RegExp(
            `^DATABASE_URL: the user of the database lacks a right: ${right} command denied to user .*\\. It needs SELECT, INSERT, UPDATE, DELETE, and .*; docs/databases\\.md has the GRANT statement\\.$`,
          ),
        })
      }
    })

    it('needs no other right where no migration is to be applied', async (t) => {
      const database = await migrated(t)

      const server = await startServer(t, { url: await userWith(database, SERVICE) })

      assert.equal((await server.inject({ url: '/readyz' })).statusCode, 200)
      await signedUp(server)
    })

    it('who lacks a right of migrations is refused by its name before the first one', async (t) => {
      const database = await throwawayDatabase(t)
      const refused: string[] = []

      for (const right of without(MIGRATIONS, ...SERVICE)) {
        const url = await userWith(database, without(MIGRATIONS, right))
        const error = await startServer(t, { url }).then(
          () => undefined,
          ({ message }) => String(message),
        )
        if (error === undefined) continue
        refused.push(right)
        assert.match(error, new RegExp(`lacks a right: .*\\b${right}\\b.* denied`))
        assert.match(error, /It needs SELECT, .*, REFERENCES, DROP; docs\/databases\.md/)
        const begun = await database.run(
          "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'User'",
        )
        assert.deepEqual(begun, [])
        await database.run('DROP TABLE IF EXISTS `_latchkey_rights`')
      }
      // Not every server asks for REFERENCES.
      assert.deepEqual(without(refused, 'REFERENCES'), ['CREATE', 'ALTER', 'INDEX', 'DROP'])
    })

    it('who loses a right later is answered 503, and readiness tells until it is back', async (t) => {
      const database = await migrated(t)
      const tables = await database.run(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
      )
      const url = await userWith(database, [])
      const user = `'${new URL(url).username}'@'%'`
      for (const { name } of tables) {
        await database.run(`GRANT ${SERVICE} ON \`${name}\` TO ${user}`)
      }
      const server = await startServer(t, { url })
      const person = await signedUp(server)
      const { id } = await newHouse(server, person)
      const readyz = () => server.inject({ url: '/readyz' })

      await database.run(`REVOKE DELETE ON \`House\` FROM ${user}`)
      assertProblem(await ask(server, `DELETE /houses/${id}`, person), 'unavailable')
      const red = await readyz()
      await sleep(1500)
      const stillRed = await readyz()
      await database.run(`GRANT DELETE ON \`House\` TO ${user}`)
      let tries = 0
      for (; (await readyz()).statusCode !== 200; tries += 1) {
        assert.ok(tries < TRIES, 'it stays red')
        await sleep(50)
      }

      assert.deepEqual(red.json().checks.database, {
        status: 'failed',
        detail: 'It does not accept writes; the log says why.',
      })
      assert.deepEqual([red.statusCode, stillRed.statusCode], [503, 503])
      assert.equal((await ask(server, `DELETE /houses/${id}`, person)).statusCode, 204)
    })
  })
}

async function migrated(t: TestContext): Promise<ThrowawayDatabase> {
  const database = await throwawayDatabase(t)
  const server = await startServer(t, { url: database.url })
  await server.close()
  return database
}

let users = 0

/** A new user who has just these rights, on the database. */
async function userWith(database: ThrowawayDatabase, rights: string[]): Promise<string> {
  users += 1
  const name = `user${users}`
  const given = rights.length === 0 ? 'USAGE ON *.*' : `${rights} ON latchkey_test.*`
  await database.run(`CREATE USER '${name}'@'%'; GRANT ${given} TO '${name}'@'%'`)
  const url = new URL(database.url)
  url.username = name
  return url.href
}

function without(rights: string[], ...some: string[]): string[] {
  return rights.filter((right) => !some.includes(right))
}
