// Runs the walk of the README block by block, in one shell, against a started server.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { listeningAddress } from '../src/latchkey.ts'
import { startServer } from './helper.ts'

const DOCUMENTED_BASE = 'http://localhost:3000'
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const missing = ['bash', 'curl'].filter((tool) => spawnSync(tool, ['--version']).error)

type Step = { command: string; printed: string }

/** The `sh` blocks of the section, each with the `text` block that follows it. */
function stepsOf(markdown: string, heading: string): Step[] {
  const section = markdown.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const blocks = section.matchAll(/```sh\n(.*?)```(?:\n```text\n(.*?)```)?/gs)
  return [...blocks].map(([, command = '', printed = '']) => ({ command, printed }))
}

/** Runs the steps in one shell, so that variables stay, and answers with what each printed. */
async function run(steps: Step[], folder: string): Promise<string[]> {
  const mark = '--- end of step ---'
  const script = steps.map(({ command }) => `${command}\necho "${mark}"\n`).join('')
  const shell = spawn('bash', ['-eu', '-o', 'pipefail'], { cwd: folder })
  const output: string[] = []
  const errors: string[] = []
  shell.stdout.on('data', (chunk) => output.push(String(chunk)))
  shell.stderr.on('data', (chunk) => errors.push(String(chunk)))
  shell.stdin.end(script)
  const code = await new Promise((resolve) => shell.on('close', resolve))
  assert.equal(code, 0, errors.join('') + output.join(''))
  return output.join('').split(`${mark}\n`).slice(0, -1)
}

/** `…` stands for anything on one line. */
function pattern(printed: string): RegExp {
  const literal = printed.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('[^\\n]*?')}$`)
}

if (missing.length > 0) {
  console.error(
    `NOT TESTED: the README's walk needs ${missing.join(' and ')}; install them to run it.`,
  )
}

test('The curl walk of the README prints what it says, command by command', {
  skip: missing.length > 0 && `needs ${missing.join(' and ')}`,
}, async (t) => {
  const server = await startServer(t)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-walk-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const base = listeningAddress(server.app).replace('localhost', '127.0.0.1')
  const steps = stepsOf(readme.replaceAll(DOCUMENTED_BASE, base), 'A walk with curl')

  const printed = await run(steps, folder)

  assert.ok(steps.length >= 10, `found ${steps.length} steps`)
  for (const [index, step] of steps.entries()) {
    assert.match(printed[index]?.trimEnd() ?? '', pattern(step.printed.trimEnd()), step.command)
  }
})

test('The files that the README names exist', () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path = '']) => path)

  assert.ok(links.length >= 5)
  for (const path of links) readFileSync(new URL(`../${path}`, import.meta.url))
})
