// runs once
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Libsql from 'libsql'
import { isUnavailable } from '../../src/platform/database/database.ts'
import {
  openConnection,
  type SqliteConnection,
} from '../../src/platform/database/sqlite/connection.ts'
import { isBusy, toAdapterError } from '../../src/platform/database/sqlite/errors.ts'
import { createReader } from '../../src/platform/database/sqlite/reader.ts'
import { createWriter } from '../../src/platform/database/sqlite/writer.ts'
import { scratchDirectory } from '../support/databases.ts'

const LIMITS = { waitMs: 2000, maxWaiting: 10, transactionMs: 1000 }
const ADD = 'INSERT INTO Word (word) VALUES (?)'
const ALL = 'SELECT word FROM Word ORDER BY id'

/** A file with one table, and connections to it that are closed when the test ends. */
function openWords(t: TestContext) {
  const path = join(scratchDirectory(t), 'words.db')
  writeFileSync(path, '')
  const connect = () => {
    const connection = openConnection(path, { readOnly: false })
    t.after(connection.close)
    return connection
  }
  const onlooker = connect()
  onlooker.script('CREATE TABLE Word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)')
  return { path, connect, onlooker, words: () => wordsOf(onlooker) }
}

const wordsOf = (open: SqliteConnection) => open.query(ALL, []).rows.flat()

/** What libsql throws where another connection holds a lock. */
function busy(rawCode = 5): Error {
  return Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY', rawCode })
}

/** Throws what an action throws: for `assert.throws` says too little of an error. */
function errorOf(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}

test('a connection that met a lock in a transaction is thrown away, with what it wrote and its lock', async (t) => {
  const { path, onlooker, words } = openWords(t)
  const writer = createWriter(path, LIMITS)
  t.after(writer.close)
  let first: SqliteConnection | undefined
  const attempt = writer.write((open) => {
    first = open
    open.execute(ADD, ['lost'])
    throw busy()
  })

  await assert.rejects(attempt, { message: 'database is locked' })
  // At once: a connection that is closed without ROLLBACK keeps its lock until it is collected.
  onlooker.script('BEGIN IMMEDIATE; ROLLBACK')
  const second = await writer.write((open) => {
    open.execute(ADD, ['kept'])
    return open
  })

  assert.notEqual(second, first)
  assert.throws(() => first?.query(ALL, []))
  assert.deepEqual(words(), ['kept'])
})

test('a connection whose statement was refused for another reason stays open', async (t) => {
  const { path, words } = openWords(t)
  const writer = createWriter(path, LIMITS)
  t.after(writer.close)
  const add = (word: string) =>
    writer.write((open) => {
      open.execute(ADD, [word])
      return open
    })

  const first = await add('one')
  await assert.rejects(add('one'), { code: 'SQLITE_CONSTRAINT_UNIQUE' })
  const second = await add('two')

  assert.equal(second, first)
  assert.deepEqual(words(), ['one', 'two'])
})

test('a reader that met a lock reads on with another connection', async (t) => {
  const { path, onlooker } = openWords(t)
  onlooker.execute(ADD, ['one'])
  const reader = createReader(path, LIMITS)
  t.after(reader.close)
  const used: SqliteConnection[] = []

  const found = await reader.read((open) => {
    used.push(open)
    if (used.length < 3) throw busy()
    return wordsOf(open)
  })

  assert.deepEqual([found, used.length, new Set(used).size], [['one'], 3, 3])
  for (const open of used.slice(0, 2)) assert.throws(() => open.query(ALL, []))
})

test('a reader gives up on a lock after its timeout, and on other errors at once', async (t) => {
  const { path } = openWords(t)
  const reader = createReader(path, { ...LIMITS, waitMs: 50 })
  t.after(reader.close)
  let attempts = 0
  const attempt = (error: Error) =>
    reader.read(() => {
      attempts += 1
      throw error
    })

  await assert.rejects(attempt(new Error('no lock')), { message: 'no lock' })
  const once = attempts
  const refused = await attempt(busy()).catch((error) => error)

  assert.equal(once, 1)
  assert.equal(isUnavailable(refused), true)
})

test('a lock is known by its extended codes, too', (t) => {
  const { connect, onlooker } = openWords(t)
  const reading = connect()
  reading.script('BEGIN')
  wordsOf(reading)
  onlooker.execute(ADD, ['meanwhile'])

  // What was read is old by now, so that it cannot be written upon: SQLITE_BUSY_SNAPSHOT.
  const snapshot = errorOf(() => reading.execute(ADD, ['late']))
  const unique = errorOf(() => onlooker.execute(ADD, ['meanwhile']))

  assert.equal(Object(snapshot).rawCode, 517)
  assert.equal(isBusy(snapshot), true)
  assert.equal(isUnavailable(toAdapterError(snapshot)), true)
  // SQLITE_BUSY_RECOVERY, SQLITE_BUSY_TIMEOUT, SQLITE_LOCKED_SHAREDCACHE, SQLITE_LOCKED_VTAB.
  for (const code of [5, 6, 261, 773, 262, 518]) assert.equal(isBusy(busy(code)), true, `${code}`)
  for (const code of [1, 7, 13, 19, 2067]) assert.equal(isBusy(busy(code)), false, `${code}`)
  assert.equal(isBusy(unique), false)
})

/** Counts how often each statement is prepared. */
function countPrepared(t: TestContext) {
  const { mock } = t.mock.method(Libsql.prototype, 'prepare')
  return (sql: string) => mock.calls.filter((call) => call.arguments[0] === sql).length
}

test('a statement is prepared once, and again after it failed', (t) => {
  const { connect } = openWords(t)
  const open = connect()
  const prepared = countPrepared(t)

  for (const word of ['one', 'two']) open.execute(ADD, [word])
  const before = prepared(ADD)
  errorOf(() => open.execute(ADD, ['one']))
  open.execute(ADD, ['three'])

  assert.deepEqual([before, prepared(ADD)], [1, 2])
  assert.deepEqual(wordsOf(open), ['one', 'two', 'three'])
})

test('a connection remembers 200 statements, those that it used last', (t) => {
  const { connect } = openWords(t)
  const open = connect()
  const prepared = countPrepared(t)
  const run = (number: number) => open.query(`SELECT ${number}`, [])
  const [first, second] = ['SELECT 1', 'SELECT 2']

  for (let number = 1; number <= 200; number++) run(number)
  run(1)
  const full = [prepared(first), prepared(second)]
  run(201)
  run(1)
  run(2)

  assert.deepEqual(full, [1, 1])
  assert.deepEqual([prepared(first), prepared(second)], [1, 2])
})
