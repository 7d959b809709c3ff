/** Seconds that a statement may take, and may wait for a lock. */
const statementSeconds = 5
const lockWaitSeconds = 3

/** Seconds that a migration waits for the lock of a table; its statements have no limit. */
const migrationLockSeconds = 60

const NO_LIMIT = '18446744073709551615'

type Limits = { statementSeconds: number; lockSeconds: number; tableLockSeconds: number }

export const sessionSettings = settingsFor({
  statementSeconds,
  lockSeconds: lockWaitSeconds,
  tableLockSeconds: statementSeconds,
})

export const migrationSettings = settingsFor({
  statementSeconds: 0,
  lockSeconds: migrationLockSeconds,
  tableLockSeconds: migrationLockSeconds,
})

/**
 * Everything that can change what a statement means. READ COMMITTED locks few gaps; what must
 * exclude each other writes the same row. Comments hold what one server alone knows.
 */
function settingsFor({ statementSeconds, lockSeconds, tableLockSeconds }: Limits): string[] {
  const both = {
    ...{ autocommit: 1, completion_type: 0, sql_auto_is_null: 0 },
    ...{ foreign_key_checks: 1, unique_checks: 1, default_storage_engine: 'InnoDB' },
    sql_mode: `'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
    // The first changes the second, so order matters.
    ...{ sql_safe_updates: 0, sql_select_limit: NO_LIMIT, max_join_size: NO_LIMIT },
    ...{ sql_big_selects: 1, max_sort_length: 1024, group_concat_max_len: 1_048_576 },
    ...{ time_zone: `'+00:00'`, div_precision_increment: 4 },
    ...{ innodb_lock_wait_timeout: lockSeconds, lock_wait_timeout: tableLockSeconds },
    // The driver ends idle connections earlier.
    wait_timeout: 3600,
  }
  const list = Object.entries(both).map(([name, value]) => `${name} = ${value}`)
  return [
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE',
    'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci',
    `SET SESSION ${list.join(', ')}` +
      ` /*M!100103 , max_statement_time = ${statementSeconds} */` +
      ` /*M!100300 , idle_transaction_timeout = 0, idle_write_transaction_timeout = 0, idle_readonly_transaction_timeout = 0 */` +
      ` /*!80000 , max_execution_time = ${statementSeconds * 1000} */`,
  ]
}
