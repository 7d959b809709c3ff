import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Usage, usageOf } from './process-usage.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PATIENCE_MS = 60_000
const KILL_AFTER_MS = 10_000
const KEPT_CHARACTERS = 2000

/** How a child process is started. */
export type Launch = { command: string; args: string[]; cwd: string; env: NodeJS.ProcessEnv }

/** A server in a process of its own, once it answers. */
export type Server = {
  /** Where it listens, such as `http://127.0.0.1:40001`. */
  base: string
  port: number
  pid: number
  /** From its launch to the first answer. */
  startMs: number
  usage: () => Usage
  /** Ends it in good order and waits until it is gone. */
  stop: () => Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a server on a free port and waits for its first answer of 200.
 * @throws Error with the end of what it wrote, when it gives none in time
 */
export async function startServer(
  launchOn: (port: number) => Launch,
  readyPath = '/livez',
  patienceMs = PATIENCE_MS,
): Promise<Server> {
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const { child, lastWords } = start(launchOn(port))
  const stop = () => stopChild(child)
  try {
    await firstAnswer(`${base}${readyPath}`, child, patienceMs)
  } catch (cause) {
    await stop()
    throw new Error(`a server gave no answer: ${lastWords()}`, { cause })
  }
  const startMs = performance.now() - startedAt
  const pid = child.pid ?? 0
  return { base, port, pid, startMs, usage: () => usageOf(pid), stop }
}

/** Settings of a Latchkey that is measured; the cost of a password hash is the default. */
export function settingsFor(folder: string, databaseUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    SECRET: randomBytes(48).toString('base64url'),
    UPLOADS_DIR: join(folder, 'uploads'),
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'warn',
    ACCESS_TOKEN_TTL: '12h',
  }
}

/** The cheapest password hash that the settings allow. */
export const CHEAP_HASHES = { ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1' }

/**
 * Starts Latchkey as `npm run build` made it, with these settings alone.
 * @param script what runs instead of dist/main.js
 */
export function startLatchkey(
  folder: string,
  settings: NodeJS.ProcessEnv,
  script = join(ROOT, 'dist/main.js'),
): Promise<Server> {
  return startServer((port) => {
    const address = { PORT: `${port}`, PUBLIC_URL: `http://localhost:${port}` }
    const env = { PATH: process.env.PATH, ...address, ...settings }
    return { command: process.execPath, args: [script], cwd: folder, env }
  })
}

/** Runs a script to its end. @returns what it printed @throws Error when it fails */
export async function runScript(launch: Launch): Promise<string> {
  const { child, lastWords, printed } = start(launch)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`it ended with ${code}: ${lastWords()}`)
  return printed()
}

function start({ command, args, cwd, env }: Launch) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let printed = ''
  let errors = ''
  // Both are read: a pipe that nobody reads would stop a server that writes much.
  child.stdout.on('data', (chunk) => {
    printed = `${printed}${chunk}`.slice(-KEPT_CHARACTERS)
  })
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-KEPT_CHARACTERS)
  })
  child.on('error', (error) => {
    errors = error.message
  })
  return { child, printed: () => printed, lastWords: () => errors || printed }
}

async function firstAnswer(url: string, child: ChildProcess, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!hasEnded(child) && performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await pause(5)
  }
  throw new Error(`${url} never answered 200`)
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  await gone
  clearTimeout(killer)
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
