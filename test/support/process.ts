import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FOREIGN_KEYS } from './databases.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_MS = 60_000
const SHOWN_CHARACTERS = 4000

/** A server in a process of its own, as operators run it. */
export type ServerProcess = {
  /** Where it listens, such as `http://localhost:40001`. */
  base: string
  pid: number
  /** What it printed and logged so far. */
  output: () => string
  /**
   * Ends it, at once with SIGKILL and in good order with SIGTERM, and waits until it is gone.
   * @returns its exit code, null after a signal
   */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

type Options = {
  url: string
  env?: Record<string, string>
  /** What is started; by default `dist/main.js`. */
  program?: string[]
  /** When it is killed, in milliseconds from its start. */
  lifeMs?: number
  /** How long its start may take. */
  startMs?: number
}

/** The master secret of all servers of a test file. */
export const SECRET = randomBytes(48).toString('base64url')

export const SETTINGS = {
  ...FOREIGN_KEYS,
  PORT: '0',
  SECRET,
  ARGON2_MEMORY_KIB: '64',
  ARGON2_TIME: '1',
  RATE_LIMITS: 'off',
  LOG_LEVEL: 'warn',
}

let isBuilt = false

/**
 * Starts `dist/main.js`, built when it is not current. The process ends with the test at the
 * latest.
 */
export async function startProcess(t: TestContext, options: Options): Promise<ServerProcess> {
  const started = await launch(options)
  t.after(() => started.stop('SIGKILL'))
  return started
}

/** The same for who ends the process by hand. */
export async function launch({
  url,
  env = {},
  lifeMs,
  startMs = START_MS,
  program = ['dist/main.js'],
}: Options): Promise<ServerProcess> {
  buildOnce()
  const cwd = mkdtempSync(join(tmpdir(), 'latchkey-process-'))
  const [path = '', ...args] = program
  const child = spawn(process.execPath, [join(ROOT, path), ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...SETTINGS, DATABASE_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killWithParent = () => void child.kill('SIGKILL')
  process.once('exit', killWithParent)
  const lifetime = lifeMs === undefined ? undefined : setTimeout(killWithParent, lifeMs)
  const exited = once(child, 'exit').finally(() => {
    clearTimeout(lifetime)
    process.off('exit', killWithParent)
    rmSync(cwd, { recursive: true, force: true })
  })
  let text = ''
  const read = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal)
    const [code] = await exited
    return code
  }

  const base = await new Promise<string>((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new Error(`${reason}\n${text.slice(-SHOWN_CHARACTERS)}`))
    const timer = setTimeout(() => fail('The server did not start in time'), startMs)
    const look = () => {
      const found = /listens on (http:\S+)/.exec(text)?.[1]
      if (found) resolve(found)
    }
    child.stdout.on('data', look)
    child.once('exit', (code) => fail(`The server ended with ${code} before it listened`))
    void exited.finally(() => clearTimeout(timer))
  }).catch(async (error) => {
    await stop()
    throw error
  })
  return { base, pid: child.pid ?? 0, output: () => text, stop }
}

/**
 * Runs `dist/cli.js` beside the servers of a test, as operators do.
 * @returns what it printed, on either stream, and its exit code
 */
export async function runCli(url: string, args: string[], env: Record<string, string> = {}) {
  buildOnce()
  const cwd = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...SETTINGS, DATABASE_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: START_MS,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  rmSync(cwd, { recursive: true, force: true })
  return { code, output: output.trim() }
}

export function buildOnce(): void {
  if (isBuilt) return
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'pipe' })
  isBuilt = true
}

export type Answer = { status: number; body: unknown; headers: Headers }

type Call = { token?: string | undefined; body?: unknown; headers?: Record<string, string> }

/** One request over HTTP. @throws TypeError when the connection fails */
export async function call(
  { base }: Pick<ServerProcess, 'base'>,
  method: string,
  path: string,
  { token, body, headers = {} }: Call = {},
): Promise<Answer> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  }
}
