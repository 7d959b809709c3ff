import type { MysqlState } from '../platform/database/mysql/state.ts'
import type { Finding } from './rules.ts'

export type Remark = { readonly verdict: Finding['verdict']; readonly text: string }
type Look = { state: MysqlState; values: MysqlState['values']; workers: number }
type Check = (look: Look) => Remark | undefined

/** Connections that one process may open. */
const CONNECTIONS = 10
const CLOCK_MAX_MS = 1000
const QUORUM_NODES = 3
const OLDEST = { MySQL: [8, 0], MariaDB: [10, 6] } as const

const checks: readonly Check[] = [
  ...[product, version, galeraStatus, galeraWriters, galeraSize, galeraSchema, groupWriters],
  ...[binlogFormat, flush, binlogSync, readOnly, rights, connections, clock],
]

/** Where this database breaks something that the service relies on. */
export function engineRemarks(state: MysqlState, workers: number): Remark[] {
  const look = { state, values: state.values, workers }
  return checks.flatMap((check) => check(look) ?? [])
}

function product({ values }: Look): Remark | undefined {
  const name = /tidb|vitess|planetscale/i.exec(`${values.version} ${values.version_comment}`)?.[0]
  return name ? no(`engine: ${name} is not supported; docs/databases.md says what is`) : undefined
}

function version({ values: { version: text = '' } }: Look): Remark | undefined {
  const kind = /mariadb/i.test(text) ? 'MariaDB' : 'MySQL'
  const [major = 0, minor = 0] = text
    .replace(/^5\.5\.5-/, '')
    .split('.')
    .map(Number.parseFloat)
  const [oldestMajor, oldestMinor] = OLDEST[kind]
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
  return isOld
    ? no(`version: ${kind} ${oldestMajor}.${oldestMinor} is the oldest supported`)
    : undefined
}

const isGalera = ({ values }: Look) => values.wsrep_on === 'ON'

function galeraStatus(look: Look): Remark | undefined {
  if (!isGalera(look) || look.values.wsrep_cluster_status === 'Primary') return undefined
  return no('Galera: this node has no quorum, so it answers nobody until the cluster is whole')
}

function galeraWriters(look: Look): Remark | undefined {
  if (!isGalera(look)) return undefined
  return note(
    'Galera: with several writers a change can get 503 and is sent again; docs/databases.md',
  )
}

function galeraSize(look: Look): Remark | undefined {
  const size = Number(look.values.wsrep_cluster_size ?? 0)
  if (!isGalera(look) || size === 0 || size >= QUORUM_NODES) return undefined
  return note(`Galera: ${size} of at least ${QUORUM_NODES} nodes; when one dies, none has a quorum`)
}

function galeraSchema(look: Look): Remark | undefined {
  const method = look.values.wsrep_osu_method ?? 'TOI'
  if (!isGalera(look) || method === 'TOI') return undefined
  return no('Galera: migrations reach this node alone; set wsrep_OSU_method=TOI')
}

function groupWriters({ state, values }: Look): Remark | undefined {
  const isSingle = values.group_replication_single_primary_mode !== 'OFF'
  if (isSingle || state.members < 2) return undefined
  return no('Group Replication: several primaries are not supported; use single-primary mode')
}

function binlogFormat({ values }: Look): Remark | undefined {
  if (values.log_bin === 'OFF' || values.binlog_format !== 'STATEMENT') return undefined
  return no('binlog_format=STATEMENT: all writes fail; set it to ROW or MIXED')
}

function flush({ values: { innodb_flush_log_at_trx_commit: value } }: Look): Remark | undefined {
  if (value === undefined || value === '1') return undefined
  return note(
    `innodb_flush_log_at_trx_commit=${value}: a power failure loses confirmed writes; set 1`,
  )
}

/** Matters to a server that replicas follow. */
function binlogSync({ values }: Look): Remark | undefined {
  if (values.log_bin !== 'ON' || values.sync_binlog === '1') return undefined
  return note(
    `sync_binlog=${values.sync_binlog}: after a power failure replicas may differ from it; set 1`,
  )
}

function readOnly({ values }: Look): Remark | undefined {
  if (!['ON', '1'].includes(values.read_only ?? '')) return undefined
  return no(
    'read_only=ON: this is a replica, or a former writer; DATABASE_URL must lead to the writer',
  )
}

function rights({ state: { grants } }: Look): Remark | undefined {
  const global = grants.filter((grant) => / ON \*\.\* TO /.test(grant))
  const right = /\b(ALL PRIVILEGES|SUPER|READ[ _]ONLY[ _]ADMIN)\b/.exec(global.join('\n'))?.[1]
  if (right === undefined) return undefined
  return note(
    `rights: ${right} lets the user write to a former writer; docs/databases.md has the GRANT`,
  )
}

function connections({ values, workers }: Look): Remark | undefined {
  const most = Number(values.max_connections ?? Number.POSITIVE_INFINITY)
  const needed = CONNECTIONS * workers
  if (most >= needed) return undefined
  return note(`max_connections=${most}: this server alone may open ${needed}`)
}

function clock({ state: { aheadMs } }: Look): Remark | undefined {
  if (Number.isNaN(aheadMs) || Math.abs(aheadMs) <= CLOCK_MAX_MS) return undefined
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1)
  const place = aheadMs > 0 ? 'ahead of' : 'behind'
  return note(`clock: the database is ${seconds} s ${place} this machine; set both by NTP`)
}

function no(text: string): Remark {
  return { verdict: 'no', text }
}

function note(text: string): Remark {
  return { verdict: 'note', text }
}
