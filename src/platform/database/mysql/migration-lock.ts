import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mariadb'
import { meaningOf } from './errors.ts'

/** Duration of the lease, and interval of its renewal. */
const leaseSeconds = 20
const heartbeatMs = 5000
const pollMs = 200
const maxWaitMs = 60_000

const lockTable = `CREATE TABLE IF NOT EXISTS \`_latchkey_locks\` (
    \`name\`   VARCHAR(64) NOT NULL PRIMARY KEY,
    \`holder\` CHAR(36) NOT NULL,
    \`until\`  DATETIME(3) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`

const until = `UTC_TIMESTAMP(3) + INTERVAL ${leaseSeconds} SECOND`

export type Lock = {
  /** @throws Error when another process holds the lock */
  renew: () => Promise<void>
  release: () => Promise<void>
}

type Dependencies = {
  name: string
  connection: Connection
  /** Connection of the heartbeat: a statement may take longer than the lease. */
  connect: () => Promise<Connection>
  /** Whether nothing is left to do; asked while another process holds the lock. */
  isSettled: () => Promise<boolean>
}

/**
 * A lock as a row with a lease: unlike `GET_LOCK`, every node of a cluster sees it.
 * @returns undefined when another process did the work @throws Error after a minute
 */
export async function takeLock(dependencies: Dependencies): Promise<Lock | undefined> {
  const { connection, name, isSettled } = dependencies
  const holder = randomUUID()
  await repeated(() => connection.query(lockTable))
  await repeated(() =>
    connection.query('INSERT IGNORE INTO `_latchkey_locks` VALUES (?, ?, UTC_TIMESTAMP(3))', [
      name,
      holder,
    ]),
  )
  const deadline = performance.now() + maxWaitMs
  while (!(await takeRow(connection, name, holder))) {
    if (await isSettled()) return undefined
    if (performance.now() > deadline) throw heldTooLong()
    await sleep(pollMs)
  }
  return keepLock(dependencies, holder)
}

async function takeRow(connection: Connection, name: string, holder: string): Promise<boolean> {
  const { affectedRows } = await repeated(() =>
    connection.query(
      `UPDATE \`_latchkey_locks\` SET \`holder\` = ?, \`until\` = ${until} WHERE \`name\` = ? AND \`until\` <= UTC_TIMESTAMP(3)`,
      [holder, name],
    ),
  )
  return affectedRows === 1
}

async function keepLock(
  { connection, connect, name }: Dependencies,
  holder: string,
): Promise<Lock> {
  const beating = new AbortController()
  const heart = await connect()
  const beats = beat()

  function touch(by: Connection): Promise<{ affectedRows: number }> {
    return repeated(() =>
      by.query(
        `UPDATE \`_latchkey_locks\` SET \`until\` = ${until} WHERE \`name\` = ? AND \`holder\` = ?`,
        [name, holder],
      ),
    )
  }

  async function beat(): Promise<void> {
    const { signal } = beating
    while (!signal.aborted) {
      await sleep(heartbeatMs, undefined, { signal }).catch(() => undefined)
      // After a failure, the next beat succeeds or the next step finds the lock lost.
      if (!signal.aborted) await touch(heart).catch(() => undefined)
    }
  }

  return {
    async renew() {
      const { affectedRows } = await touch(connection)
      if (affectedRows !== 1) throw new Error(`Another process has taken the lock "${name}".`)
    },
    async release() {
      beating.abort()
      await beats
      await heart.end()
      await repeated(() =>
        connection.query(
          'UPDATE `_latchkey_locks` SET `until` = UTC_TIMESTAMP(3) WHERE `name` = ? AND `holder` = ?',
          [name, holder],
        ),
      )
    },
  }
}

const conflictsMax = 10

/** Retries after a deadlock: several nodes of a cluster may write the row. */
async function repeated<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run()
    } catch (error) {
      const { errno = 0 } = error as { errno?: number }
      const isConflict = meaningOf(errno) === 'conflict'
      if (!isConflict || attempt === conflictsMax) throw error
    }
    await sleep(Math.random() * pollMs)
  }
}

function heldTooLong(): Error {
  return new Error(
    `Another process has been migrating this database for more than ${maxWaitMs / 1000} seconds. Wait until it has finished, or stop it, then start again.`,
  )
}
