import type { DatabaseConnection } from './database/database.ts'
import type { Metric } from './metrics.ts'
import type { Passwords } from './passwords/passwords.ts'

type Dependencies = {
  passwords: Pick<Passwords, 'figures'>
  database: Pick<DatabaseConnection, 'connections'>
  droppedLines?: (() => number) | undefined
}

/** Figures of the server itself: its log, the queue of hashes, the connections to the database. */
export function serverMetrics({ passwords, database, droppedLines }: Dependencies): Metric[] {
  return [
    {
      name: 'latchkey_log_lines_dropped_total',
      help: 'Lines of the log that were dropped, since nobody took them in time.',
      kind: 'counter',
      read: droppedLines ?? (() => 0),
    },
    {
      name: 'latchkey_password_hashes',
      help: 'Password hashes that run, and those that wait for a thread.',
      kind: 'gauge',
      label: 'state',
      read: () => {
        const { running, waiting } = passwords.figures()
        return { running, waiting }
      },
    },
    {
      name: 'latchkey_password_hashes_refused_total',
      help: 'Requests that got 503, since too many password hashes were waiting.',
      kind: 'counter',
      read: () => passwords.figures().refused,
    },
    {
      name: 'latchkey_database_connections',
      help: 'Connections to the database that are in use, and those that are idle.',
      kind: 'gauge',
      label: 'state',
      read: () => {
        const { inUse, idle } = database.connections()
        return { in_use: inUse, idle }
      },
    },
    {
      name: 'latchkey_database_waiting',
      help: 'Statements and transactions that wait for a connection.',
      kind: 'gauge',
      read: () => database.connections().waiting,
    },
  ]
}
