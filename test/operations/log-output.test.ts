// runs once
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratchDirectory } from '../support/databases.ts'

const OUTPUT = new URL('../../src/platform/log/stdout.ts', import.meta.url).href

/**
 * What a process writes that logs `lines` lines of a hundred characters and then does something.
 */
function outputOf(lines: number, then: string): string[] {
  const script = `import { standardOutput } from '${OUTPUT}'
    const log = standardOutput()
    for (let at = 0; at < ${lines}; at++) log.write(String(at).padEnd(100, '.') + '\\n')
    ${then}`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const child = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
  return child.stdout.split('\n').slice(0, -1)
}

for (const [how, then] of [
  ['ends by itself', ''],
  ['is told to exit', 'process.exit(0)'],
  ['fails', 'throw new Error("on purpose")'],
] as const) {
  test(`every line of the log comes out, in order, when the process ${how}`, () => {
    const lines = outputOf(1000, then)

    assert.deepEqual(
      lines.map((line) => Number.parseInt(line, 10)),
      Array.from({ length: 1000 }, (_, at) => at),
    )
    assert.ok(lines.every(({ length }) => length === 100))
  })
}

/** PIPE_BUF of Linux: so much a pipe takes whole, or not at all. */
const WHOLE = 4096

test('each write is of whole lines, and small enough that workers never mix theirs', () => {
  const script = `import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { writeSync } = fs
    const writes = []
    fs.writeSync = (file, bytes) => {
      writes.push(String(bytes))
      return writeSync(file, bytes)
    }
    syncBuiltinESMExports()
    const { standardOutput } = await import('${OUTPUT}')
    const log = standardOutput()
    for (let at = 0; at < 1000; at++) log.write('x'.repeat(99) + '\\n')
    setImmediate(() => setImmediate(() => process._rawDebug(JSON.stringify(writes))))`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
  const writes: string[] = JSON.parse(stderr)

  assert.equal(writes.join('').length, 100_000)
  assert.deepEqual(
    writes.filter((written) => !written.endsWith('\n') || written.length > WHOLE),
    [],
  )
  assert.ok(writes.length < 50, `${writes.length} writes`)
})

/** More than the room for lines and any pipe hold, in lines of a hundred characters. */
const TOO_MANY = 20_000

test('What finds no room is dropped and counted, and standard error tells when it begins and ends', async () => {
  const script = `import { standardOutput } from '${OUTPUT}'
    const log = standardOutput()
    const line = (text) => log.write(text.padEnd(99, '.') + '\\n')
    for (let at = 0; at < ${TOO_MANY}; at++) {
      line(String(at))
      if (at % 100 === 0) await new Promise(setImmediate)
    }
    process.send(log.droppedLines())
    process.once('message', () => {
      line('last')
      process.disconnect()
    })`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const [dropped] = await once(child, 'message')

  // The reader begins only now; as soon as all is read there is room again.
  const lines: string[] = []
  const reading = createInterface({ input: child.stdout as Readable })
  reading.on('line', (line) => lines.push(line))
  await within(() => lines.length === TOO_MANY - dropped)
  child.send('go on')
  const errors = await text(child.stderr as Readable)

  assert.ok(dropped > 0 && dropped < TOO_MANY, `${dropped} dropped`)
  assert.match(String(lines.pop()), /^last/)
  const numbers = lines.map((line) => Number.parseInt(line, 10))
  assert.equal(numbers.length, TOO_MANY - dropped)
  // In order; a pipe that takes some more at any moment makes room in between.
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((one, other) => one - other),
  )
  assert.deepEqual(errors.split('\n'), [
    'Latchkey: the log cannot be written (its reader is too slow); lines without room are dropped.',
    `Latchkey: the log is written again; lines dropped: ${dropped}.`,
    '',
  ])
})

test('A line of which only a part is taken at first comes out whole', async () => {
  const script = `import { standardOutput } from '${OUTPUT}'
    const log = standardOutput()
    for (let at = 0; at < 5; at++) log.write('x'.repeat(200_000) + '\\n')
    process.once('message', () => process.disconnect())
    setImmediate(() => process.send(log.droppedLines()))`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const [dropped] = await once(child, 'message')

  // The reader begins only now.
  const output = text(child.stdout as Readable)
  child.send('go on')
  const lines = (await output).split('\n')

  assert.equal(dropped, 0)
  assert.equal(lines.pop(), '')
  assert.deepEqual(
    lines.map(({ length }) => length),
    Array(5).fill(200_000),
  )
})

test('The end of the process waits a bounded time for a reader that does not read', (t) => {
  const script = `import { standardOutput } from '${OUTPUT}'
    const log = standardOutput()
    for (let at = 0; at < 5000; at++) log.write('x'.repeat(99) + '\\n')
    process.exit(7)`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const pipe = join(scratchDirectory(t), 'pipe')
  // Somebody has the pipe open for reading, and does not read.
  const command = `mkfifo "$0"; sleep 60 < "$0" & "$@" > "$0"; code=$?; kill $!; exit $code`
  const words = ['-c', command, pipe, process.execPath, ...args]
  const child = spawnSync('sh', words, { encoding: 'utf8', timeout: 20_000 })

  assert.equal(child.status, 7)
  assert.match(child.stderr, /the log ends without its last lines: \d+\.\n$/)
})

async function within(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!isSo()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time')
    await sleep(10)
  }
}
