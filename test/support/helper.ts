import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { loadConfig } from '../../src/config/config.ts'
import type { Feature } from '../../src/features/feature.ts'
import { createImages } from '../../src/platform/images/images.ts'
import { type Latchkey, openLatchkey } from '../../src/server.ts'
import { FOREIGN_KEYS, isMysql, scratchDirectory } from './databases.ts'
import { freshDatabase } from './fresh-database.ts'
import { watchRequests } from './session-statements.ts'

export { freshDatabase }

/** Which database this run of the tests is about. */
export const databaseKind = isMysql ? 'mysql' : 'sqlite'

/** A clock that tests move. */
export type TestClock = (() => number) & { advance: (seconds: number) => void }

/** A clock that stands still until it is moved. */
export function testClock(start = Date.now()): TestClock {
  let now = start
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds * 1000
    },
  })
}

/** A clock that runs, for clients that show codes of their own time. */
export function runningClock(): TestClock {
  let ahead = 0
  return Object.assign(() => Date.now() + ahead, {
    advance(seconds: number) {
      ahead += seconds * 1000
    },
  })
}

/** One decoder for all servers of a test file: to start it takes longer than most tests. */
const images = createImages()

/** Settings that make tests quick: cheap hashes; the rest is as shipped. */
const QUICK = { ...FOREIGN_KEYS, ARGON2_MEMORY_KIB: '64', ARGON2_TIME: '1', LOG_LEVEL: 'debug' }
const SECRET = Buffer.from('test-master-secret-0123456789-abcdefghijklmnop')

export type TestServer = Latchkey & {
  clock: TestClock
  /** Every line of the log, parsed. */
  logs: Record<string, unknown>[]
  /** The folder of its photos, gone when the test ends. */
  uploads: string
  /** SQL statements sent so far. */
  queries: string[]
  /** The values of each of them. */
  values: (readonly unknown[])[]
  inject: (request: InjectOptions) => Promise<LightMyRequestResponse>
}

type Options = {
  env?: Record<string, string>
  clock?: TestClock
  /** A database to share with another server; by default each server has its own. */
  url?: string
  masterSecrets?: Buffer[]
  /** Features beside those of the product. */
  features?: readonly Feature[]
}

/** A whole server on a database of its own, closed when the test ends. */
export async function startServer(t: TestContext, options: Options = {}): Promise<TestServer> {
  let latchkey: Awaited<ReturnType<typeof openLatchkey>> | undefined
  // First, since hooks run in order: a server that still writes mails needs its folders.
  t.after(() => latchkey?.close())
  const { env = {}, clock = testClock(), url = await freshDatabase(t) } = options
  const uploads = join(scratchDirectory(t), 'uploads')
  const logs: Record<string, unknown>[] = []
  const queries: string[] = []
  const values: (readonly unknown[])[] = []
  const requests = watchRequests(t)
  latchkey = await openLatchkey({
    images,
    features: options.features,
    config: loadConfig({ ...QUICK, DATABASE_URL: url, UPLOADS_DIR: uploads, ...env }),
    masterSecrets: options.masterSecrets ?? [SECRET],
    clock,
    logStream: { write: (line) => void logs.push(JSON.parse(line)) },
    onQuery: (sql, given) => {
      queries.push(sql)
      values.push(given)
      requests.note(sql)
    },
  })
  const { app } = latchkey
  const inject = (request: InjectOptions) => requests.within(() => app.inject(request))
  return { ...latchkey, clock, logs, uploads, queries, values, inject }
}

/** A name that no other test has. */
export function uniqueName(prefix = 'user'): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}
