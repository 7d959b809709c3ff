// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace, LOOK_MS } from '../../src/http/body/pace.ts'

/** At which look, counted from 1, a body that comes like this is too slow; 0 for never. */
function tooSlowAt(bytes: number[]): number {
  const isTooSlow = createPace()
  return bytes.findIndex((some) => isTooSlow(some)) + 1
}

const LEAST = (4096 * LOOK_MS) / 1000
const LOOKS = 5000 / LOOK_MS
const looks = (count: number, bytes: number): number[] => Array(count).fill(bytes)

test('a body of 4 KiB a second is never too slow, and one byte less is, after 5 s', () => {
  assert.equal(tooSlowAt(looks(1000, LEAST)), 0)
  assert.equal(tooSlowAt([LEAST - 1, ...looks(1000, LEAST)]), LOOKS)
  assert.equal(tooSlowAt(looks(1000, 0)), LOOKS)
})

test('what came fast saves nothing for later: 5 s are looked at, whenever they are', () => {
  assert.equal(tooSlowAt([1e6, ...looks(1000, 0)]), LOOKS + 1)
  assert.equal(tooSlowAt([...looks(50, LEAST), ...looks(1000, 0)]), 51)
})

test('a pause of less than 5 s is allowed between faster parts', () => {
  const burst = LEAST * LOOKS
  const broken = Array.from({ length: 100 }, () => [...looks(LOOKS - 1, 0), burst]).flat()

  assert.equal(tooSlowAt(broken), 0)
})
