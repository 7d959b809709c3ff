import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { queryMysql } from './databases.ts'
import { freePort } from './free-port.ts'
import type { Lifetime } from './lifetime.ts'

// A throwaway Galera cluster whose nodes all write; gone when the life of its owner ends.

const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera/libgalera_smm.so']
const PROVIDER = PROVIDERS.find((path) => existsSync(path))
const START_MS = 180_000

/** The database that every cluster has. */
export const CLUSTER_DATABASE = 'latchkey_test'

export type GaleraNode = {
  /** For its root, of the database `latchkey_test`. */
  url: string
  /** After a stop it joins the others, which run. */
  start: () => Promise<void>
  stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** Stops answering without closing anything. */
  freeze: () => void
  thaw: () => void
  /** Runs statements as its root, also while it has no quorum. */
  run: (sql: string) => Promise<Record<string, unknown>[]>
}

/**
 * A test's `skip` where Galera is not installed, said aloud; with `REQUIRE_GALERA=1` it fails
 * instead.
 */
export function skipWithoutGalera(what: string): boolean {
  if (PROVIDER !== undefined || process.env.REQUIRE_GALERA === '1') return false
  console.error(`⚠ NOT TESTED: "${what}": needs Galera (Debian: apt-get install galera-4 rsync)`)
  return true
}

/** All of them ready, with one empty database. */
export async function startCluster(
  life: Lifetime,
  size: number,
): Promise<[GaleraNode, ...GaleraNode[]]> {
  const ports: Ports[] = []
  for (let count = 0; count < size; count++) ports.push(await freePorts())
  const groups = ports.map(({ group }) => `127.0.0.1:${group}`)
  const nodes: GaleraNode[] = []
  for (const [at, folder] of install(life, size).entries()) {
    const others = groups.filter((_, other) => other !== at)
    const node = createNode(life, { folder, ports: ports[at] as Ports, others })
    // The first begins the cluster.
    await node.launch(at === 0 ? [] : others)
    if (at === 0) await queryMysql(`${node.root}/mysql`, `CREATE DATABASE ${CLUSTER_DATABASE}`)
    nodes.push(node)
  }
  return nodes as [GaleraNode, ...GaleraNode[]]
}

type Ports = { sql: number; group: number; state: number; copy: number }

async function freePorts(): Promise<Ports> {
  const [sql, group] = [await freePort(), await freePort()]
  return { sql, group, state: await freePort(), copy: await freePort() }
}

type Place = { folder: string; ports: Ports; others: string[] }

function createNode(life: Lifetime, { folder, ports, others }: Place) {
  const options = optionsOf(folder, ports)
  const env = { ...process.env, TMPDIR: folder }
  const root = `mysql://root@127.0.0.1:${ports.sql}`
  const url = `${root}/${CLUSTER_DATABASE}`
  let child: ChildProcess | undefined

  async function launch(cluster: string[]): Promise<void> {
    const address = `--wsrep-cluster-address=gcomm://${cluster.join(',')}`
    child = spawn('mariadbd', [...options, address], { stdio: 'ignore', env })
    await untilReady(`${root}/mysql`)
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  life.after(() => stop('SIGKILL'))
  return {
    ...{ root, url, launch, stop, start: () => launch(others) },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    // The database can be chosen only with a quorum.
    run: (sql: string) => queryMysql(root, sql),
  }
}

/** @returns the folders of nodes that have not started, with data in each */
function install(life: Lifetime, count: number): string[] {
  // Others may enter them, which they may not in the folder of the tests.
  const folders = Array.from({ length: count }, () => mkdtempSync('/tmp/latchkey-galera-'))
  for (const folder of folders) life.after(() => rmSync(folder, { recursive: true, force: true }))
  const [first = '', ...others] = folders
  const data = join(first, 'data')
  mkdirSync(data)
  const own = [`--datadir=${data}`, ...asUser([first, data])]
  const options = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']
  const env = { ...process.env, TMPDIR: first }
  execFileSync('mariadb-install-db', [...options, ...own], { stdio: 'ignore', env })
  for (const folder of others) {
    asUser([folder])
    execFileSync('cp', ['-a', data, folder])
  }
  return folders
}

function optionsOf(folder: string, { sql, group, state, copy }: Ports): string[] {
  const own = [`--datadir=${join(folder, 'data')}`, ...asUser([])]
  const provider = [
    ...[`gmcast.listen_addr=tcp://127.0.0.1:${group}`, `ist.recv_addr=127.0.0.1:${state}`],
    // A node that was killed is given up after 5 s, the default.
    'evs.suspect_timeout=PT5S',
  ]
  return [
    ...['--no-defaults', ...own, `--port=${sql}`, '--bind-address=127.0.0.1'],
    ...['socket', 'pid-file', 'log-error'].map((name) => `--${name}=${join(folder, name)}`),
    ...['--innodb-flush-method=nosync', '--innodb-doublewrite=0', '--binlog-format=ROW'],
    ...['--innodb-autoinc-lock-mode=2', '--wsrep-on=ON', `--wsrep-provider=${PROVIDER}`],
    ...['--wsrep-node-address=127.0.0.1', '--wsrep-sst-method=rsync'],
    `--wsrep-sst-receive-address=127.0.0.1:${copy}`,
    `--wsrep-provider-options=${provider.join(';')}`,
  ]
}

/** As root the copy from node to node has to belong to somebody else, whom the package has made. */
function asUser(folders: string[]): string[] {
  if (process.getuid?.() !== 0) return []
  const [uid, gid] = ['-u', '-g'].map((kind) =>
    Number(execFileSync('id', [kind, 'mysql'], { encoding: 'utf8' })),
  )
  for (const folder of folders) chownSync(folder, uid ?? 0, gid ?? 0)
  return ['--user=mysql']
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + START_MS
  for (;;) {
    const rows = await queryMysql(url, `SHOW STATUS LIKE 'wsrep_ready'`).catch(() => [])
    if (rows[0]?.Value === 'ON') return
    if (performance.now() > deadline) throw new Error('A node of Galera does not become ready')
    await sleep(100)
  }
}
