import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildOnce, ROOT } from './process.ts'

const START_MS = 120_000
const END_MS = 5000
const SHOWN_CHARACTERS = 4000

/** `npm run example` in a process of its own. */
export type Example = {
  /** Origin of the application. */
  app: string
  /** Where the application finds the API. */
  api: string
  /** The demo provider, which also shows the codes of the authenticator app. */
  provider: string
  output: () => string
  /** Ends it and waits. @returns its exit code, null after a signal */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

type Options = {
  /** Where it keeps its data. */
  folder: string
  /** More than free ports: `--build`. */
  args?: string[]
  env?: Record<string, string>
}

/** A folder of its own for examples. @returns it, and what removes it */
export function exampleFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-example-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) }
}

/** Runs it with these arguments until it ends by itself. @returns what it said */
export async function runExample(args: string[]) {
  const { child, exited, output } = spawnExample(args)
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const code = await exited
  clearTimeout(timer)
  return { code, output: output() }
}

/** Starts it on free ports until it says what to try; the caller stops it. @throws Error */
export async function startExample({ folder, args = [], env = {} }: Options): Promise<Example> {
  buildOnce()
  const ports = ['--port', '0', '--api-port', '0', '--provider-port', '0']
  const { child, exited, output } = spawnExample([...ports, '--data', folder, ...args], env)
  const stop = (signal: NodeJS.Signals = 'SIGINT') => {
    child.kill(signal)
    return exited
  }
  const deadline = performance.now() + START_MS
  while (!output().includes('Stop it with Ctrl-C')) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop('SIGKILL')
      throw new Error(`The example does not start:\n${output().slice(-SHOWN_CHARACTERS)}`)
    }
    await sleep(50)
  }
  const address = (what: string) =>
    new RegExp(`${what} +(http\\S+?)/(?:outbox)?\\n`).exec(output())?.[1] ?? ''
  const [app, api, provider] = [address('Application'), address('Mails'), address('app')]
  return { app, api, provider, output, stop }
}

function spawnExample(args: string[], env: Record<string, string> = {}) {
  const program = ['--import', 'tsx', join(ROOT, 'scripts/example/main.ts')]
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killWithParent = () => void child.kill('SIGKILL')
  process.once('exit', killWithParent)
  const exited = once(child, 'exit').then(([code]): number | null => {
    process.off('exit', killWithParent)
    return code
  })
  let text = ''
  const read = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  return { child, exited, output: () => text }
}

/** Waits until no process runs in the folder. @returns those that do after some seconds (Linux) */
export async function processesIn(folder: string): Promise<string[]> {
  const deadline = performance.now() + END_MS
  for (;;) {
    const left = pids().filter((pid) => folderOf(pid) === folder)
    if (left.length === 0 || performance.now() > deadline) return left
    await sleep(50)
  }
}

function pids(): string[] {
  return existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
}

function folderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}
