import { availableParallelism } from 'node:os'
import { CONNECTIONS } from '../load/questions.ts'
import type { Target, UpperBoundScript } from '../load/target.ts'
import { node } from './shared.ts'

const HASHES_AT_ONCE = 8

const none = (): never => {
  throw new Error('a route without authentication has no people')
}
const request = () => ({ method: 'GET' as const, path: '/bare' })

/** What any server on Fastify can do at most. */
export const bareFastify: Target = {
  name: 'bare Fastify',
  operations: ['verify'],
  rotates: false,
  readyPath: '/bare',
  prepare: async () => {},
  launch: ({ port }) => node('upper-bounds/bare.mjs', { PORT: `${port}` }),
  ...{ register: none, login: none, sessionOf: none, refresh: none },
  ...{ verify: request, me: request },
}

function hashLoop(library: string): UpperBoundScript {
  return {
    name: `${library}, hashing in a loop`,
    operation: 'login',
    library,
    launch: (seconds) => {
      const question = { engine: library, inFlight: HASHES_AT_ONCE, seconds }
      const env = { UV_THREADPOOL_SIZE: `${availableParallelism()}` }
      return node('upper-bounds/hashes.mjs', env, [JSON.stringify(question)])
    },
  }
}

/** What any server can do at most whose sessions are rows of this database. */
export function rotationLoop(url: string): UpperBoundScript {
  const inFlight = CONNECTIONS.refresh
  return {
    name: 'the driver `mariadb`, rotating in a loop',
    operation: 'refresh',
    library: 'mariadb',
    launch: (seconds) =>
      node('upper-bounds/rotations.mjs', {}, [JSON.stringify({ url, inFlight, seconds })]),
  }
}

/** argon2id with 19 MiB, 2 passes and 1 lane, on as many threads as there are cores. */
export const hashLoops = ['argon2', '@node-rs/argon2'].map(hashLoop)
