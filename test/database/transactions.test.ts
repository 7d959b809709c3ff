import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { type Database, isConflict } from '../../src/platform/database/database.ts'
import { retryConflicts } from '../../src/platform/database/retry-conflicts.ts'
import { inTransaction } from '../../src/platform/database/transactions.ts'
import { aUser, openFreshDatabase } from '../support/databases.ts'

const conflict = () => new DriverAdapterError({ kind: 'TransactionWriteConflict' })

/** Work that fails with each of the errors in turn, and then succeeds. */
function failing(...errors: Error[]) {
  let times = 0
  const work = async () => {
    const error = errors[times]
    times += 1
    if (error) throw error
    return 'done'
  }
  return { work, times: () => times }
}

test('what the database undid for another is done again until it succeeds, and no further', async () => {
  for (const failures of [0, 1, 3, 7]) {
    const { work, times } = failing(...Array.from({ length: failures }, conflict))

    const result = await retryConflicts(work)

    assert.deepEqual([result, times()], ['done', failures + 1])
  }
})

test('what conflicts eight times is given up with the conflict', async () => {
  const { work, times } = failing(...Array.from({ length: 9 }, conflict))

  await assert.rejects(retryConflicts(work), { name: 'DriverAdapterError' })

  assert.equal(times(), 8)
})

const refusals: [what: string, error: Error][] = [
  ['refused by a service', new Error('weak_password')],
  ['refused by a unique index', new DriverAdapterError({ kind: 'UniqueConstraintViolation' })],
  // It may have been carried out.
  ['cut off from the database', new DriverAdapterError({ kind: 'ConnectionClosed' })],
]

for (const [what, error] of refusals) {
  test(`a statement that is ${what} is not retried, also not after a conflict`, async () => {
    const [atOnce, later] = [failing(error), failing(conflict(), error)]

    await assert.rejects(retryConflicts(atOnce.work), error)
    await assert.rejects(retryConflicts(later.work), error)

    assert.deepEqual([atOnce.times(), later.times()], [1, 2])
  })
}

test('a transaction that is refused is not run twice, and leaves nothing', async (t) => {
  const { client } = await openFreshDatabase(t)
  const [user, same] = [aUser('one'), aUser('one')]
  await client.user.create({ data: user })
  let runs = 0

  const refused = inTransaction(client, async (tx) => {
    runs++
    await tx.user.updateMany({ where: { id: user.id }, data: { name: 'half' } })
    await tx.user.create({ data: same })
  })

  await assert.rejects(refused, (error) => !isConflict(error))
  assert.equal(runs, 1)
  assert.equal((await client.user.findUnique({ where: { id: user.id } }))?.name, null)
})

test('an error of our own ends a transaction after one run', async (t) => {
  const { client } = await openFreshDatabase(t)
  let runs = 0

  const refused = inTransaction(client, async () => {
    runs++
    throw new TypeError('refused')
  })

  await assert.rejects(refused, { name: 'TypeError', message: 'refused' })
  assert.equal(runs, 1)
})

test('each attempt begins a new transaction', async () => {
  const begun: unknown[] = []
  const db = {
    $transaction: async (work: (tx: object) => Promise<unknown>) => {
      const tx = {}
      begun.push(tx)
      return work(tx)
    },
  } as unknown as Database
  const seen: unknown[] = []

  await inTransaction(db, async (tx) => {
    seen.push(tx)
    if (seen.length === 1) throw conflict()
  })

  assert.equal(new Set(seen).size, 2)
  assert.deepEqual(seen, begun)
})
