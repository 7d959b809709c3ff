import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../server-process.ts'
import type { Launch } from './contender.ts'
import { type Usage, usageOf } from './proc.ts'

/** A server that answers. */
export type Server = {
  port: number
  pid: number
  /** From its launch to the first answer. */
  startMs: number
  usage: () => Usage
  /** Ends it in good order and waits until it is gone. */
  stop: () => Promise<void>
}

const GIVE_UP_MS = 60_000
const KILL_AFTER_MS = 10_000
const KEPT_CHARACTERS = 2000

const running = new Set<ChildProcess>()

/** Ends whatever still runs, without waiting: for the end of this process. */
export function killServers(): void {
  for (const child of running) child.kill('SIGKILL')
}

/**
 * Starts a server on a free port and waits for its first answer of 200.
 * @throws Error with the end of what it wrote, when it gives none within a minute
 */
export async function startServer(
  launchOn: (port: number) => Launch,
  readyPath: string,
): Promise<Server> {
  const port = await freePort()
  const startedAt = performance.now()
  const { child, lastWords } = start(launchOn(port))
  const stop = () => stopChild(child)
  try {
    await firstAnswer(`http://127.0.0.1:${port}${readyPath}`, child)
  } catch (cause) {
    await stop()
    throw new Error(`it gave no answer: ${lastWords()}`, { cause })
  }
  const startMs = performance.now() - startedAt
  const pid = child.pid ?? 0
  return { port, pid, startMs, usage: () => usageOf(pid), stop }
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
  let complaints = ''
  // Both are read, or else a server that writes much would stand still.
  child.stdout.on('data', (chunk) => {
    printed = `${printed}${chunk}`.slice(-KEPT_CHARACTERS)
  })
  child.stderr.on('data', (chunk) => {
    complaints = `${complaints}${chunk}`.slice(-KEPT_CHARACTERS)
  })
  child.on('error', (error) => {
    complaints = error.message
  })
  return { child, printed: () => printed, lastWords: () => complaints || printed }
}

async function firstAnswer(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
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
