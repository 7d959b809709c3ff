import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What `npm run build` makes; whoever launches it builds it first. */
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const GIVE_UP_MS = 30_000

/** A server in a process of its own, as operators run it. */
export type ServerProcess = {
  /** Where it listens, such as `http://127.0.0.1:40001`. */
  base: string
  /** From its launch to the first answer. */
  startMs: number
  residentMb: () => Promise<number>
  /** Ends it in good order and waits until it is gone. */
  stop: () => Promise<void>
}

/**
 * Starts a server and waits for its first answer. Its log goes nowhere, its errors are shown.
 * @param script what Node is to run
 * @param cwd where it finds its data
 * @param env its settings; PORT and PUBLIC_URL are added
 */
export async function launch(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<ServerProcess> {
  const port = `${await freePort()}`
  const base = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const child = spawn(process.execPath, [script], {
    cwd,
    env: { ...env, PORT: port, PUBLIC_URL: `http://localhost:${port}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const killWithParent = () => void child.kill('SIGKILL')
  process.once('exit', killWithParent)
  const stop = async () => {
    process.off('exit', killWithParent)
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  try {
    await firstAnswer(`${base}/livez`, child)
  } catch (error) {
    await stop()
    throw error
  }
  const startMs = Math.round(performance.now() - startedAt)
  return { base, startMs, residentMb: () => residentMb(child), stop }
}

/** The same for what operators run, with these settings alone. */
export function launchBuilt(cwd: string, settings: Record<string, string>): Promise<ServerProcess> {
  return launch(MAIN, cwd, { PATH: process.env.PATH, ...settings })
}

async function firstAnswer(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (child.exitCode === null && performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await pause(5)
  }
  throw new Error('the server gave no answer')
}

async function residentMb(child: ChildProcess): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${child.pid}`])
  return Math.round(Number(stdout) / 1024)
}

/** A port of this machine that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
