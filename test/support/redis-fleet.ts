import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'

// A cluster of Redis, and one that Sentinel watches: of a test's own, gone when it ends.

const START_MS = 20_000
const PASSWORD = 'redis-canary-password'

export type Node = {
  port: number
  kill: () => Promise<void>
  ask: (...command: string[]) => string
}

/** Three masters without replicas, which share the slots. */
export async function redisCluster(t: TestContext): Promise<{ url: string; nodes: Node[] }> {
  const nodes: Node[] = []
  for (let count = 0; count < 3; count++) {
    const bus = String(await freePort())
    nodes.push(await startNode(t, ['--cluster-enabled', 'yes', '--cluster-port', bus]))
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const [first] = nodes
  first?.ask('--cluster', 'create', ...hosts, '--cluster-yes')
  await until(() => nodes.every(({ ask }) => /cluster_state:ok/.test(ask('cluster', 'info'))))
  return { url: `redis+cluster://:${PASSWORD}@${hosts.join(',')}`, nodes }
}

/** A master and its replica under one Sentinel, which fails over at once. */
export async function redisSentinel(t: TestContext) {
  const master = await startNode(t)
  const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`, '--masterauth', PASSWORD]
  const replica = await startNode(t, replicaOf)
  await until(() => /master_link_status:up/.test(replica.ask('info', 'replication')))
  const port = await freePort()
  const file = join(scratch(t), 'sentinel.conf')
  const settings = [
    `sentinel monitor latchkey 127.0.0.1 ${master.port} 1`,
    `sentinel auth-pass latchkey ${PASSWORD}`,
    'sentinel down-after-milliseconds latchkey 300',
    'sentinel failover-timeout latchkey 1000',
  ]
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\n${settings.join('\n')}\n`)
  const sentinel = await start(t, port, [file, '--sentinel'], '')
  await until(() => /slaves=1/.test(sentinel.ask('info', 'sentinel')))
  const url = `redis+sentinel://:${PASSWORD}@127.0.0.1:1,127.0.0.1:${port}/latchkey`
  const waitForReplica = () => until(() => offsetOf(master) === offsetOf(replica))
  return { url, master, sentinel, waitForReplica }
}

/** How far a server has come in the master's log of changes. */
function offsetOf({ ask }: Node): string | undefined {
  const info = ask('info', 'replication')
  return /slave_repl_offset:(\d+)/.exec(info)?.[1] ?? /master_repl_offset:(\d+)/.exec(info)?.[1]
}

/** A plain address of a node, as somebody would write it who does not know what it is. */
export function plainUrl({ port }: Node, password: string = PASSWORD): string {
  return `redis://${password === '' ? '' : `:${password}@`}127.0.0.1:${port}`
}

async function startNode(t: TestContext, settings: string[] = []): Promise<Node> {
  const port = await freePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', PASSWORD]
  const folder = ['--dir', scratch(t), '--save', '']
  return await start(t, port, [...own, ...folder, ...settings], PASSWORD)
}

async function start(
  t: TestContext,
  port: number,
  settings: string[],
  password: string,
): Promise<Node> {
  const child = spawn('redis-server', settings, { stdio: 'ignore' })
  const kill = () => end(child)
  t.after(kill)
  const ask = (...command: string[]) => {
    const env = { PATH: process.env.PATH, ...(password === '' ? {} : { REDISCLI_AUTH: password }) }
    const where = command[0] === '--cluster' ? [] : ['-p', String(port)]
    return String(spawnSync('redis-cli', [...where, ...command], { env }).stdout)
  }
  await until(() => ask('ping').trim() === 'PONG')
  return { port, kill, ask }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + START_MS
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('Redis does not get ready')
    await pause(50)
  }
}
