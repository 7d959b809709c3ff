import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { isMysql } from '../support/databases.ts'
import { bearer, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { ask, newHouse } from '../support/houses.ts'
import { asService, throwawayDatabase } from '../support/throwaway-database.ts'

// Every setting here changes what some statement means, or whether it is carried out at all.
const odd = `autocommit = 0, completion_type = 2, tx_isolation = 'READ-UNCOMMITTED', tx_read_only = 1,
  sql_auto_is_null = 1, sql_safe_updates = 1, sql_select_limit = 1, max_join_size = 1,
  foreign_key_checks = 0, unique_checks = 0, default_storage_engine = 'MyISAM',
  sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,ONLY_FULL_GROUP_BY',
  time_zone = '-11:00', innodb_lock_wait_timeout = 1, lock_wait_timeout = 1, max_statement_time = 0.5,
  group_concat_max_len = 4, div_precision_increment = 0, max_sort_length = 64, wait_timeout = 1,
  idle_transaction_timeout = 1, idle_write_transaction_timeout = 1, idle_readonly_transaction_timeout = 1`
const fixed = [
  ...['--character-set-server=latin1', '--collation-server=latin1_swedish_ci'],
  ...['--skip-character-set-client-handshake', '--lower-case-table-names=1'],
  ...['--innodb-rollback-on-timeout=ON', '--innodb-strict-mode=OFF'],
]

// Of the whole server, of its defaults for other databases, or of the moment.
const OF_THE_SERVER = [
  /^(?:character_set|collation)_(?:server|database)$/,
  /^(?:lower_case_table_names|innodb_rollback_on_timeout|innodb_strict_mode|skip_.*)$/,
  /^(?:.*_file|.*dir|.*dir_path|.*_basename|.*port|socket|hostname|log_.*|server_u?id)$/,
  /^(?:timestamp|pseudo_thread_id|rand_seed\d|gtid_.*|last_gtid|in_transaction|.*_count)$/,
]

if (isMysql) {
  describe('A MySQL server with odd settings', () => {
    it('changes no setting of our connections', async (t) => {
      const [plain, strange] = await Promise.all([variablesOn(t), variablesOn(t, odd, fixed)])

      const isOfTheServer = (name: string) => OF_THE_SERVER.some((pattern) => pattern.test(name))
      const names = [...plain.keys()].filter((name) => !isOfTheServer(name))
      const differing = names.filter((name) => plain.get(name) !== strange.get(name))
      assert.deepEqual(differing, [])
      assert.equal(plain.get('autocommit'), 'ON')
      assert.equal(plain.get('sql_select_limit'), '18446744073709551615')
      assert.ok(names.length > 100)
    })

    it('is migrated and served from as any other', async (t) => {
      const database = await throwawayDatabase(t, { settings: fixed })
      await database.run(`SET GLOBAL ${odd}`)
      const server = await startServer(t, { url: asService(database.url) })

      const person = await signedUp(server)
      const others = await Promise.all([signedUp(server), signedUp(server)])
      const session = await signedIn(server, person)
      const rotated = await refresh(server, session.refresh_token)
      const houses = [
        await newHouse(server, person, { projectName: "Größe 𝄞 '\\" }),
        await newHouse(server, person),
      ]
      const list = await ask(server, 'GET /houses?page=1&size=20&sort=-createdAt', person)
      const found = await ask(server, `GET /houses?q=${encodeURIComponent("größe 𝄞 '\\")}`, person)
      const change = await ask(server, `PATCH /houses/${houses[0]?.id}`, person, {
        body: { projectName: 'y' },
      })
      const password = await server.inject({
        ...{ method: 'PUT', url: '/password', headers: bearer(person.access_token) },
        payload: { currentPassword: PASSWORD, newPassword: 'another horse, another battery' },
      })
      const dead = await refresh(server, session.refresh_token)
      const gone = await server.inject({
        ...{ method: 'DELETE', url: '/me', headers: bearer(others[0]?.access_token) },
        payload: { currentPassword: PASSWORD },
      })

      assert.deepEqual(
        [rotated, list, found, change, password, dead, gone].map(({ statusCode }) => statusCode),
        [200, 200, 200, 200, 200, 401, 204],
      )
      assert.equal(list.json().totalItems, 2)
      assert.deepEqual(
        list.json<{ items: { id: string }[] }>().items.map(({ id }) => id),
        houses.map(({ id }) => id).reverse(),
      )
      assert.deepEqual(
        found.json<{ items: { projectName: string }[] }>().items.map((it) => it.projectName),
        ["Größe 𝄞 '\\"],
      )
      const [session0] = await server.database.client.session.findMany({
        where: { userId: person.user.id, revokedAt: null },
      })
      assert.ok(Math.abs(Number(session0?.createdAt) - server.clock()) < 60_000)
    })
  })
}

/** What a connection of ours has, by name. */
async function variablesOn(
  t: TestContext,
  globals?: string,
  settings: string[] = [],
): Promise<Map<string, string>> {
  const database = await throwawayDatabase(t, { settings })
  if (globals) await database.run(`SET GLOBAL ${globals}`)
  const { client } = (await startServer(t, { url: asService(database.url) })).database
  const rows = await client.$queryRaw<
    { Variable_name: string; Value: string }[]
  >`SHOW SESSION VARIABLES`
  return new Map(rows.map((row) => [row.Variable_name, row.Value]))
}
