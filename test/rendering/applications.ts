import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port.ts'

// The applications of examples/, installed and built in a folder of their own, and started.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_MS = 60_000
const QUIET = {
  CI: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  NPM_CONFIG_FUND: 'false',
  NPM_CONFIG_AUDIT: 'false',
  NO_UPDATE_NOTIFIER: '1',
}

const run = promisify(execFile)

type Address = { latchkey: string; port: number; origin: string }

/** How each framework starts what it has built. */
const STARTS = {
  nextjs: ({ port }: Address) => ({
    args: ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)],
    env: {},
  }),
  sveltekit: ({ port, origin }: Address) => ({
    args: ['build'],
    env: { HOST: '127.0.0.1', PORT: String(port), ORIGIN: origin },
  }),
  nuxt: ({ port, latchkey }: Address) => ({
    args: ['.output/server/index.mjs'],
    env: { HOST: '127.0.0.1', PORT: String(port), NUXT_LATCHKEY_URL: latchkey },
  }),
} as const

export type ApplicationName = keyof typeof STARTS
export const APPLICATIONS: readonly ApplicationName[] = ['sveltekit', 'nextjs', 'nuxt']

/**
 * Lays the package of the client where the applications look for it, as an install from a registry
 * would.
 */
export async function layClient(folder: string): Promise<void> {
  const pack = ['pack', '--json', '-w', 'client', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: ROOT })
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[')))
  mkdirSync(join(folder, 'client'))
  const unpack = ['-xzf', join(folder, filename), '--strip-components=1']
  await run('tar', [...unpack, '-C', join(folder, 'client')])
}

/** @throws with the end of what npm or the framework said */
export async function build(name: ApplicationName, folder: string): Promise<void> {
  const cwd = join(folder, 'examples', name)
  cpSync(join(ROOT, 'examples', name), cwd, {
    recursive: true,
    filter: (path) => !/\/(node_modules|build|\.(next|nuxt|output|svelte-kit))$/.test(path),
  })
  await npm(['install', '--ignore-scripts', '--prefer-offline'], cwd)
  await npm(['run', 'build'], cwd)
}

async function npm(args: string[], cwd: string): Promise<void> {
  const env = { ...process.env, ...QUIET }
  try {
    await run('npm', args, { cwd, env, maxBuffer: 50_000_000 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`npm ${args.join(' ')} failed:\n${`${stdout}\n${stderr}`.slice(-3000)}`)
  }
}

export type Running = { origin: string; stop: () => Promise<void>; output: () => string }

/** Starts one that was built; whoever starts it stops it. */
export async function start(
  name: ApplicationName,
  folder: string,
  latchkey: string,
): Promise<Running> {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const { args, env } = STARTS[name]({ latchkey, port, origin })
  const child = spawn(process.execPath, args, {
    cwd: join(folder, 'examples', name),
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      LATCHKEY_URL: latchkey,
      ...QUIET,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  const running = { origin, stop: () => stopped(child), output: () => text.slice(-3000) }
  if (await listens(port, child)) return running
  await running.stop()
  throw new Error(`${name} did not start:\n${running.output()}`)
}

async function listens(port: number, child: ChildProcess): Promise<boolean> {
  const end = Date.now() + START_MS
  while (Date.now() < end && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/sign-in`).catch(() => undefined)
    if (answer?.ok) return true
    await pause(200)
  }
  return false
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
