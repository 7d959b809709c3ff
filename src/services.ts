import { errorTable } from './error-table.ts'
import { type Feature, type Opened, openFeatures, type Tools } from './features/feature.ts'
import { FEATURES } from './features.ts'
import { currentKey } from './platform/crypto/master-secret.ts'
import { createCursors } from './platform/paging/cursors.ts'
import { createPasswords } from './platform/passwords/passwords.ts'
import { createRateLimits } from './platform/rate-limits/rate-limits.ts'
import type { SharedCounters } from './platform/rate-limits/shared-counters.ts'
import { type RateLimitName, rateLimitTable } from './rate-limits.ts'

export type Services = ReturnType<typeof openServices>['services']

type Outside = Pick<
  Tools,
  | 'config'
  | 'secrets'
  | 'browsers'
  | 'database'
  | 'files'
  | 'images'
  | 'clock'
  | 'log'
  | 'clusterWorker'
  | 'stopping'
  | 'spans'
> & {
  /** Counters shared by several servers. */
  shared: SharedCounters<RateLimitName> | undefined
  /** Features beside those of the list. */
  more?: readonly Feature[] | undefined
}

/** Opens every feature. @returns their parts, and by name what they offer */
export function openServices({ shared, more = [], ...outside }: Outside) {
  const { config, secrets, database, clock } = outside
  const opened: Opened[] = []
  const counting = { limits: rateLimitTable, clock, shared }
  const tools = {
    ...outside,
    ...{ db: database.client, statements: database.statements, dialect: database.dialect },
    passwords: passwordsOf(outside),
    rateLimits: createRateLimits({ ...counting, isOn: config.rateLimits }),
    cursors: createCursors(secrets),
    errors: errorTable,
    opened,
  }
  const services = openFeatures([...FEATURES, ...more], tools)
  // Opened by dependency, served in the order of the list.
  const listed = [...FEATURES, ...more].flatMap(({ name }) =>
    opened.filter((one) => one.name === name),
  )
  return { opened, listed, services: { ...tools, ...services } }
}

function passwordsOf({ config, secrets, spans }: Pick<Tools, 'config' | 'secrets' | 'spans'>) {
  const { argon2, poolThreads, workers } = config
  const { key: decoyKey } = currentKey(secrets.deriveKeys('latchkey decoys'))
  return createPasswords(argon2, { poolThreads, processes: workers, decoyKey, spans })
}
