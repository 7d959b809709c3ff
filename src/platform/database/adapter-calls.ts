import type { SqlDriverAdapter, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils'

/** Around a call for one statement, or for several at once. */
export type Around = <T>(
  call: () => Promise<T>,
  statement: SqlQuery | readonly SqlQuery[],
) => Promise<T>

const BEGIN: SqlQuery = { sql: 'BEGIN', args: [], argTypes: [] }
const COMMIT: SqlQuery = { ...BEGIN, sql: 'COMMIT' }

export type GroupingAdapter = SqlDriverAdapter & {
  /** Runs several statements at once: all of them, or none if one finds no row. */
  executeAll?: (queries: readonly SqlQuery[]) => Promise<boolean>
  /** Leaves open connections, some of which may lead to a server that takes no writes. */
  renew?: () => void
}

export function aroundCalls(adapter: GroupingAdapter, around: Around): GroupingAdapter {
  const begin = adapter.startTransaction.bind(adapter)
  const executeAll = adapter.executeAll?.bind(adapter)
  return Object.assign(aroundStatements(adapter, around), {
    ...(executeAll && {
      executeAll: (queries: readonly SqlQuery[]) => around(() => executeAll(queries), queries),
    }),
    startTransaction: async (...level: Parameters<typeof begin>) => {
      const transaction = await around(() => begin(...level), BEGIN)
      const commit = transaction.commit.bind(transaction)
      return Object.assign(aroundStatements(transaction, around), {
        commit: () => around(commit, COMMIT),
      })
    },
  })
}

/** Changes the object itself, whose methods need their `this`. */
export function aroundStatements<T extends SqlQueryable>(target: T, around: Around): T {
  const queryRaw = target.queryRaw.bind(target)
  const executeRaw = target.executeRaw.bind(target)
  const methods: Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> = {
    queryRaw: (query) => around(() => queryRaw(query), query),
    executeRaw: (query) => around(() => executeRaw(query), query),
  }
  return Object.assign(target, methods)
}
