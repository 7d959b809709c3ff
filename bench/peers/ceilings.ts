import { availableParallelism } from 'node:os'
import type { Ceiling, CeilingScript, CeilingServer } from '../compare/contender.ts'
import { node, pathOf } from './shared.ts'

const IN_FLIGHT = { hashes: 8, refreshes: 16 }

const bareFastify: CeilingServer = {
  kind: 'server',
  name: 'bare Fastify',
  operation: 'verify',
  notes:
    'One route with a response schema and without authentication, with an answer as long as that of `GET /verify`.',
  readyPath: '/bare',
  prepare: async () => {},
  launch: ({ port }) => node('ceilings/bare.mjs', { PORT: `${port}` }),
  request: () => ({ method: 'GET', path: '/bare', headers: {} }),
}

function hashLoop(library: string): CeilingScript {
  return {
    kind: 'script',
    name: `${library}, hashing in a loop`,
    operation: 'login',
    notes: `argon2id with 19 MiB, 2 passes and 1 lane, ${IN_FLIGHT.hashes} at once, as many threads as there are cores.`,
    database: 'none',
    library,
    prepare: async () => {},
    launch: ({ seconds }) => {
      const question = { engine: library, inFlight: IN_FLIGHT.hashes, seconds }
      const env = { UV_THREADPOOL_SIZE: `${availableParallelism()}` }
      return node('ceilings/hashes.mjs', env, [JSON.stringify(question)])
    },
  }
}

function refreshLoop(
  database: 'sqlite' | 'mysql',
  library: string,
  { name, notes }: Pick<CeilingScript, 'name' | 'notes'>,
): CeilingScript {
  return {
    kind: 'script',
    name,
    operation: 'refresh',
    notes: `The two statements of Latchkey's refresh on its own tables. ${notes}`,
    database,
    library,
    prepare: async () => {},
    launch: ({ folder, seconds, databaseUrl = '' }) => {
      const migrations = pathOf(`../../prisma/${database}/migrations`)
      const question = { folder, seconds, migrations, inFlight: IN_FLIGHT.refreshes }
      return node(`ceilings/refresh-${database}.mjs`, { DATABASE_URL: databaseUrl }, [
        JSON.stringify(question),
      ])
    },
  }
}

export const ceilings: Ceiling[] = [
  bareFastify,
  hashLoop('argon2'),
  hashLoop('@node-rs/argon2'),
  refreshLoop('sqlite', 'libsql', {
    name: 'libsql, the statements alone',
    notes: 'One connection, WAL, synchronous=FULL, each update a commit of its own.',
  }),
  refreshLoop('mysql', 'mariadb', {
    name: 'mariadb, the statements alone',
    notes: `A pool of 10 connections, ${IN_FLIGHT.refreshes} refreshes at once.`,
  }),
]
