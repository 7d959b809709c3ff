import { type Connection, createConnection } from 'mariadb'
import type { MysqlAddress } from '../address.ts'
import { connectionOptions } from './adapter.ts'

/** What a server says of itself. */
export type MysqlState = {
  /** Global variables and states of the cluster, with the names that it uses, in small letters. */
  readonly values: Readonly<Record<string, string>>
  /** The rights of the user, as GRANT statements. */
  readonly grants: readonly string[]
  /** Online members of Group Replication; 0 without it, or where this user may not know. */
  readonly members: number
  /** How far its clock is ahead of this machine's, as exact as the question took long. */
  readonly aheadMs: number
}

const MEMBERS = `SELECT COUNT(*) AS count FROM performance_schema.replication_group_members WHERE MEMBER_STATE = 'ONLINE'`

/** Reads only. @throws when it cannot be reached or does not answer in time */
export async function askMysqlState(
  address: MysqlAddress,
  patienceMs: number,
): Promise<MysqlState> {
  const options = connectionOptions(address)
  const limits = { connectTimeout: patienceMs, socketTimeout: patienceMs }
  const connection = await createConnection({ ...options, ...limits })
  try {
    return await stateOf(connection)
  } finally {
    connection.destroy()
  }
}

async function stateOf(connection: Connection): Promise<MysqlState> {
  const variables = await rowsOf(connection, 'SHOW GLOBAL VARIABLES')
  const cluster = await rowsOf(connection, `SHOW GLOBAL STATUS LIKE 'wsrep%'`)
  const grants = await rowsOf(connection, 'SHOW GRANTS')
  const [group] = await rowsOf(connection, MEMBERS).catch(() => [])
  const asked = Date.now()
  const [clock] = await rowsOf(connection, 'SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS ms')
  return {
    values: Object.fromEntries(
      [...variables, ...cluster].map(({ Variable_name, Value }) => [
        String(Variable_name).toLowerCase(),
        String(Value),
      ]),
    ),
    grants: grants.map((row) => String(Object.values(row)[0])),
    members: Number(group?.count ?? 0),
    aheadMs: Number(clock?.ms) - (asked + Date.now()) / 2,
  }
}

function rowsOf(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  return connection.query(sql)
}
