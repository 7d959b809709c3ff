// runs once
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEnd, createPrimary } from '../../src/platform/cluster/primary.ts'
import { scratchDirectory } from '../support/databases.ts'

/** When each worker of this file was started. */
const forks: number[] = []
cluster.on('fork', () => void forks.push(performance.now()))

// What the programs of these workers are made of; each knows its `number` from 1 on.
const SERVE = `process.send({ asks: 'serving', id: 1 })\n`
const onStop = (deed: string) =>
  `process.on('message', ({ asks }) => { if (asks === 'stop') { ${deed} } })\n`
const STAY = 'setInterval(() => undefined, 1000)\n'

type End = { code: number | null; signal: string | null; pauseMs: number; at: number }

/** Two workers that run a program of a few lines. */
function workersOf(t: TestContext, program: string) {
  const ends: End[] = []
  const note = (facts: object) => void ends.push({ ...(facts as End), at: performance.now() })
  const path = join(scratchDirectory(t), 'worker.mjs')
  const head = `import cluster from 'node:cluster'\nconst number = cluster.worker.id - ${forks.length}\n`
  writeFileSync(path, head + program)
  const log = { info: note, warn: note, error: note }
  const primary = createPrimary({ count: 2, program: path, log, closingMs: 10_000 })
  t.after(() => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
  })
  return { ...primary, ends }
}

for (const [program, code] of [
  ['process.exit(7)', 7],
  ['process.exit(0)', 0],
  [`process.kill(process.pid, 'SIGKILL')\n${STAY}`, 1],
] as const) {
  test(`a start whose first worker does ${program.split('\n', 1)} ends with ${code}`, async (t) => {
    const before = forks.length
    const { start, ends } = workersOf(t, program)

    assert.equal(await start(), code)

    assert.deepEqual([forks.length - before, ends], [1, []])
  })
}

for (const [title, program, isGood] of [
  ['all of them end with 0', `${onStop('process.exit(0)')}${SERVE}`, true],
  ['one of them ends with 3', `${onStop('process.exit(number === 2 ? 3 : 0)')}${SERVE}`, false],
  ['one of them is killed', `${onStop(`process.kill(process.pid, 'SIGKILL')`)}${SERVE}`, false],
  [
    'one of them does not serve yet',
    `${onStop('process.exit(0)')}${STAY}if (number === 1) { ${SERVE} }`,
    true,
  ],
] as const) {
  test(`a stop is ${isGood ? 'in' : 'not in'} good order when ${title}`, async (t) => {
    const { start, stop, ends } = workersOf(t, program)
    assert.equal(await start(), undefined)
    // Until the second one is as far as it comes.
    if (!title.includes('yet')) await untilServing(2)

    assert.equal(await stop(), isGood)

    assert.deepEqual(ends, [])
  })
}

test('a worker that dies again and again is replaced after longer and longer pauses', async (t) => {
  const program = `${onStop('process.exit(0)')}if (number === 1) { ${SERVE} } else process.exit(9)`
  const { start, stop, ends } = workersOf(t, program)
  const begun = forks.length
  await start()

  while (ends.length < 4) await sleep(10)
  const known = ends.slice(0, 4)
  // The first two replaced nobody.
  const successors = forks.slice(begun + 2)
  await stop()

  assert.deepEqual(
    known.map(({ code, pauseMs }) => [code, pauseMs]),
    [
      [9, 100],
      [9, 200],
      [9, 400],
      [9, 800],
    ],
  )
  for (const [index, startedAt] of successors.entries()) {
    const { at = 0, pauseMs = 0 } = known[index] ?? {}
    // A timer may fire a millisecond early, never more.
    assert.ok(startedAt - at >= pauseMs - 1, `pause of ${pauseMs} ms`)
  }
})

test('a worker that died just before a stop is not replaced', async (t) => {
  const program = `${onStop('process.exit(0)')}if (number === 1) { ${SERVE} } else process.exit(9)`
  const { start, stop, ends } = workersOf(t, program)
  await start()
  while (ends.length < 1) await sleep(1)

  const before = forks.length
  assert.equal(await stop(), true)
  await sleep(2 * (ends[0]?.pauseMs ?? 0))

  assert.equal(forks.length, before)
})

test('the pause doubles from 100 ms to 30 s, and starts again after a minute of life', () => {
  const pauses = Array.from({ length: 11 }, (_, failures) => afterEnd(0, failures).pauseMs)

  const doubled = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]
  assert.deepEqual(pauses, doubled)
  assert.deepEqual(afterEnd(59_999, 5), { pauseMs: 3200, inARow: 6 })
  assert.deepEqual(afterEnd(60_000, 5), { pauseMs: 100, inARow: 1 })
})

/** Waits until so many workers have said that they serve. */
async function untilServing(count: number): Promise<void> {
  let serving = 1
  for (const worker of Object.values(cluster.workers ?? {})) {
    worker?.once('serving', () => {
      serving += 1
    })
  }
  while (serving < count) await sleep(1)
}
