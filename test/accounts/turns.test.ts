// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTurns } from '../../src/platform/queues/turns.ts'

test('work of one key runs in turn, also behind one that fails, and other keys do not wait', async () => {
  const inTurn = createTurns()
  const seen: string[] = []
  const job = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise(setImmediate)
    seen.push(`${name} ends`)
    if (name === 'a1') throw new Error('a1 fails')
    return name
  }

  const [a1, a2, b] = [inTurn('a', job('a1')), inTurn('a', job('a2')), inTurn('b', job('b'))]

  await assert.rejects(a1, /a1 fails/)
  assert.deepEqual(await Promise.all([a2, b]), ['a2', 'b'])
  assert.deepEqual(
    seen.filter((line) => line.startsWith('a')),
    ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends'],
  )
  assert.deepEqual(seen.slice(0, 2), ['a1 begins', 'b begins'])
})
