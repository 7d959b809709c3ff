// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mysqlFinding } from '../../src/doctor/database.ts'
import { examineServices } from '../../src/doctor/services.ts'
import type { MysqlState } from '../../src/platform/database/mysql/state.ts'
import { skipWithoutGalera, startCluster } from '../support/galera.ts'
import { latchkey } from '../support/operator.ts'
import { plainUrl, redisCluster } from '../support/redis-fleet.ts'
import { asService, throwawayDatabase } from '../support/throwaway-database.ts'
import { noRedis, throwawayRedis } from '../support/throwaway-redis.ts'

// TiDB, Vitess and Group Replication are imitated by what they say of themselves.

const GOOD = {
  ...{ version: '8.0.40', version_comment: 'MySQL Community Server', read_only: 'OFF' },
  ...{ innodb_flush_log_at_trx_commit: '1', log_bin: 'ON', sync_binlog: '1' },
  ...{ binlog_format: 'ROW', max_connections: '151' },
}
const GALERA = {
  ...{ wsrep_on: 'ON', wsrep_cluster_status: 'Primary', wsrep_cluster_size: '3' },
  wsrep_osu_method: 'TOI',
}
const WRITERS =
  'Galera: with several writers a change can get 503 and is sent again; docs/databases.md'

const rows: [string, Partial<MysqlState> & { workers?: number }, string, RegExp | undefined][] = [
  ['MySQL as it should be', {}, 'ok', undefined],
  ['MariaDB', { values: { version: '10.11.6-MariaDB-1' } }, 'ok', undefined],
  ['an old MariaDB', { values: { version: '10.5.9-MariaDB' } }, 'no', /10\.6 is the oldest/],
  ['an old MySQL', { values: { version: '5.7.44' } }, 'no', /8\.0 is the oldest/],
  ['TiDB', { values: { version: '8.0.11-TiDB-v8.5.0' } }, 'no', /TiDB is not supported/],
  ['Vitess', { values: { version: '8.0.30-Vitess' } }, 'no', /Vitess is not supported/],
  ['Galera', { values: GALERA }, 'note', /several writers/],
  [
    'two nodes of Galera',
    { values: { ...GALERA, wsrep_cluster_size: '2' } },
    'note',
    /2 of at least 3/,
  ],
  [
    'Galera without a quorum',
    { values: { ...GALERA, wsrep_cluster_status: 'non-Primary' } },
    'no',
    /no quorum/,
  ],
  ['Galera with RSU', { values: { ...GALERA, wsrep_osu_method: 'RSU' } }, 'no', /OSU_method=TOI/],
  [
    'several primaries',
    { members: 3, values: { group_replication_single_primary_mode: 'OFF' } },
    'no',
    /several primaries/,
  ],
  [
    'a single primary',
    { members: 3, values: { group_replication_single_primary_mode: 'ON' } },
    'ok',
    undefined,
  ],
  ['statements', { values: { binlog_format: 'STATEMENT' } }, 'no', /all writes fail/],
  ['late flushes', { values: { innodb_flush_log_at_trx_commit: '2' } }, 'note', /commit=2/],
  ['a late binary log', { values: { sync_binlog: '0' } }, 'note', /sync_binlog=0/],
  ['a replica', { values: { read_only: 'ON' } }, 'no', /former writer/],
  [
    'an administrator',
    { grants: ['GRANT SELECT, READ_ONLY ADMIN ON *.* TO `a`@`%`'] },
    'note',
    /READ_ONLY ADMIN/,
  ],
  ['few connections', { workers: 16 }, 'note', /may open 160/],
  ['a clock behind', { aheadMs: -2500 }, 'note', /2\.5 s behind/],
]

for (const [what, { workers = 1, values = {}, ...given }, verdict, line] of rows) {
  test(`the doctor about ${what}: ${verdict}`, () => {
    const state = { grants: [], members: 0, aheadMs: 0, ...given }

    const finding = mysqlFinding({ ...state, values: { ...GOOD, ...values } }, workers)

    assert.equal(finding.verdict, verdict, finding.lines.join('\n'))
    if (line) assert.match(finding.lines.join('\n'), line)
    else assert.deepEqual(finding.lines, [])
  })
}

test('the doctor looks at a real database, and at none that is away', async (t) => {
  const { url, run, stop } = await throwawayDatabase(t)
  const DATABASE_URL = asService(url)

  const [fine] = await examineServices({ DATABASE_URL })
  await run('SET GLOBAL read_only = ON')
  const [replica] = await examineServices({ DATABASE_URL })
  await stop('SIGKILL')
  const away = await latchkey(['doctor'], { env: { DATABASE_URL } })

  assert.match(fine?.text ?? '', /^The database is \d+\.\d+/)
  assert.notEqual(fine?.verdict, 'no')
  assert.equal(replica?.verdict, 'no')
  assert.match(away.out, /^note {2}database {2}The database does not answer\.$/m)
  assert.equal(away.code, 0)
  assert.doesNotMatch(away.out + away.err, /secret/)
})

const WHAT = 'the doctor names several writers of a real Galera cluster'
test(WHAT, { skip: skipWithoutGalera(WHAT) }, async (t) => {
  const [node] = await startCluster(t, 1)

  const [finding] = await examineServices({ DATABASE_URL: node.url })

  assert.ok(finding?.lines.includes(WRITERS), finding?.lines.join('\n'))
  assert.ok(finding?.lines.some((line) => line.startsWith('Galera: 1 of at least 3 nodes')))
})

test('the doctor looks at Redis: kind, memory, presence', { skip: noRedis }, async (t) => {
  const redis = await throwawayRedis(t)
  await redis.start()
  const { url: cluster, nodes } = await redisCluster(t)
  const look = async (REDIS_URL: string) => {
    const findings = await examineServices({ REDIS_URL }, 1500)
    return findings.find(({ rule }) => rule === 'redis')
  }

  const fine = await look(redis.url)
  await redis.run('config', 'set', 'maxmemory', '100mb')
  await redis.run('config', 'set', 'maxmemory-policy', 'allkeys-lru')
  const evicts = await look(redis.url)
  await redis.kill()
  const away = await look(redis.url)
  const [node] = nodes
  assert.ok(node)
  const found = [fine, evicts, away, await look(cluster), await look(plainUrl(node))]

  assert.deepEqual(
    found.map((one) => one?.verdict),
    ['ok', 'note', 'note', 'ok', 'no'],
  )
  assert.ok(!JSON.stringify(found).includes(redis.password))
})

test('without Redis the doctor says what several servers then do, where there may be several', async () => {
  const DATABASE_URL = 'mysql://nobody:hunter2@127.0.0.1:1/nothing'
  const findings = await examineServices({ DATABASE_URL }, 1000)

  assert.deepEqual(
    findings.map(({ rule, verdict }) => [rule, verdict]),
    [
      ['database', 'note'],
      ['redis', 'note'],
    ],
  )
  assert.ok(!JSON.stringify(findings).includes('hunter2'))
  assert.deepEqual(await examineServices({ DATABASE_URL: 'file:./nothing/here.db' }), [])
})
