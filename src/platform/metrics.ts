import type { Siblings } from './siblings.ts'

/** The figures of one server, as Prometheus reads them. */
export type Metrics = Awaited<ReturnType<typeof createMetrics>>

/** One answered request. The route is its pattern, so that there are few of them. */
export type Observation = { method: string; route: string; status: number; seconds: number }

type Needs = {
  /** Seconds since the revocation feed was last read to its end; asked when Prometheus asks. */
  revocationFeedLag: () => number
  /** The other workers, where this process is one of several. */
  siblings?: Siblings | undefined
}

/**
 * Makes the figures of one server, in a registry of its own. The library is loaded here, so that a
 * server without metrics does not pay for it.
 */
export async function createMetrics({ revocationFeedLag, siblings }: Needs) {
  const { collectDefaultMetrics, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'latchkey_revocation_feed_lag_seconds',
    help: 'Time since the revocation feed was last read to its end.',
    registers: [registry],
    aggregator: 'max',
    collect() {
      this.set(revocationFeedLag())
    },
  })

  function observe({ method, route, status, seconds }: Observation): void {
    requests.observe({ method, route, status }, seconds)
  }

  siblings?.answer('figures', () => registry.getMetricsAsJSON())

  /** The exposition text, in the media type of `contentType`; of all workers together. */
  async function text(): Promise<string> {
    if (!siblings) return registry.metrics()
    const { AggregatorRegistry } = await import('prom-client')
    const others = await siblings.gather('figures')
    const all = [await registry.getMetricsAsJSON(), ...others].filter(isFigures)
    return AggregatorRegistry.aggregate(all).metrics()
  }

  return { observe, text, contentType: registry.contentType }
}

/** What a worker that has just gone would have answered is missing. */
function isFigures(answer: unknown): answer is object[] {
  return Array.isArray(answer)
}
