import { execFile } from 'node:child_process'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { type Surroundings, writeOutputOf } from '../../program-output.ts'
import type { MysqlAddress } from '../address.ts'

const ask = promisify(execFile)

const CONTENT = [
  ...['--single-transaction', '--quick', '--hex-blob', '--no-tablespaces', '--skip-lock-tables'],
  '--default-character-set=utf8mb4',
]
const LAST_LINE = '-- Dump completed'
const TAIL_BYTES = 200

/**
 * Dumps a database as it is at one moment; the password is in the environment of the program.
 * @throws Error when the target exists, when the dump is incomplete, or, with the line to run, when
 *   no program is installed
 */
export async function dumpMysql(
  address: MysqlAddress,
  target: string,
  { progress, env }: Surroundings,
): Promise<void> {
  const { program, connection } = await findDumper(address, env)
  const { code, said } = await writeOutputOf({
    ...{ program, target, progress, total: 0 },
    args: ['--no-defaults', ...connection, ...CONTENT, address.database],
    env: { ...env, MYSQL_PWD: address.password },
  })
  if (code !== 0 || !isComplete(target)) throw new Error(`${program} ended with ${code}: ${said}`)
}

async function findDumper(address: MysqlAddress, env: NodeJS.ProcessEnv) {
  for (const program of ['mariadb-dump', 'mysqldump']) {
    const answer = await ask(program, ['--version'], { env }).catch(() => undefined)
    if (answer === undefined) continue
    const isMariadb = answer.stdout.includes('MariaDB')
    return { program, connection: isMariadb ? forMariadb(address, env) : forMysql(address, env) }
  }
  const line = ['mysqldump', ...placeOf(address), '--password', ...CONTENT, address.database]
  throw new Error(
    `Neither mariadb-dump nor mysqldump is installed here. Run this where one of them is:\n  ${line.join(' ')} > latchkey.sql`,
  )
}

function placeOf({ host, port, user }: MysqlAddress): string[] {
  return ['--protocol=tcp', `--host=${host}`, `--port=${port}`, `--user=${user}`]
}

function forMariadb(address: MysqlAddress, env: NodeJS.ProcessEnv): string[] {
  const tls = ['--ssl', '--ssl-verify-server-cert', ...authorityIn(env)]
  return [...placeOf(address), ...(address.tls === 'on' ? tls : ['--skip-ssl'])]
}

function forMysql(address: MysqlAddress, env: NodeJS.ProcessEnv): string[] {
  const key = address.allowPublicKeyRetrieval ? ['--get-server-public-key'] : []
  const tls = ['--ssl-mode=VERIFY_IDENTITY', ...authorityIn(env)]
  const way = address.tls === 'on' ? tls : ['--ssl-mode=DISABLED', ...key]
  return [...placeOf(address), ...way, '--set-gtid-purged=OFF']
}

function authorityIn({ NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): string[] {
  return file ? [`--ssl-ca=${file}`] : []
}

function isComplete(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const from = Math.max(0, statSync(path).size - TAIL_BYTES)
    const tail = Buffer.alloc(TAIL_BYTES)
    readSync(file, tail, 0, TAIL_BYTES, from)
    return tail.includes(LAST_LINE)
  } finally {
    closeSync(file)
  }
}
