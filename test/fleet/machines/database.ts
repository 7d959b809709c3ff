import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { type DatabaseProxy, startProxy } from '../../support/proxy.ts'
import {
  asService,
  type ThrowawayDatabase,
  throwawayDatabase,
} from '../../support/throwaway-database.ts'

/** The database of the fleet, whatever stands behind its address. */
export type DatabaseMachine = {
  /** `DATABASE_URL` of the server with this number. */
  urlFor: (server: number) => string
  /** Stops the writer by a signal; its address then refuses connections. */
  stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** Starts the writer that was stopped, on its data. */
  start: () => Promise<void>
  /** Runs statements on the writer, as its root. */
  run: (sql: string) => Promise<unknown>
  /** Stops answering without closing anything. */
  freeze: () => void
  thaw: () => void
  /** Makes the writer read-only. */
  closeForWrites: () => Promise<void>
  /** Leads the address to the replica, once it has all that the writer has. */
  moveToReplica: () => Promise<void>
}

const CATCH_UP_SECONDS = 20
/** On both, since either may follow the other; it is not replicated. */
const REPLICATING = `SET sql_log_bin = OFF;
  CREATE USER IF NOT EXISTS 'replica'@'%' IDENTIFIED BY 'secret';
  GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'`

/** A writer with a replica, behind one address that follows the writer. */
export async function startDatabases(life: Lifetime): Promise<DatabaseMachine> {
  let writer = await startNode(life, 1)
  let replica = await startNode(life, 2)
  await follow(replica, writer)
  const proxy: DatabaseProxy = await startProxy(asService(writer.url))
  life.after(proxy.cut)

  async function start(): Promise<void> {
    writer = await startNode(life, writer.id, writer)
    await proxy.heal()
  }

  async function moveToReplica(): Promise<void> {
    const [{ at } = {}] = await writer.run('SELECT @@gtid_current_pos AS at')
    await replica.run(`SELECT MASTER_GTID_WAIT('${at}', ${CATCH_UP_SECONDS})`)
    await replica.run('STOP SLAVE')
    await replica.run('RESET SLAVE ALL')
    await replica.run('SET GLOBAL read_only = OFF')
    proxy.leadTo(asService(replica.url))
    ;[writer, replica] = [replica, writer]
    await follow(replica, writer)
  }

  return {
    urlFor: () => proxy.url,
    async stop(signal) {
      await Promise.all([writer.stop(signal), proxy.cut()])
    },
    start,
    run: (sql) => writer.run(sql),
    freeze: () => void process.kill(writer.pid, 'SIGSTOP'),
    thaw: () => void process.kill(writer.pid, 'SIGCONT'),
    closeForWrites: () => writer.run('SET GLOBAL read_only = ON').then(() => undefined),
    moveToReplica,
  }
}

type DatabaseNode = ThrowawayDatabase & { id: number; port: number }

async function startNode(
  life: Lifetime,
  id: number,
  before?: Pick<DatabaseNode, 'folder' | 'port'>,
): Promise<DatabaseNode> {
  const port = before?.port ?? (await freePort())
  const settings = [
    ...[`--server-id=${id}`, '--log-bin=binlog', '--log-slave-updates', '--sync-binlog=1'],
    // A replica that lost its writer looks for it each second.
    ...['--gtid-strict-mode=0', '--slave-net-timeout=5', '--skip-slave-start=0'],
    // Its users are those of the writer.
    ...(id === 1 ? [] : ['--replicate-wild-do-table=latchkey_test.%']),
  ]
  const folder = before ? { folder: before.folder } : {}
  const node = await throwawayDatabase(life, { settings, port, ...folder })
  if (before === undefined) await node.run(REPLICATING)
  return { ...node, id, port }
}

/** Makes a node a read-only copy of another one, from where both agree. */
async function follow(replica: DatabaseNode, writer: DatabaseNode): Promise<void> {
  const [{ at } = {}] = await writer.run('SELECT @@gtid_current_pos AS at')
  await replica.run(`SET GLOBAL gtid_slave_pos = '${at}'`)
  await replica.run(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${writer.port},
      MASTER_USER = 'replica', MASTER_PASSWORD = 'secret', MASTER_CONNECT_RETRY = 1,
      MASTER_USE_GTID = slave_pos`,
  )
  await replica.run('START SLAVE')
  await replica.run('SET GLOBAL read_only = ON')
  for (let turn = 0; turn < 100; turn++) {
    const [status] = await replica.run('SHOW SLAVE STATUS')
    if (status?.Slave_IO_Running === 'Yes' && status.Slave_SQL_Running === 'Yes') return
    await sleep(100)
  }
  const [status] = await replica.run('SHOW SLAVE STATUS')
  throw new Error(`the replica does not follow: ${status?.Last_IO_Error} ${status?.Last_SQL_Error}`)
}
