import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startServer, type TestServer } from './helper.ts'

// Runs what the pages tell their readers to type, and compares what they say that it prints.

/** Where the server is in every page. */
const DOCUMENTED_BASE = 'http://localhost:3000'
const MARK = '--- end of step ---'
/** A loop that never ends must not hold up the other tests. */
const LONGEST_MS = 60_000

export type Step = {
  /** What stands behind the three backticks. */
  language: string
  code: string
  /** The `text` block right behind it, or nothing. */
  printed: string
}

type Choice = {
  /** The title of a section (`##`); the whole page where there is none. */
  heading?: string
  languages?: readonly string[]
}

/** The text of a file of the repository, by its path from the root. */
export function pageAt(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/**
 * The code blocks of a page in these languages, in order, each with the `text` block that follows
 * it.
 */
export function stepsOf(markdown: string, { heading, languages = ['sh'] }: Choice = {}): Step[] {
  const text = heading === undefined ? markdown : sectionOf(markdown, heading)
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$(?:\n{1,2}```text\n(.*?)^```$)?/gms)
  return [...blocks]
    .map(([, language = '', code = '', printed = '']) => ({ language, code, printed }))
    .filter(({ language }) => languages.includes(language))
}

function sectionOf(markdown: string, heading: string): string {
  const section = `\n${markdown}`.split(`\n## ${heading}\n`)[1]
  assert.ok(section !== undefined, `there is no section "${heading}"`)
  return section.split('\n## ')[0] ?? ''
}

/**
 * Runs shell steps in one bash, so that variables stay, and answers with what each printed.
 * @param prelude what the shell runs before them
 */
export async function runSteps(
  steps: readonly Step[],
  folder: string,
  prelude = '',
): Promise<string[]> {
  const script = prelude + steps.map(({ code }) => `${code}\necho '${MARK}'\n`).join('')
  const shell = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  shell.stdout.on('data', (chunk) => output.push(chunk))
  shell.stderr.on('data', (chunk) => errors.push(chunk))
  const [code] = await once(shell, 'close')
  const printed = Buffer.concat(output).toString().split(`${MARK}\n`)
  const rest = printed.pop()
  const failed = `${steps[printed.length]?.code}ended with ${code} and printed: ${rest}`
  assert.equal(code, 0, `${failed}${Buffer.concat(errors)}`)
  return printed
}

/** Compares what the steps printed with what the page says; `…` stands for anything on one line. */
export function assertPrinted(
  steps: readonly Step[],
  printed: readonly string[],
  page = 'the page',
): void {
  assert.equal(printed.length, steps.length)
  for (const [index, step] of steps.entries()) {
    const actual = printed[index]?.trimEnd() ?? ''
    const expected = step.printed.trimEnd()
    const message = `${step.code}printed:\n${actual}\ninstead of what ${page} says:\n${expected}`
    assert.match(actual, pattern(expected), message)
  }
}

function pattern(printed: string): RegExp {
  const literal = printed.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('[^\\n]*?')}$`)
}

/** Those of the tools that are not installed here; Debian has servers where users do not look. */
function missingTools(tools: readonly string[]): string[] {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  return tools.filter((tool) => spawnSync(tool, ['--version'], { env }).error)
}

/**
 * A test's `skip`: why it cannot run here, said aloud, or false. With `REQUIRE_<TOOL>=1` it runs
 * all the same, and fails.
 */
export function skipWithout(tools: readonly string[], what: string): string | false {
  const missing = missingTools(tools)
  const isRequired = (tool: string) => process.env[`REQUIRE_${tool.toUpperCase()}`] === '1'
  if (missing.length === 0 || missing.some(isRequired)) return false
  const names = missing.join(' and ')
  console.error(`NOT TESTED: ${what} needs ${names}; install ${names} to run it.`)
  return `needs ${names} (Debian: apt-get install ${missing.join(' ')})`
}

export type Place = { server: TestServer; base: string; folder: string }

/**
 * A server that is reached at its own PUBLIC_URL, and an empty folder to be in; both end with the
 * test.
 */
export async function startPlace(t: TestContext, env: Record<string, string> = {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-walk-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  // PUBLIC_URL holds the port, so the port has to be there before the server is.
  const door = createServer().listen(0, '127.0.0.1')
  await once(door, 'listening')
  t.after(() => void door.close())
  const base = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  const server = await startServer(t, { env: { PUBLIC_URL: base, ...env } })
  await server.app.ready()
  door.on('connection', (socket) => server.app.server.emit('connection', socket))
  return { server, base, folder }
}

/** A page as it reads for whoever has the server at `base`. */
export function pageFor(base: string, path: string): string {
  return pageAt(path).replaceAll(DOCUMENTED_BASE, base)
}

type Walk = Choice & { env?: Record<string, string> }

/**
 * Runs the `sh` blocks of a page, or of one section, against a server of its own and compares all
 * they print.
 */
export async function walk(t: TestContext, path: string, { env, ...choice }: Walk = {}) {
  const place = await startPlace(t, env)
  const steps = stepsOf(pageFor(place.base, path), choice)

  const printed = await runSteps(steps, place.folder, await sleepByClock(t, place.server))

  assertPrinted(steps, printed, path)
  return { ...place, steps }
}

/**
 * A `sleep` for the shell that moves the server's clock, which stands still, instead of waiting.
 */
async function sleepByClock(t: TestContext, { clock }: TestServer): Promise<string> {
  const door = createHttpServer((request, response) => {
    clock.advance(Number(request.url?.slice(1)))
    response.end()
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  t.after(() => void door.close())
  return `sleep() { curl -sf "http://127.0.0.1:${(door.address() as AddressInfo).port}/$1"; }\n`
}
