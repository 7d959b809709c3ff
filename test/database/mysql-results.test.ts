import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils'
import { databaseUrl } from '../../src/config/database-url.ts'
import { connectionOptions, createMysqlAdapter } from '../../src/platform/database/mysql/adapter.ts'
import { emptyDatabase, isMysql, queryMysql } from '../support/databases.ts'

const TABLE = `CREATE TABLE Things (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tiny TINYINT, small SMALLINT UNSIGNED, medium MEDIUMINT, number INT, positive INT UNSIGNED,
  big BIGINT, huge BIGINT UNSIGNED, single FLOAT, twofold DOUBLE, exact DECIMAL(20, 2),
  whole DECIMAL(20, 0), year YEAR, day DATE, clock TIME(3), second DATETIME, at DATETIME(3),
  stamp TIMESTAMP(3) NULL, bits BIT(1), text VARCHAR(50), fixed CHAR(4), note LONGTEXT, json JSON,
  choice ENUM('a', 'b'), code VARBINARY(8), bytes LONGBLOB) CHARACTER SET utf8mb4`
const ROWS = `INSERT INTO Things VALUES
  (1, -1, 65535, -8388608, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615,
    1.5, 1e300, -1234567890123456.78, 9007199254740993, 2026, '2026-03-04', '-01:02:03.004',
    '2026-03-04 05:06:07', '2026-03-04 05:06:07.089', '2026-03-04 05:06:07.089', b'1', 'Größe 𝄞',
    'ab', REPEAT('x', 300), '{"a": [1]}', 'b', X'00FF', X''),
  (2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1901, '0001-01-01', '00:00:00', '1970-01-01 00:00:00',
    '9999-12-31 23:59:59.999', '1970-01-01 00:00:01', b'0', '', '', '', 'null', 'a', '', 'x'),
  (3${', NULL'.repeat(25)})`

if (isMysql) {
  describe('results of MySQL', () => {
    it('are those of Prisma’s adapter, for values of every type and in transactions', async (t) => {
      const { own, stock } = await adapters(t)
      const expressions =
        'COUNT(*), SUM(big), AVG(exact), MAX(at), NULL, MIN(text), 1 + 1, NOW(3) < 1'
      const queries = [
        'SELECT * FROM Things ORDER BY id',
        'SELECT * FROM Things WHERE id = 9',
        'SELECT id, id, at AS id FROM Things ORDER BY tiny',
        `SELECT ${expressions} FROM Things`,
      ]

      for (const sql of [...queries, ...queries]) {
        const [actual, expected] = [
          await own.queryRaw(query(sql)),
          await stock.queryRaw(query(sql)),
        ]
        assert.deepEqual(comparable(actual), comparable(expected))
        const transaction = await own.startTransaction()
        assert.deepEqual(await transaction.queryRaw(query(sql)), actual)
        await transaction.rollback()
      }
    })

    it('say what a statement changed, and why one failed, as those of Prisma’s adapter', async (t) => {
      const { own, stock } = await adapters(t)
      const statements = [
        query('UPDATE Things SET tiny = 0 WHERE id < 3'),
        query('UPDATE Things SET tiny = 0 WHERE id = 9'),
        query('INSERT INTO Things (id) VALUES (1)'),
        query('SELECT nothing FROM Things'),
        query('INSERT INTO Nowhere VALUES (1)'),
        query('UPDATE Things SET fixed = ? WHERE id = 1', 'too long'),
      ]

      for (const statement of statements) {
        const [actual, expected] = [await outcome(own, statement), await outcome(stock, statement)]
        assert.deepEqual(actual, expected)
      }
      const inserted = await own.queryRaw(query('INSERT INTO Things (text) VALUES (?)', 'new'))
      assert.deepEqual(inserted, { columnNames: [], columnTypes: [], rows: [], lastInsertId: '4' })
    })

    it('follow the columns of a table that changes between two runs of a statement', async (t) => {
      const { own } = await adapters(t)
      const read = () => own.queryRaw(query('SELECT * FROM Small'))
      await own.executeRaw(query('CREATE TABLE Small (a DATETIME(3))'))
      await own.executeRaw(query("INSERT INTO Small VALUES ('2026-03-04 05:06:07.089')"))
      const before = await read()
      await own.executeRaw(query('ALTER TABLE Small ADD COLUMN b BIGINT DEFAULT 7 FIRST'))
      const after = await read()

      assert.deepEqual([before.columnNames, before.rows], [['a'], [['2026-03-04T05:06:07.089Z']]])
      assert.deepEqual(
        [after.columnNames, after.rows],
        [['b', 'a'], [['7', '2026-03-04T05:06:07.089Z']]],
      )
    })

    it('come to all who wait for a connection, and errors keep their stacks', async (t) => {
      const { own } = await adapters(t)
      const many = Array.from({ length: 40 }, (_, at) => query('SELECT ? AS at, SLEEP(0.01)', at))

      const waiting = many.map((one) => own.queryRaw(one))
      const begun = own.startTransaction()

      const results = await Promise.all(waiting)
      await (await begun).rollback()
      assert.deepEqual(
        results.map(({ rows }) => rows[0]?.[0]),
        many.map((_, at) => at),
      )
      assert.match(String(new Error('later').stack), /mysql-results/)
    })
  })
}

/** Our adapter, and Prisma's with a pool of its own, on a table with values of every type. */
async function adapters(t: TestContext): Promise<Record<'own' | 'stock', SqlDriverAdapter>> {
  const url = await emptyDatabase(t)
  await queryMysql(url, `SET time_zone = '+00:00'; ${TABLE}; ${ROWS}`)
  const address = databaseUrl(url)
  if (address.kind !== 'mysql') throw new Error('These tests are for MySQL')
  const own = await createMysqlAdapter(address).connect()
  const options = { initSql: "SET time_zone = '+00:00'", pipelining: false }
  const stock = await new PrismaMariaDb({ ...connectionOptions(address), ...options }).connect()
  t.after(() => Promise.all([own.dispose(), stock.dispose()]))
  return { own, stock }
}

function query(sql: string, ...args: unknown[]): SqlQuery {
  return { sql, args, argTypes: args.map(() => ({ scalarType: 'unknown', arity: 'scalar' })) }
}

/** With dates as the moments that they name. */
function comparable({ columnNames, columnTypes, rows }: SqlResultSet) {
  const isDate = (at: number) => columnTypes[at] === ColumnTypeEnum.DateTime
  const momentOf = (value: unknown, at: number) =>
    isDate(at) && typeof value === 'string' ? new Date(value).toISOString() : value
  return { columnNames, columnTypes, rows: rows.map((row) => row.map(momentOf)) }
}

async function outcome(adapter: SqlDriverAdapter, statement: SqlQuery): Promise<unknown> {
  return adapter
    .executeRaw(statement)
    .catch(({ name, message, cause }) => ({ name, message, cause }))
}
