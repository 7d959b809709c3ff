import { fileURLToPath } from 'node:url'
import type { DatabaseAddress, MysqlAddress, SqliteAddress } from '../platform/database/address.ts'
import { refuse } from './readers.ts'

// Messages never repeat the URL, which may hold a password.

const MYSQL_SHAPE =
  'it must look like mysql://user:password@host:3306/database, with special characters percent-encoded'
const MYSQL_PORT = 3306
const MYSQL_PARAMETERS: Record<string, RegExp> = {
  tls: /^(on|off)$/,
  ssl: /^(true|false)$/,
  allowPublicKeyRetrieval: /^(true|false)$/,
}

/** Parses the URL of a SQLite file, or of a database on a MySQL or MariaDB server. */
export function databaseUrl(text: string): DatabaseAddress {
  if (text.startsWith('file:')) return sqliteAddress(text)
  if (/^(mysql|mariadb):\/\//.test(text)) return mysqlAddress(text)
  return refuse(
    'it must begin with file: (SQLite) or mysql:// (MySQL, MariaDB), such as file:./data/latchkey.db',
  )
}

function sqliteAddress(text: string): SqliteAddress {
  const path = text.slice('file:'.length)
  if (path === '' || /[?#]|:memory:/.test(path) || /[/\\]$/.test(path)) refuseFile()
  return { kind: 'sqlite', path: path.startsWith('//') ? pathOf(text) : path }
}

/** The path of a whole URL, `file:///var/lib/latchkey.db`. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return refuseFile()
  }
}

function refuseFile(): never {
  refuse(
    'write the path of one file after file:, without ? or #, such as file:./data/latchkey.db; a database in memory loses its accounts',
  )
}

function mysqlAddress(text: string): MysqlAddress {
  const url = URL.canParse(text) ? new URL(text) : refuse(MYSQL_SHAPE)
  const { hostname, port, hash, pathname, searchParams } = url
  const credentials = { user: decoded(url.username), password: decoded(url.password) }
  const database = decoded(pathname.slice(1))
  if (hostname === '' || hash !== '') refuse(MYSQL_SHAPE)
  if (!/^\/[^/]+$/.test(pathname)) refuse(`the name of the database is missing; ${MYSQL_SHAPE}`)
  if (!areKnown(searchParams)) {
    refuse(
      'after the ? write only tls=on, tls=off, ssl (the older name: true or false) or allowPublicKeyRetrieval (true or false), each once, and not both tls and ssl',
    )
  }
  return {
    kind: 'mysql',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? MYSQL_PORT : Number(port),
    ...credentials,
    database,
    tls: tlsIn(searchParams),
    allowPublicKeyRetrieval: searchParams.get('allowPublicKeyRetrieval') === 'true',
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse(MYSQL_SHAPE)
  }
}

/** A misspelt `tls` would leave the connection readable, so unknown parameters are errors. */
function areKnown(parameters: URLSearchParams): boolean {
  const entries = [...parameters]
  const names = new Set(entries.map(([name]) => name))
  return (
    names.size === entries.length &&
    !(names.has('tls') && names.has('ssl')) &&
    entries.every(([name, value]) => MYSQL_PARAMETERS[name]?.test(value) ?? false)
  )
}

/** The older `ssl=false` switches TLS off without declaring the network trusted. */
function tlsIn(parameters: URLSearchParams): MysqlAddress['tls'] {
  if (parameters.get('tls') === 'on' || parameters.get('ssl') === 'true') return 'on'
  return parameters.get('tls') === 'off' ? 'off' : undefined
}
