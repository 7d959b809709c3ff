import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { deleteOldest } from '../../src/platform/database/delete-oldest.ts'
import { openFreshDatabase } from '../support/databases.ts'

const BATCH = 50
const MOMENT = Date.parse('2026-03-04T05:06:07.089Z')
const at = (ms: number) => new Date(MOMENT + ms)

/** A table with so many entries of each moment. */
async function withEntries(t: TestContext, moments: Record<number, number>) {
  const { client } = await openFreshDatabase(t)
  for (const [ms, count] of Object.entries(moments)) {
    const entry = { at: at(Number(ms)), type: 'signed_in' }
    const data = Array.from({ length: count }, () => ({ id: randomUUID(), ...entry }))
    await client.auditEvent.createMany({ data })
  }
  const rows = { table: 'AuditEvent', column: 'at' }
  return {
    clean: (before: number) => deleteOldest(client, { ...rows, before: at(before) }),
    count: () => client.auditEvent.count(),
  }
}

for (const count of [BATCH, BATCH + 1, 7 * BATCH]) {
  test(`${count} rows of one moment are deleted, all of them`, async (t) => {
    const { clean, count: left } = await withEntries(t, { 0: count, 5: 1 })

    let turns = 0
    while (turns < 9 && (await clean(5))) turns++

    assert.equal(await left(), 1)
    assert.equal(turns, 1)
  })
}

test('a batch takes the oldest, and tells whether there may be more', async (t) => {
  const { clean, count } = await withEntries(t, { 0: 30, 1: 30, 2: 10, 3: 7 })

  const first = [await clean(3), await count()]
  const second = [await clean(3), await count()]
  const third = [await clean(3), await count()]

  assert.deepEqual(
    [first, second, third],
    [
      [true, 17],
      [false, 7],
      [false, 7],
    ],
  )
})
