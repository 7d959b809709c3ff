import type { Config } from './config/config.ts'
import type { LimitsOf } from './features/feature.ts'
import { FEATURES } from './features.ts'
import { requestLimits } from './http/hooks/rate-limits.ts'
import type { ClusterWorker } from './platform/cluster/worker.ts'
import { currentKey, type MasterSecrets } from './platform/crypto/master-secret.ts'
import type { Log } from './platform/log/log.ts'
import { openSharedCounters } from './platform/rate-limits/redis.ts'
import type { SharedCounters } from './platform/rate-limits/shared-counters.ts'
import { noSpans, type Spans } from './platform/tracing/spans.ts'

/** Every rate limit of the server: those of the features, and the one of all requests. */
export const rateLimitTable: LimitsOf<typeof FEATURES> & typeof requestLimits = Object.assign(
  {},
  ...FEATURES.map(({ rateLimits }) => rateLimits),
  requestLimits,
)

export type RateLimitName = keyof typeof rateLimitTable

type Options = {
  config: Config
  secrets: MasterSecrets
  log: Log
  clusterWorker?: ClusterWorker | undefined
  tracing: { spans: Spans } | undefined
}

/** Counters shared by several servers, or by the workers of one. */
export async function openCounters({
  config,
  secrets,
  log,
  clusterWorker,
  tracing,
}: Options): Promise<SharedCounters<RateLimitName> | undefined> {
  const address = config.rateLimits ? config.redis : undefined
  if (address === undefined) return clusterWorker?.countersFor(rateLimitTable)
  const { key: secret } = currentKey(secrets.deriveKeys('latchkey budgets'))
  return await openSharedCounters({
    ...{ address, limits: rateLimitTable, secret, log, spans: tracing?.spans ?? noSpans },
  })
}
