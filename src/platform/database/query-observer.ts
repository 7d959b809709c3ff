import type { SqlDriverAdapterFactory, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils'
import type { GroupingAdapter } from './adapter-calls.ts'

/**
 * Sees each statement just before it is sent; BEGIN with the first one of its transaction. BEGIN
 * and the end of its transaction share one empty list of values.
 */
export type QueryObserver = (sql: string, values: readonly unknown[]) => void

export function observeQueries(
  factory: SqlDriverAdapterFactory,
  onQuery: QueryObserver,
): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter: GroupingAdapter = await factory.connect()
      const { executeAll } = adapter
      return overlay(adapter, {
        ...statements(adapter, onQuery),
        ...(executeAll && {
          executeAll: (queries: readonly SqlQuery[]) => {
            for (const { sql, args } of queries) onQuery(sql, args)
            return executeAll(queries)
          },
        }),
        startTransaction: async (...level: Parameters<typeof adapter.startTransaction>) => {
          const transaction = await adapter.startTransaction(...level)
          const none: readonly unknown[] = []
          let isBegun = false
          const observe: QueryObserver = (sql, values) => {
            if (!isBegun) onQuery('BEGIN', none)
            isBegun = true
            onQuery(sql, values)
          }
          return overlay(transaction, {
            ...statements(transaction, observe),
            commit: () => {
              observe('COMMIT', none)
              return transaction.commit()
            },
            rollback: () => {
              observe('ROLLBACK', none)
              return transaction.rollback()
            },
          })
        },
      })
    },
  }
}

function statements(target: SqlQueryable, onQuery: QueryObserver) {
  return {
    queryRaw: (query: SqlQuery) => {
      onQuery(query.sql, query.args)
      return target.queryRaw(query)
    },
    executeRaw: (query: SqlQuery) => {
      onQuery(query.sql, query.args)
      return target.executeRaw(query)
    },
  }
}

/** An adapter with other methods. Adapters have private fields, so methods need their `this`. */
export function overlay<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (_target, key) => {
      const own = methods[key as keyof T]
      if (own !== undefined) return own
      const value = target[key as keyof T]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
