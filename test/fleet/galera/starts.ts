import type { GaleraNode } from '../../support/galera.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { launch, type ServerProcess } from '../../support/process.ts'

/** The database of the trials, which no server of the load uses. */
const DATABASE = 'latchkey_trials'
/** They share the cores of one machine. */
const START_MS = 240_000

export type Starts = {
  /** The servers that listen, in the order of their nodes: first, second, third, first … */
  servers: ServerProcess[]
  asked: number
  lastedMs: number
  /** Why the others did not start. */
  failures: string[]
  migrations: { applied: number; unfinished: number; twice: number }
  signingKeys: number
}

/** Starts servers at all nodes at the same time, on a database without tables. */
export async function startAtOnce(
  life: Lifetime,
  nodes: readonly GaleraNode[],
  count: number,
): Promise<Starts> {
  const [first] = nodes as [GaleraNode]
  await first.run(`CREATE DATABASE ${DATABASE}`)
  const began = performance.now()
  const attempts = await Promise.allSettled(
    Array.from({ length: count }, async (_, at) => {
      const url = new URL((nodes[at % nodes.length] ?? first).url)
      url.pathname = `/${DATABASE}`
      const server = await launch({ url: url.href, startMs: START_MS })
      life.after(() => server.stop('SIGKILL'))
      return server
    }),
  )
  const lastedMs = performance.now() - began
  const servers = attempts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failures = attempts.flatMap((one) =>
    one.status === 'rejected' ? [String(one.reason.message).slice(-500)] : [],
  )
  return { servers, asked: count, lastedMs, failures, ...(await whatTheyMade(first)) }
}

async function whatTheyMade(node: GaleraNode) {
  const [ledger] = await node.run(
    `SELECT COUNT(DISTINCT migration_name) AS applied, COUNT(*) - COUNT(finished_at) AS unfinished,
      COUNT(*) - COUNT(DISTINCT migration_name) AS twice FROM ${DATABASE}._prisma_migrations`,
  )
  const [keys] = await node.run(`SELECT COUNT(*) AS count FROM ${DATABASE}.SigningKey`)
  const number = (name: string) => Number(ledger?.[name])
  return {
    migrations: {
      ...{ applied: number('applied'), unfinished: number('unfinished'), twice: number('twice') },
    },
    signingKeys: Number(keys?.count),
  }
}
