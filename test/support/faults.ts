import { isMysql, queryMysql } from './databases.ts'
import type { TestServer } from './helper.ts'

/**
 * Makes the database refuse every write, as one on a full disk or in the midst of a failover does.
 * @returns what ends it
 */
export async function refuseWrites(
  { database }: TestServer,
  url: string,
): Promise<() => Promise<unknown>> {
  if (isMysql) return failOn(url, ['INSERT', 'UPDATE', 'DELETE'], { code: 1290 })
  await database.client.$queryRawUnsafe('PRAGMA query_only = ON')
  return () => database.client.$queryRawUnsafe('PRAGMA query_only = OFF')
}

type Fault = {
  /** What MySQL calls it: 1290 is read-only, 1213 a deadlock. */
  code: number
  /** Tables that fail; all of them by default. */
  tables?: string[]
  /** How often it happens; always by default. */
  times?: number
}

/** Makes statements on MySQL fail for each row that they touch. @returns what ends it */
export async function failOn(url: string, events: string[], fault: Fault) {
  const { code, times = 1_000_000 } = fault
  const tables = fault.tables ?? (await tablesOf(url))
  const names = tables.flatMap((table) => events.map((event) => ({ table, event })))
  const triggers = names.map(
    ({ table, event }) => `
      CREATE TRIGGER \`fault_${table}_${event}\` BEFORE ${event} ON \`${table}\` FOR EACH ROW BEGIN
        UPDATE \`Faults\` SET \`seen\` = \`seen\` + 1;
        IF (SELECT \`seen\` FROM \`Faults\`) <= ${times} THEN
          SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${code}, MESSAGE_TEXT = 'injected';
        END IF;
      END`,
  )
  // Of an engine without transactions, so that no rollback takes the count back.
  const count = 'CREATE TABLE `Faults` (`seen` INT NOT NULL) ENGINE = MyISAM'
  for (const sql of [count, 'INSERT INTO `Faults` VALUES (0)', ...triggers]) {
    await queryMysql(url, sql)
  }
  return async () => {
    for (const { table, event } of names) {
      await queryMysql(url, `DROP TRIGGER \`fault_${table}_${event}\``)
    }
    const [row] = await queryMysql(url, 'SELECT `seen` FROM `Faults`')
    await queryMysql(url, 'DROP TABLE `Faults`')
    return Number(row?.seen)
  }
}

async function tablesOf(url: string): Promise<string[]> {
  const rows = await queryMysql(
    url,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name NOT LIKE '\\_%'`,
  )
  return rows.map(({ name }) => String(name))
}
