// A temporary MariaDB or MySQL server for tests and benchmarks: own folder, free port.
import { execFileSync, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import mariadb from 'mariadb'

const DATABASE = 'latchkey_test'
const START_MS = 60_000
const STOP_MS = 15_000
const FOLDERS = [
  ...(process.env.PATH ?? '').split(delimiter),
  ...['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/opt/homebrew/bin'],
]

/**
 * Starts a server on 127.0.0.1 only, for a root without a password.
 * @param folder for its data, used again by a later server; the caller deletes it
 * @param options `isDurable`: every commit waits for the disk, as in production. `settings`: more
 * options for the server, such as `--sql-mode=`. `port`: by default a free one
 * @returns its address, its process and how to stop it; undefined when no server is installed
 */
export async function startDatabase(
  folder,
  {
    isDurable = false,
    settings = /** @type {string[]} */ ([]),
    port = /** @type {number | undefined} */ (undefined),
  } = {},
) {
  const server = findProgram('mariadbd') ?? findProgram('mysqld')
  if (!server) return undefined
  const data = join(folder, 'mysql')
  if (!existsSync(data)) {
    mkdirSync(data)
    initialise(server, data)
  }
  const at = port ?? (await freePort())
  const options = [...serverOptions(folder, data, at), ...syncOptions(isDurable), ...settings]
  const child = spawn(server, options, { stdio: 'ignore' })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const killWithParent = () => child.kill('SIGKILL')
  process.once('exit', killWithParent)
  void exited.then(() => process.off('exit', killWithParent))
  const stop = (signal = /** @type {'SIGTERM' | 'SIGKILL'} */ ('SIGTERM')) =>
    stopServer(child, exited, signal)
  try {
    await untilReady(at, child)
  } catch (error) {
    await stop()
    throw new Error(`The test database did not start:\n${lastLines(join(folder, 'mysql.log'))}`, {
      cause: error,
    })
  }
  return { url: `mysql://root@127.0.0.1:${at}/${DATABASE}`, pid: child.pid ?? 0, stop }
}

function findProgram(name) {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  return FOLDERS.map((folder) => join(folder, file)).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Both servers refuse to run as root unless told so. */
function asUser() {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}

function initialise(server, data) {
  const version = execFileSync(server, ['--no-defaults', '--version'], { encoding: 'utf8' })
  const installer = findProgram('mariadb-install-db')
  const [program, ...args] =
    /mariadb/i.test(version) && installer
      ? [installer, '--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']
      : [server, '--no-defaults', '--initialize-insecure']
  execFileSync(program, [...args, `--datadir=${data}`, ...asUser()], { stdio: 'pipe' })
}

function serverOptions(folder, data, port) {
  return [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${join(folder, 'mysql.sock')}`,
    `--pid-file=${join(folder, 'mysql.pid')}`,
    `--log-error=${join(folder, 'mysql.log')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--max-connections=500',
    // A commit is with the kernel once acknowledged: the tests kill servers.
    '--innodb-flush-log-at-trx-commit=1',
    ...asUser(),
  ]
}

// Tests never cut the power, so nothing waits for the disk: most of the time of a new table.
function syncOptions(isDurable) {
  if (isDurable) return []
  return ['--innodb-flush-method=nosync', '--innodb-doublewrite=0', '--loose-debug-no-sync']
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

async function untilReady(port, child) {
  const deadline = performance.now() + START_MS
  for (;;) {
    try {
      return await createTestDatabase(port)
    } catch (error) {
      if (performance.now() > deadline || child.exitCode !== null) throw error
      await pause(100)
    }
  }
}

async function createTestDatabase(port) {
  const connection = await mariadb.createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    connectTimeout: 5000,
  })
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`)
  await connection.end()
}

async function stopServer(child, exited, signal) {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exited
  clearTimeout(killer)
}

function lastLines(path) {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-20).join('\n')
  } catch {
    return 'it wrote no log'
  }
}
