import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { queryMysql } from './databases.ts'
import { freePort } from './free-port.ts'

// A throwaway Galera cluster of two nodes, both of which write; gone when the test ends.

const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera/libgalera_smm.so']
const PROVIDER = PROVIDERS.find((path) => existsSync(path))
const DATABASE = 'latchkey_cluster'
const START_MS = 60_000

/**
 * A test's `skip` where Galera is not installed, said aloud; with `REQUIRE_GALERA=1` it fails
 * instead.
 */
export function skipWithoutGalera(what: string): boolean {
  if (PROVIDER !== undefined || process.env.REQUIRE_GALERA === '1') return false
  console.error(`⚠ NOT TESTED: "${what}": needs Galera (Debian: apt-get install galera-4 rsync)`)
  return true
}

/** @returns the addresses of one database, one for each node */
export async function startCluster(t: TestContext): Promise<[string, string]> {
  const first = await startNode(t, [])
  await queryMysql(`${first.url}/mysql`, `CREATE DATABASE ${DATABASE}`)
  const second = await startNode(t, [first.group])
  return [`${first.url}/${DATABASE}`, `${second.url}/${DATABASE}`]
}

/**
 * @param others where the nodes that are there already listen; of none this one begins the cluster
 */
async function startNode(
  t: TestContext,
  others: string[],
): Promise<{ url: string; group: string }> {
  const folder = folderOfAnybody(t)
  const data = join(folder, 'data')
  mkdirSync(data)
  const [port, group, state, copy] = [
    ...[await freePort(), await freePort(), await freePort(), await freePort()],
  ]
  const user = asUser([folder, data])
  const own = [`--datadir=${data}`, ...user]
  const install = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']
  const env = { ...process.env, TMPDIR: folder }
  execFileSync('mariadb-install-db', [...install, ...own], { stdio: 'ignore', env })
  const options = [
    ...['--no-defaults', ...own, `--port=${port}`, '--bind-address=127.0.0.1'],
    ...['socket', 'pid-file', 'log-error'].map((name) => `--${name}=${join(folder, name)}`),
    ...['--innodb-flush-method=nosync', '--innodb-doublewrite=0', '--binlog-format=ROW'],
    ...['--innodb-autoinc-lock-mode=2', '--wsrep-on=ON', `--wsrep-provider=${PROVIDER}`],
    `--wsrep-cluster-address=gcomm://${others.join(',')}`,
    ...['--wsrep-node-address=127.0.0.1', '--wsrep-sst-method=rsync'],
    `--wsrep-sst-receive-address=127.0.0.1:${copy}`,
    `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${state}`,
  ]
  const node = spawn('mariadbd', options, { stdio: 'ignore', env })
  const exited = new Promise((resolve) => node.once('exit', resolve))
  t.after(async () => {
    node.kill('SIGKILL')
    await exited
  })
  const url = `mysql://root@127.0.0.1:${port}`
  await untilReady(`${url}/mysql`)
  return { url, group: `127.0.0.1:${group}` }
}

/** Below a folder that others may enter, which the one of the tests is not. */
function folderOfAnybody(t: TestContext): string {
  const folder = mkdtempSync('/tmp/latchkey-galera-')
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
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
