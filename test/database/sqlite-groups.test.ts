// runs once
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isUnavailable } from '../../src/platform/database/database.ts'
import { openConnection } from '../../src/platform/database/sqlite/connection.ts'
import { createGroupCommit } from '../../src/platform/database/sqlite/group-commit.ts'
import { createWriter } from '../../src/platform/database/sqlite/writer.ts'
import { scratchDirectory } from '../support/databases.ts'

const LIMITS = { waitMs: 2000, maxWaiting: 100, transactionMs: 1000 }

/**
 * A table of its own, with who waits for the disk counted and a second connection that looks on.
 */
async function openGroups(t: TestContext) {
  const path = join(scratchDirectory(t), 'words.db')
  writeFileSync(path, '')
  const writer = createWriter(path, LIMITS)
  t.after(writer.close)
  await writer.runBare((open) =>
    open.script('CREATE TABLE Word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)'),
  )
  const other = openConnection(path, { readOnly: true })
  t.after(other.close)
  let transactions = 0
  const begin = () => {
    transactions += 1
    return writer.begin()
  }
  const groups = createGroupCommit({ begin, maxWaiting: LIMITS.maxWaiting })
  return {
    writer,
    groups,
    add: (...words: string[]) =>
      groups.write((open) =>
        open.execute(`INSERT INTO Word (word) VALUES ${words.map(() => '(?)').join()}`, words),
      ),
    words: () => other.query('SELECT word FROM Word ORDER BY id', []).rows.flat(),
    transactions: () => transactions,
  }
}

const settle = (answers: Promise<unknown>[]) => Promise.allSettled(answers)
const statuses = (outcomes: PromiseSettledResult<unknown>[]) =>
  outcomes.map(({ status }) => status === 'fulfilled')

test('writes of one moment share a transaction, in their order', async (t) => {
  const { add, words, transactions } = await openGroups(t)
  const wanted = Array.from({ length: 50 }, (_, at) => `word ${at}`)

  const counts = await Promise.all(wanted.map((word) => add(word)))

  assert.deepEqual([counts, words(), transactions()], [wanted.map(() => 1), wanted, 1])
})

test('no write is answered before others can see it', async (t) => {
  const { add, words } = await openGroups(t)

  const seen = await Promise.all(['one', 'two'].map((word) => add(word).then(words)))

  assert.deepEqual(seen, [
    ['one', 'two'],
    ['one', 'two'],
  ])
})

test('a write that fails undoes itself, its first rows too, and nothing of the others', async (t) => {
  const { add, words, transactions } = await openGroups(t)

  const outcomes = await settle([add('one'), add('two', 'three', 'one'), add('four')])

  assert.deepEqual(statuses(outcomes), [true, false, true])
  assert.deepEqual([words(), transactions()], [['one', 'four'], 1])
})

test('a full disk fails all statements that were rolled back, and later ones work', async (t) => {
  const { writer, add, words } = await openGroups(t)
  const pages = await writer.runBare((open) => open.query('PRAGMA page_count', []).rows.flat()[0])
  await writer.runBare((open) => open.query(`PRAGMA max_page_count = ${Number(pages)}`, []))

  const outcomes = await settle([add('one'), add('x'.repeat(100_000)), add('three')])
  await writer.runBare((open) => open.query('PRAGMA max_page_count = 1000000', []))
  await add('four')

  const stored = ['one', 'xxx', 'three'].filter((_, at) => outcomes[at]?.status === 'fulfilled')
  assert.equal(outcomes[1]?.status, 'rejected')
  assert.deepEqual(words(), [...stored, 'four'])
})

test('a commit that fails fails every write of its group', async (t) => {
  const { writer, groups, add, words } = await openGroups(t)
  await writer.runBare((open) =>
    open.script(
      'CREATE TABLE Note (word INTEGER REFERENCES Word (id) DEFERRABLE INITIALLY DEFERRED)',
    ),
  )
  const dangling = groups.write((open) => open.execute('INSERT INTO Note VALUES (7)', []))

  const outcomes = await settle([add('one'), dangling, add('two')])
  await add('three')

  assert.deepEqual([statuses(outcomes), words()], [[false, false, false], ['three']])
})

test('more writes than one transaction takes go in several, and more than may wait are refused', async (t) => {
  const { add, words, transactions } = await openGroups(t)
  const wanted = Array.from({ length: 101 }, (_, at) => `word ${at}`)

  const outcomes = await settle(wanted.map((word) => add(word)))

  const last = outcomes.at(-1)
  assert.equal(isUnavailable(last?.status === 'rejected' && last.reason), true)
  assert.deepEqual([words(), transactions()], [wanted.slice(0, 100), 2])
})

test('writes wait for a transaction that is open, and see what it wrote', async (t) => {
  const { writer, add, words } = await openGroups(t)
  const open = await writer.begin()
  open.run((connection) => connection.execute("INSERT INTO Word (word) VALUES ('first')", []))

  const same = add('first')
  const other = add('second')
  await new Promise((resolve) => setTimeout(resolve, 20))
  open.commit()
  const outcomes = await settle([same, other])

  assert.deepEqual(
    [statuses(outcomes), words()],
    [
      [false, true],
      ['first', 'second'],
    ],
  )
})

test('a transaction that cannot begin fails all its statements, and later ones work', async (t) => {
  const { writer, words } = await openGroups(t)
  let refusals = 1
  const groups = createGroupCommit({
    begin: async () => {
      refusals -= 1
      if (refusals >= 0) throw new Error('no lock in time')
      return writer.begin()
    },
    maxWaiting: 100,
  })
  const add = (word: string) =>
    groups.write((open) => open.execute('INSERT INTO Word (word) VALUES (?)', [word]))

  const outcomes = await settle(['one', 'two', 'three'].map(add))
  await groups.settled()
  await add('four')

  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message),
    Array(3).fill('no lock in time'),
  )
  assert.deepEqual(words(), ['four'])
})
