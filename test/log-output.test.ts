// runs once
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const OUTPUT = new URL('../src/platform/log-output.ts', import.meta.url).href

/** What a process writes that logs `lines` lines of a hundred characters and then does something. */
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
