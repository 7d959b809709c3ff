// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUnavailable } from '../src/platform/database.ts'
import { sql } from '../src/platform/database-sql.ts'
import { createStatements } from '../src/platform/database-statements.ts'

/** What becomes of an error that the driver throws. */
async function passedOn(thrown: Error): Promise<unknown[]> {
  const fail = () => Promise.reject(thrown)
  const driver = {
    provider: 'mysql',
    adapterName: 'broken',
    queryRaw: fail,
    executeRaw: fail,
  } as const
  const { select, execute } = createStatements(async () => driver)
  const outcomes = await Promise.allSettled([select(sql`SELECT 1`), execute(sql`DELETE FROM User`)])
  return outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)
}

test('a socket that is cut off beneath a statement means that the database is away', async () => {
  const errors = await passedOn(Object.assign(new Error('read'), { code: 'ECONNRESET' }))

  assert.deepEqual(errors.map(isUnavailable), [true, true])
})

test('a fault of our own beneath a statement is not taken for a database that is away', async () => {
  const fault = new TypeError('a value of another kind')

  const errors = await passedOn(fault)

  assert.deepEqual(errors, [fault, fault])
  assert.deepEqual(errors.map(isUnavailable), [false, false])
})
