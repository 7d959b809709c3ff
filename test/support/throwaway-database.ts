import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDatabase } from '../../scripts/throwaway-mysql.mjs'
import { queryMysql, scratchDirectory } from './databases.ts'
import './driver-errors.ts'
import type { Lifetime } from './lifetime.ts'

/** A MySQL or MariaDB server of the test's own, which may be set oddly, die and come back. */
export type ThrowawayDatabase = {
  /** For its root. Another one after each start. */
  url: string
  pid: number
  /** Where its data lie. */
  folder: string
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** Runs statements as its root. */
  run: (sql: string) => Promise<Record<string, unknown>[]>
}

type Options = {
  settings?: string[]
  /** By default a free one. */
  port?: number
  /** The folder of a server that has stopped, to go on with, or with `isCopy` with a copy of it. */
  folder?: string
  isCopy?: boolean
}

/**
 * A user as the documentation recommends it for running the service: no right of administration.
 */
const SERVICE = 'service'
const RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES, DROP'

/** Makes the user `service`, with its rights on the database `latchkey_test`. */
export const serviceUser = `CREATE USER IF NOT EXISTS '${SERVICE}'@'%' IDENTIFIED BY 'secret'; GRANT ${RIGHTS} ON latchkey_test.* TO '${SERVICE}'@'%'`

let template: Promise<string> | undefined

/** The folder of a server without data; to make one takes longer than to copy it. */
function emptyServer(): Promise<string> {
  template ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-server-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    const server = await startDatabase(folder)
    if (!server) throw new Error('no mariadbd or mysqld is installed')
    await server.stop()
    return folder
  })()
  return template
}

/** Started, with a user `service` who has what the service needs; gone when the test ends. */
export async function throwawayDatabase(
  t: Lifetime,
  { settings = [], port, folder, isCopy = false }: Options = {},
): Promise<ThrowawayDatabase> {
  const own = folder !== undefined && !isCopy ? folder : scratchDirectory(t)
  if (own !== folder) {
    cpSync(join(folder ?? (await emptyServer()), 'mysql'), join(own, 'mysql'), { recursive: true })
  }
  const server = await startDatabase(own, { settings, port })
  if (!server) throw new Error('no mariadbd or mysqld is installed')
  t.after(() => server.stop('SIGKILL'))
  const run = (sql: string) => queryMysql(server.url, sql)
  await run(serviceUser)
  return { url: server.url, pid: server.pid, folder: own, stop: server.stop, run }
}

/** The address for the user `service`. */
export function asService(url: string): string {
  const address = new URL(url)
  address.username = SERVICE
  address.password = 'secret'
  return address.href
}
