import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlQuery, Transaction } from '@prisma/driver-adapter-utils'
import { createServerWatch } from '../../src/platform/database/mysql/connection-watch.ts'

const INSERT: SqlQuery = { sql: 'INSERT', args: [], argTypes: [] }

test('the end of a transaction waits for a statement that was given up', async (t) => {
  const order: string[] = []
  let finish = (_count: number): void => undefined
  const late = new Promise<number>((resolve) => {
    finish = resolve
  })
  const transaction = {
    executeRaw: () => late.finally(() => order.push('statement')),
    queryRaw: () => assert.fail('nothing is read'),
    commit: async () => void order.push('commit'),
    rollback: async () => void order.push('rollback'),
  } as unknown as Transaction
  const watch = createServerWatch({
    open: async () => ({ ...NOTHING, startTransaction: async () => transaction }),
    ask: () => Promise.reject(new Error('silent')),
  })
  t.after(watch.dispose)
  // Its own timers keep no process alive.
  const awake = setInterval(() => undefined, 1000)
  t.after(() => clearInterval(awake))
  const tx = await watch.startTransaction()

  await assert.rejects(tx.executeRaw(INSERT), { message: 'ConnectionClosed' })
  await assert.rejects(tx.rollback(), { message: 'ConnectionClosed' })
  assert.deepEqual(order, [])
  finish(1)
  await new Promise(setImmediate)

  assert.deepEqual(order, ['statement', 'rollback'])
})

const NOTHING = {
  queryRaw: () => Promise.reject(new Error('nothing is read')),
  executeRaw: () => Promise.reject(new Error('nothing is written')),
  dispose: async () => undefined,
}
