import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMysql } from '../support/databases.ts'
import { signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer } from '../support/helper.ts'
import { cursorPageOf, manyHouses, type Query, SORTS } from '../support/house-rows.ts'
import { rowsRead, type Statement, statementsTo } from '../support/plans.ts'

// What a list costs is what the database reads for it. Times would tell of the machine as well.

const HOUSES = 3_000
const SIZE = 5

/** The step of SQLite's plan that finds the page, and a sort in it if there is one. */
async function stepsToPage(server: TestServer, { sql, values }: Statement): Promise<string[]> {
  const { client } = server.database
  const steps = await client.$queryRawUnsafe<{ id: bigint; parent: bigint; detail: string }[]>(
    `EXPLAIN QUERY PLAN ${sql}`,
    ...values,
  )
  const page = steps.find(({ detail }) => detail === 'CO-ROUTINE page')
  return steps.filter(({ parent }) => parent === page?.id).map(({ detail }) => detail)
}

/** Fails when the statement reads far more than the rows of one page, or sorts them. */
async function assertCheap(server: TestServer, url: string, statement: Statement, step: RegExp) {
  if (isMysql) {
    const read = await rowsRead(url, statement)
    assert.ok(read < 15 * SIZE, `reads ${read} rows: ${statement.sql}`)
    return
  }
  const steps = await stepsToPage(server, statement)
  assert.equal(steps.length, 1, statement.sql)
  assert.match(steps[0] ?? '', step)
}

for (const filter of ['of everybody', 'of one owner']) {
  test(`a page by cursor of the houses ${filter} reads about as many rows as it has`, async (t) => {
    const url = await freshDatabase(t)
    const server = await startServer(t, { url })
    const person = await signedUp(server)
    await manyHouses(server, person, HOUSES)
    const owner: Query = filter === 'of everybody' ? {} : { ownerId: person.user.id }

    for (const sort of SORTS) {
      const at = (cursor: string, size: number) =>
        cursorPageOf(server, person, { ...owner, sort, size, cursor })
      const { nextCursor } = await at('', 100)
      const further = nextCursor ?? assert.fail('there is no second page')

      const [start, ...more] = await statementsTo(server, 'House', () => at('', SIZE))
      const [next, ...others] = await statementsTo(server, 'House', () => at(further, SIZE))

      assert.deepEqual([more, others], [[], []])
      assert.ok(start && next)
      await assertCheap(server, url, start, /^(SCAN|SEARCH) House USING (COVERING )?INDEX/)
      await assertCheap(server, url, next, /^SEARCH House USING .*[<>]\(?\?/)
    }
  })
}
