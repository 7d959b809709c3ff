import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import type { Lifetime } from './lifetime.ts'

const START_MS = 10_000
const PASSWORD = 'redis-canary-password'

const isInstalled = spawnSync('redis-server', ['--version']).status === 0

/** Why the tests that need a Redis server cannot run; false when they can. */
export const noRedis = isInstalled ? false : 'no redis-server is installed'

/** A Redis server of the test's own, which may die and hang at its command. */
export type ThrowawayRedis = {
  url: string
  password: string
  start: () => Promise<void>
  kill: () => Promise<void>
  /** Stops answering without closing anything. */
  freeze: () => void
  thaw: () => void
  /** Runs one command. */
  run: (command: string, ...values: string[]) => Promise<unknown>
}

/** Not yet started; gone when the test ends. It has a password and keeps nothing on the disk. */
export async function throwawayRedis(t: Lifetime): Promise<ThrowawayRedis> {
  const port = await freePort()
  const url = `redis://:${PASSWORD}@127.0.0.1:${port}/0`
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const settings = ['--bind', '127.0.0.1', '--port', String(port), '--requirepass', PASSWORD]
    child = spawn('redis-server', [...settings, '--save', ''], { stdio: 'ignore' })
    const deadline = performance.now() + START_MS
    while ((await run('ping').catch(() => undefined)) !== 'PONG') {
      if (performance.now() > deadline) throw new Error('redis-server does not start')
      await pause(20)
    }
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async function run(command: string, ...values: string[]): Promise<unknown> {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.call(command, ...values)
    } finally {
      client.disconnect()
    }
  }

  t.after(kill)
  return {
    ...{ url, password: PASSWORD, start, kill, run },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  }
}
