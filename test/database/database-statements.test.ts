// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import { isUnavailable } from '../../src/platform/database/database.ts'
import { sql } from '../../src/platform/database/sql.ts'
import { createStatements } from '../../src/platform/database/statements.ts'

/** What becomes of an error that the driver throws. */
async function passedOn(thrown: Error): Promise<unknown[]> {
  const fail = () => Promise.reject(thrown)
  const driver: Partial<SqlDriverAdapter> = {
    ...{ queryRaw: fail, executeRaw: fail, startTransaction: fail },
  }
  const { select, execute, executeAll } = createStatements(async () => driver as SqlDriverAdapter)
  const statement = sql`DELETE FROM User`
  const outcomes = await Promise.allSettled([
    ...[select(sql`SELECT 1`), execute(statement), executeAll([statement])],
  ])
  return outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)
}

test('a socket that is cut off beneath a statement means that the database is away', async () => {
  const errors = await passedOn(Object.assign(new Error('read'), { code: 'ECONNRESET' }))

  assert.deepEqual(errors.map(isUnavailable), [true, true, true])
})

test('an internal error below a statement is not reported as an unavailable database', async () => {
  const fault = new TypeError('a value of another kind')

  const errors = await passedOn(fault)

  assert.deepEqual(errors, [fault, fault, fault])
  assert.deepEqual(errors.map(isUnavailable), [false, false, false])
})

/**
 * A driver whose transactions find so many rows, statement by statement, and what became of them.
 */
function transactions(...runs: (number | Error)[][]) {
  const ends: string[] = []
  const driver: Partial<SqlDriverAdapter> = {
    startTransaction: async () => {
      const counts = runs.shift() ?? []
      const transaction: Partial<Transaction> = {
        executeRaw: async () => {
          const next = counts.shift()
          if (typeof next !== 'number') throw next
          return next
        },
        commit: async () => void ends.push('commit'),
        rollback: async () => void ends.push('rollback'),
      }
      return transaction as Transaction
    },
  }
  const statements = createStatements(async () => driver as SqlDriverAdapter)
  const run = () => statements.executeAll([sql`UPDATE User`, sql`INSERT INTO Session`])
  return { run, ends }
}

const conflict = () => new DriverAdapterError({ kind: 'TransactionWriteConflict' })

test('statements in one transaction are committed when each finds a row', async () => {
  const { run, ends } = transactions([1, 1])

  assert.equal(await run(), true)
  assert.deepEqual(ends, ['commit'])
})

test('a statement that finds no row undoes those before it, and none follows', async () => {
  const { run, ends } = transactions([1, 0], [0])

  assert.deepEqual([await run(), await run()], [false, false])
  assert.deepEqual(ends, ['rollback', 'rollback'])
})

test('a transaction that lost a conflict is rolled back and runs again, and a broken one does not', async () => {
  const lost = transactions([1, conflict()], [1, 1])
  const broken = transactions([1, new Error('no such table')], [1, 1])

  assert.equal(await lost.run(), true)
  await assert.rejects(broken.run(), /no such table/)
  assert.deepEqual([lost.ends, broken.ends], [['rollback', 'commit'], ['rollback']])
})

test('the error of a transaction is reported, also where its connection cannot roll back', async () => {
  const transaction: Partial<Transaction> = {
    executeRaw: () => Promise.reject(new Error('cut off')),
    rollback: () => Promise.reject(new Error('no connection')),
  }
  const driver: Partial<SqlDriverAdapter> = {
    startTransaction: async () => transaction as Transaction,
  }
  const { executeAll } = createStatements(async () => driver as SqlDriverAdapter)

  await assert.rejects(executeAll([sql`UPDATE User`]), /cut off/)
})
