// runs once
// The command line as a program: the server that it starts, `.env`, and a person at a terminal.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { scratchDirectory } from '../support/databases.ts'
import { freshDatabase } from '../support/helper.ts'
import { buildOnce, call, ROOT, runCli, SETTINGS, startProcess } from '../support/process.ts'
import { skipWithout } from '../support/walkthrough.ts'

const CLI = join(ROOT, 'dist/cli.js')
const start = promisify(execFile)

for (const workers of [1, 2]) {
  test(`latchkey serve is the server, with ${workers} worker(s), and commands work beside it`, async (t) => {
    const url = await freshDatabase(t)
    const program = ['dist/cli.js', 'serve']
    const env = { WORKERS: String(workers) }
    const server = await startProcess(t, { url, program, env })
    const body = { username: 'lyshark', email: 'l@example.com', password: 'a long enough sentence' }

    const registered = await call(server, 'POST', '/register', { body })
    const shown = await runCli(url, ['user', 'show', 'lyshark', '--json'])

    assert.equal(registered.status, 201)
    assert.equal(JSON.parse(shown.output).email, 'l@example.com')
    assert.equal(await server.stop('SIGTERM'), 0)
  })
}

test('dist/cli.js runs by its path, reads .env and says which database it names', async (t) => {
  buildOnce()
  const cwd = scratchDirectory(t)
  writeFileSync(join(cwd, '.env'), 'DATABASE_URL=file:./other/accounts.db\n')

  const { stdout, stderr } = await start(CLI, ['migrate', '--status'], {
    cwd,
    env: { PATH: process.env.PATH },
  })

  assert.equal(stderr, 'Database: SQLite file ./other/accounts.db\n')
  assert.match(stdout, /\n0 applied, \d+ pending\.\n$/)
  assert.equal(existsSync(join(cwd, 'other')), false)
})

test('a reader who has left, as head does, ends a command without a complaint', async () => {
  buildOnce()
  const line = `'${process.execPath}' '${CLI}' --help | true; echo "\${PIPESTATUS[0]}"`

  const { stdout, stderr } = await start('bash', ['-c', line])

  assert.deepEqual([stdout, stderr], ['0\n', ''])
})

const skip = skipWithout(['script', 'tar'], 'a question at a terminal')

test('at a terminal a question waits for its answer', { skip }, async (t) => {
  const url = await freshDatabase(t)

  const no = await atTerminal(t, 'keys rotate --now', { env: { DATABASE_URL: url }, input: 'n\n' })
  const yes = await atTerminal(t, 'keys rotate --now', { env: { DATABASE_URL: url }, input: 'y\n' })

  assert.equal(no.code, 1)
  assert.match(no.output, /every access token becomes invalid\. \[y\/N\] .*Nothing was done\./s)
  assert.equal(yes.code, 0)
  assert.match(yes.output, /\[y\/N\] .*New keys are in use\./s)
})

test('at a terminal a backup shows a bar', { skip }, async (t) => {
  const url = await freshDatabase(t)
  const cwd = scratchDirectory(t)
  writeFileSync(join(cwd, 'tar'), '#!/bin/sh\nsleep 1\n', { mode: 0o755 })
  const env = { DATABASE_URL: url, PATH: `${cwd}:${process.env.PATH}` }

  const { code, output } = await atTerminal(t, `backup ${join(cwd, 'backup')}`, { env })

  assert.equal(code, 0, output)
  assert.match(output, /photos 0 MiB/)
  assert.match(output, /uploads\.tar\.gz +0 bytes/)
})

type Scene = { env: NodeJS.ProcessEnv; input?: string }

/** A command in a terminal of its own, where a person types the input. */
async function atTerminal(t: TestContext, line: string, { env, input }: Scene) {
  buildOnce()
  const command = `'${process.execPath}' '${CLI}' ${line}`
  const args = ['--quiet', '--flush', '--return', '--command', command, '/dev/null']
  const child = spawn('script', args, {
    cwd: scratchDirectory(t),
    env: { PATH: process.env.PATH, ...SETTINGS, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  const printed = text(child.stdout)
  child.stdout.on('data', (chunk) => {
    // A person reads the question first.
    if (input !== undefined && String(chunk).includes('[y/N]')) child.stdin.end(input)
  })
  const [code] = await once(child, 'close')
  return { code: code as number | null, output: await printed }
}
