import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { isUniqueViolation } from '../../src/platform/database/database.ts'
import { sql } from '../../src/platform/database/sql.ts'
import { aUser, openFreshDatabase } from '../support/databases.ts'

/** Two users, and their names as the database has them. */
async function people(t: TestContext) {
  const { client, statements } = await openFreshDatabase(t)
  const [one, other] = [aUser('one'), aUser('other')]
  await client.user.createMany({ data: [one, other] })
  const name = (id: string, text: string) => sql`UPDATE User SET name = ${text} WHERE id = ${id}`
  const names = async () => {
    const rows = await client.user.findMany({ orderBy: { usernameKey: 'asc' } })
    return rows.map((row) => row.name)
  }
  return { ...statements, one: one.id, other: other.id, name, names }
}

test('statements that belong together are all done when each finds a row', async (t) => {
  const { executeAll, one, other, name, names } = await people(t)

  assert.equal(await executeAll([name(one, 'a'), name(other, 'b')]), true)
  assert.deepEqual(await names(), ['a', 'b'])
})

test('one that finds no row undoes those before it, and nothing of others', async (t) => {
  const { executeAll, execute, one, other, name, names } = await people(t)
  const nobody = 'nobody'

  const outcomes = await Promise.all([
    executeAll([name(one, 'a'), name(nobody, 'b')]),
    execute(name(other, 'c')),
    executeAll([name(nobody, 'd'), name(one, 'e')]),
  ])

  assert.deepEqual(outcomes, [false, 1, false])
  assert.deepEqual(await names(), [null, 'c'])
})

test('one that fails undoes those before it, and nothing of others', async (t) => {
  const { executeAll, execute, one, other, name, names } = await people(t)
  const taken = sql`UPDATE User SET usernameKey = 'other' WHERE id = ${one}`

  const [failed, beside] = await Promise.allSettled([
    executeAll([name(one, 'a'), taken]),
    execute(name(other, 'b')),
  ])

  assert.ok(failed.status === 'rejected' && isUniqueViolation(failed.reason, 'usernameKey'))
  assert.equal(beside.status, 'fulfilled')
  assert.deepEqual(await names(), [null, 'b'])
})
