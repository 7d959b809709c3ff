// runs once
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Cost, costFor } from '../../src/calibrate/search.ts'

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
const FLOORS = [
  { memoryKib: 47_104, time: 1 },
  { memoryKib: 19_456, time: 2 },
  { memoryKib: 9216, time: 4 },
]

/** A machine that takes so many milliseconds for a pass over a MiB. */
const machine = (ms: number) => async (cost: Cost) => (cost.memoryKib / 1024) * cost.time * ms

for (const [what, msPerMib, targetMs, expected] of [
  ['takes all its time for memory while there is some', 1, 100, { memoryKib: 102_400, time: 1 }],
  ['adds passes once the memory is used up', 1, 400, { memoryKib: 131_072, time: 3 }],
  ['takes a little less memory for one more pass', 1, 240, { memoryKib: 122_880, time: 2 }],
  ['takes less memory where one pass needs too much', 1, 44, { memoryKib: 22_528, time: 2 }],
  ['takes the weakest that fits', 1, 37, { memoryKib: 9216, time: 4 }],
  ['takes the quickest of the weakest where none fits', 1, 10, { memoryKib: 9216, time: 4 }],
  ['ends at the most passes that the server takes', 0.01, 1000, { memoryKib: 131_072, time: 20 }],
] as const) {
  test(`npm run calibrate ${what}`, async () => {
    const cost = await costFor({
      targetMs,
      floors: FLOORS,
      maxMemoryKib: 131_072,
      measure: machine(msPerMib),
    })

    assert.deepEqual(cost, expected)
  })
}

test('npm run calibrate never goes below the weakest settings, however little memory there is', async () => {
  const cost = await costFor({
    targetMs: 100,
    floors: FLOORS,
    maxMemoryKib: 1024,
    measure: machine(1),
  })

  assert.deepEqual(cost, { memoryKib: 47_104, time: 2 })
})

test('npm run calibrate refuses a target that is not a time with exit code 2', () => {
  const options = ['--import', 'tsx', CLI, 'calibrate', '--target', '2s']

  const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })

  assert.equal(status, 2)
  assert.equal(stdout, '')
  assert.equal(
    stderr,
    '--target 2s is not a time from 10ms to 1000ms.\n\nUsage: latchkey calibrate [options]\n',
  )
})
