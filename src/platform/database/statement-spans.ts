import type { SqlQuery } from '@prisma/driver-adapter-utils'
import type { SpanFacts } from '../tracing/spans.ts'
import type { Around } from './adapter-calls.ts'
import type { DatabaseAddress } from './address.ts'
import type { DatabaseOptions } from './database.ts'

const TABLE = /\b(?:FROM|INTO|UPDATE)\s+(?:[`"]?\w+[`"]?\.)?[`"]?(\w+)/i

/** Puts each statement into a span, by OpenTelemetry's conventions for databases. */
export function statementSpans({ address, spans }: DatabaseOptions): Around | undefined {
  if (spans === undefined) return undefined
  const place = placeOf(address)
  return (call, statement) => spans(factsOf(statement, place), call)
}

function placeOf(address: DatabaseAddress): Record<string, string | number> {
  if (address.kind === 'sqlite') return { 'db.system.name': 'sqlite' }
  const { host, port, database } = address
  const server = { 'server.address': host, 'server.port': port }
  return { 'db.system.name': 'mysql', 'db.namespace': database, ...server }
}

function factsOf(statement: Parameters<Around>[1], place: SpanFacts['attributes']): SpanFacts {
  const list: readonly SqlQuery[] = 'sql' in statement ? [statement] : statement
  const texts = list.map(({ sql }) => sql.trim().replace(/\s+/g, ' '))
  const [operation = '', name] = [wordOf(texts[0]), texts.map(summaryOf).join('; ')]
  return {
    name,
    kind: 'client',
    attributes: {
      ...place,
      'db.operation.name': operation,
      'db.query.summary': name,
      // Values are parameters, and stay here.
      'db.query.text': texts.join('; '),
      ...(list.length > 1 ? { 'db.operation.batch.size': list.length } : {}),
    },
  }
}

function summaryOf(sql: string): string {
  const table = TABLE.exec(sql)?.[1]
  return table === undefined ? wordOf(sql) : `${wordOf(sql)} ${table}`
}

function wordOf(sql = ''): string {
  return /[a-z]+/i.exec(sql)?.[0].toUpperCase() ?? ''
}
