import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { openConnection } from '../../src/platform/database/sqlite/connection.ts'
import { toSqlite } from '../../src/platform/database/sqlite/values.ts'
import { aUser, isMysql, openAt, openFreshDatabase } from '../support/databases.ts'

const pathOf = (url: string) => url.slice('file:'.length)

if (!isMysql) {
  describe('SQLite', () => {
    it('runs in WAL mode with full synchronisation and foreign keys on every connection', async (t) => {
      const { url } = await openFreshDatabase(t)

      const pragmas = [true, false].map((readOnly) => {
        const connection = openConnection(pathOf(url), { readOnly })
        const names = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'query_only']
        return names.map((name) => String(connection.query(`PRAGMA ${name}`, []).rows[0]?.[0]))
      })

      assert.deepEqual(pragmas, [
        ['wal', '2', '1', '0', '1'],
        ['wal', '2', '1', '0', '0'],
      ])
    })

    it('sees what others committed after it has read the one row of several that it asked for', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      await client.user.createMany({ data: [aUser(), aUser()] })
      const [reader, writer] = [true, false].map((readOnly) =>
        openConnection(pathOf(url), { readOnly }),
      )
      const one = () =>
        reader?.query('SELECT name FROM User WHERE name IS NOT NULL LIMIT 1', []).rows
      const all = () => reader?.query('SELECT name FROM User ORDER BY id', []).rows

      const seen = ['a', 'b'].map((name) => {
        writer?.execute('UPDATE User SET name = ?', [name])
        return [one(), all(), one()]
      })

      const rows = (name: string) => [[[name]], [[name], [name]], [[name]]]
      assert.deepEqual(seen, [rows('a'), rows('b')])
      assert.equal(Number(writer?.query('PRAGMA wal_checkpoint(TRUNCATE)', []).rows[0]?.[0]), 0)
    })

    it('makes its directory and files for their owner alone', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      await client.user.create({ data: aUser() })
      const directory = dirname(pathOf(url))

      const modes = readdirSync(directory).map((name) => [name, modeOf(join(directory, name))])

      assert.equal(modeOf(directory), 0o700)
      assert.deepEqual(modes, [
        ['latchkey.db', 0o600],
        ['latchkey.db-shm', 0o600],
        ['latchkey.db-wal', 0o600],
      ])
    })

    it('refuses an URL that names no file, with an example', async () => {
      for (const url of ['file:', 'file::memory:', 'file:./x.db?mode=ro']) {
        await assert.rejects(openAt(url), {
          message:
            'write the path of one file after file:, without ? or #, such as file:./data/latchkey.db; a database in memory loses its accounts',
        })
      }
    })

    it('refuses values that would end the process or be returned changed, with its own error', async (t) => {
      const { client } = await openFreshDatabase(t)
      const impossible = [undefined, {}, [], () => 1, Symbol('x'), new Date(Number.NaN), 'a\0b']

      for (const value of impossible) {
        assert.throws(() => toSqlite(value, undefined), { name: 'DriverAdapterError' })
      }
      await assert.rejects(client.user.create({ data: { ...aUser(), name: 'a\0b' } }))
    })

    it('keeps numbers, flags, bytes and large integers as they are', async (t) => {
      const { client } = await openFreshDatabase(t)

      const [row] = await client.$queryRaw<unknown[]>`
        SELECT ${5} AS five, typeof(${5}) AS type, ${1.5} AS half, ${true} AS flag,
          ${9007199254740993n} AS large, ${Buffer.from('ab')} AS bytes, ${null} AS missing`

      const bytes = new Uint8Array([97, 98])
      assert.deepEqual(row, {
        ...{ five: 5n, type: 'integer', half: 1.5, flag: 1n, large: 9007199254740993n },
        ...{ bytes, missing: null },
      })
    })
  })
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}
