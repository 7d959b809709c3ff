// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { createWriteBehind } from '../../src/platform/database/write-behind.ts'

const PLACES = 10_000

test('Entries are written in their order, those that gather meanwhile together', async () => {
  const batches: number[][] = []
  const { queue } = open(async (entries) => void batches.push([...entries]))

  for (let entry = 0; entry < 120; entry++) queue.add(entry)
  await queue.written()

  assert.deepEqual(
    batches.map(({ length }) => length),
    [50, 50, 20],
  )
  assert.deepEqual(
    batches.flat(),
    Array.from({ length: 120 }, (_, at) => at),
  )
})

test('The first entry is written at once, and those of the next moment share a batch', async () => {
  const batches: number[][] = []
  const { queue } = open(async (entries) => void batches.push([...entries]))

  for (let entry = 0; entry < 5; entry++) {
    queue.add(entry)
    await turns()
  }
  assert.deepEqual(batches, [[0]])
  await queue.written()

  assert.deepEqual(batches, [[0], [1, 2, 3, 4]])
})

test('Nothing is lost while the database is away for a moment, and the log says so once', async () => {
  const written: number[] = []
  let failures = 2
  const { queue, logged } = open(async (entries) => {
    if (failures-- > 0) throw away()
    written.push(...entries)
  })

  queue.add(1)
  queue.add(2)
  await queue.written()

  assert.deepEqual([written, queue.dropped()], [[1, 2], 0])
  assert.deepEqual(logged, ['warn: the database is not available; the notes wait in a queue'])
})

test('An entry that the database refuses is counted, and takes no other with it', async () => {
  const written: number[] = []
  const { queue, logged } = open(async (entries) => {
    if (entries.includes(2)) throw new Error('on purpose')
    written.push(...entries)
  })

  for (const entry of [1, 2, 3]) queue.add(entry)
  await queue.written()

  assert.deepEqual([written, queue.dropped()], [[1, 3], 1])
  assert.deepEqual(logged, [
    'error: one of the notes could not be written',
    'info: the database is available again; the notes are being written',
  ])
})

test('What finds no room is dropped and counted, and the log tells when that begins and ends', async () => {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let count = 0
  const { queue, logged } = open(async (entries) => {
    await held
    count += entries.length
  })

  for (let entry = 0; entry < PLACES + 7; entry++) queue.add(entry)
  assert.deepEqual(logged, ['error: the notes find no room and are dropped'])
  release()
  await queue.written()

  assert.deepEqual([count, queue.dropped()], [PLACES, 7])
  assert.equal(logged.at(-1), 'info: the database is available again; the notes are being written')
})

test('The end writes what waits, and waits a bounded time for a database that does not answer', async () => {
  const written: number[] = []
  const quick = open(async (entries) => void written.push(...entries))
  const silent = open(() => new Promise(() => undefined))
  const gone = open(() => Promise.reject(away()))
  for (const { queue } of [quick, silent, gone]) queue.add(1)

  await Promise.all([quick, silent, gone].map(({ queue }) => queue.close()))

  assert.deepEqual(written, [1])
  const dropped = [quick, silent, gone].map(({ queue }) => queue.dropped())
  assert.deepEqual(dropped, [0, 1, 1])
  assert.equal(silent.logged.at(-1), 'error: the last notes could not be written')
})

test('An entry that comes in the moment when the last one is written is written, too', async () => {
  const written: number[] = []
  let settle: () => void = () => undefined
  const { queue } = open((entries) => {
    written.push(...entries)
    return new Promise<void>((resolve) => {
      settle = resolve
    })
  })

  for (let ticks = 0; ticks < 10; ticks++) {
    queue.add(2 * ticks)
    // Without a rest between the two.
    const whole = queue.written()
    await turns()
    settle()
    for (let tick = 0; tick < ticks; tick++) await undefined
    queue.add(2 * ticks + 1)
    await turns()
    settle()
    await turns()
    await whole
    assert.deepEqual(written, [2 * ticks, 2 * ticks + 1], `after ${ticks} ticks`)
    written.length = 0
  }
})

test('An entry that is written alone, since another one was refused, waits for a database that goes away', async () => {
  const written: number[] = []
  let isAway = false
  const { queue } = open(async (entries) => {
    if (isAway) {
      isAway = false
      throw away()
    }
    if (entries.includes(1)) {
      isAway = entries.length === 1
      throw new Error('on purpose')
    }
    written.push(...entries)
  })

  for (const entry of [1, 2, 3]) queue.add(entry)
  await queue.written()

  assert.deepEqual([written, queue.dropped()], [[2, 3], 1])
})

function open(write: (entries: readonly number[]) => Promise<unknown>) {
  const logged: string[] = []
  const writer = (level: string) => (_facts: object, message: string) =>
    void logged.push(`${level}: ${message}`)
  const log = { info: writer('info'), warn: writer('warn'), error: writer('error') }
  return { queue: createWriteBehind<number>({ name: 'notes', write, log }), logged }
}

function away(): Error {
  return new DriverAdapterError({ kind: 'ConnectionClosed', originalMessage: 'on purpose' })
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
}
