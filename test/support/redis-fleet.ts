import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import type { Lifetime } from './lifetime.ts'

// A cluster of Redis, and one that Sentinel watches: of a test's own, gone when it ends.

const START_MS = 20_000
const PASSWORD = 'redis-canary-password'

export type Node = {
  port: number
  kill: () => Promise<void>
  ask: (...command: string[]) => string
}

/** How long a node of a cluster, or a master of Sentinels, is silent until it counts as dead. */
const DEAD_MS = 1000

/** Three masters, which share the slots; the masters come first in `nodes`. */
export async function redisCluster(
  t: Lifetime,
  { replicas = 0 } = {},
): Promise<{ url: string; nodes: Node[] }> {
  const nodes: Node[] = []
  for (let count = 0; count < 3 * (1 + replicas); count++) {
    const bus = ['--cluster-port', String(await freePort())]
    const settings = ['--cluster-node-timeout', String(DEAD_MS), '--masterauth', PASSWORD]
    nodes.push(await startNode(t, ['--cluster-enabled', 'yes', ...bus, ...settings]))
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const [first] = nodes
  const copies = ['--cluster-replicas', String(replicas), '--cluster-yes']
  first?.ask('--cluster', 'create', ...hosts, ...copies)
  await until(() => nodes.every(({ ask }) => /cluster_state:ok/.test(ask('cluster', 'info'))))
  const isCopied = ({ ask }: Node) => /master_link_status:up/.test(ask('info', 'replication'))
  await until(() => nodes.slice(3).every(isCopied))
  return { url: `redis+cluster://:${PASSWORD}@${hosts.join(',')}`, nodes }
}

/** A master and two replicas under three Sentinels, of which two decide. */
export async function redisSentinels(t: Lifetime): Promise<{ url: string; nodes: Node[] }> {
  const master = await startNode(t, ['--masterauth', PASSWORD])
  const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`, '--masterauth', PASSWORD]
  const nodes = [master, await startNode(t, replicaOf), await startNode(t, replicaOf)]
  const ports = [await freePort(), await freePort(), await freePort()]
  const settings = { master: master.port, quorum: 2, deadMs: DEAD_MS, failoverMs: 5000 }
  const sentinels = await Promise.all(ports.map((port) => startSentinel(t, port, settings)))
  const knows = ({ ask }: Node) => /slaves=2,sentinels=3/.test(ask('info', 'sentinel'))
  await until(() => sentinels.every(knows))
  const hosts = ports.map((port) => `127.0.0.1:${port}`)
  return { url: `redis+sentinel://:${PASSWORD}@${hosts.join(',')}/latchkey`, nodes }
}

type Watched = { master: number; quorum: number; deadMs: number; failoverMs: number }

async function startSentinel(
  t: Lifetime,
  port: number,
  { master, quorum, deadMs, failoverMs }: Watched,
): Promise<Node> {
  const file = join(scratch(t), 'sentinel.conf')
  const settings = [
    `sentinel monitor latchkey 127.0.0.1 ${master} ${quorum}`,
    `sentinel auth-pass latchkey ${PASSWORD}`,
    `sentinel down-after-milliseconds latchkey ${deadMs}`,
    `sentinel failover-timeout latchkey ${failoverMs}`,
  ]
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\n${settings.join('\n')}\n`)
  return await start(t, port, [file, '--sentinel'], '')
}

/** A master and its replica under one Sentinel, which fails over at once. */
export async function redisSentinel(t: Lifetime) {
  const master = await startNode(t)
  const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`, '--masterauth', PASSWORD]
  const replica = await startNode(t, replicaOf)
  await until(() => /master_link_status:up/.test(replica.ask('info', 'replication')))
  const port = await freePort()
  const settings = { master: master.port, quorum: 1, deadMs: 300, failoverMs: 1000 }
  const sentinel = await startSentinel(t, port, settings)
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

async function startNode(t: Lifetime, settings: string[] = []): Promise<Node> {
  const port = await freePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', PASSWORD]
  const folder = ['--dir', scratch(t), '--save', '']
  return await start(t, port, [...own, ...folder, ...settings], PASSWORD)
}

async function start(
  t: Lifetime,
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

function scratch(t: Lifetime): string {
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
