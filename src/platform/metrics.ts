import type { Registry } from 'prom-client'
import type { ClusterWorker } from './cluster/worker.ts'

/** A figure that is counted elsewhere, and read when somebody asks for it. */
export type Metric = {
  name: string
  help: string
  /** Workers add up a `gauge`; all servers see a `shared` one alike, and the highest counts. */
  kind: 'counter' | 'gauge' | 'shared'
  /** The name of the label, where there is a figure for each of a few values. */
  label?: string
  read: () => Figures | Promise<Figures>
}
type Figures = number | Readonly<Record<string, number>>

export type Metrics = Awaited<ReturnType<typeof createMetrics>>

/** `route` is the pattern, so that there are few. */
export type Observation = { method: string; route: string; status: number; seconds: number }

type Dependencies = {
  metrics: readonly Metric[]
  clusterWorker?: ClusterWorker | undefined
}

/** Metrics of one server in their own registry. Loads the library only where metrics are on. */
export async function createMetrics({ metrics, clusterWorker }: Dependencies) {
  const libraries = await import('prom-client')
  const { collectDefaultMetrics, Histogram, Registry } = libraries
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  for (const metric of metrics) register(metric, registry, libraries)

  function observe({ method, route, status, seconds }: Observation): void {
    requests.observe({ method, route, status }, seconds)
  }

  clusterWorker?.answer('metrics', () => registry.getMetricsAsJSON())

  async function text(): Promise<string> {
    if (!clusterWorker) return registry.metrics()
    const { AggregatorRegistry } = libraries
    const others = await clusterWorker.broadcast('metrics')
    const all = [await registry.getMetricsAsJSON(), ...others].filter(isFigures)
    return AggregatorRegistry.aggregate(all).metrics()
  }

  return { observe, text, contentType: registry.contentType }
}

function register(
  { name, help, kind, label, read }: Metric,
  registry: Registry,
  { Counter, Gauge }: Pick<typeof import('prom-client'), 'Counter' | 'Gauge'>,
): void {
  const labelNames = label === undefined ? [] : [label]
  const shared = { name, help, labelNames, registers: [registry] }
  /** A figure that cannot be read now, such as one of an unavailable database, is left out. */
  async function each(write: (figure: number, labels: Record<string, string>) => void) {
    const figures = await Promise.resolve(read()).catch(() => ({}))
    if (typeof figures === 'number') return write(figures, {})
    for (const [value, figure] of Object.entries(figures)) write(figure, { [label ?? '']: value })
  }
  if (kind === 'counter') {
    new Counter({
      ...shared,
      async collect() {
        this.reset()
        await each((figure, labels) => this.inc(labels, figure))
      },
    })
  } else {
    new Gauge({
      ...{ ...shared, aggregator: kind === 'shared' ? 'max' : 'sum' },
      async collect() {
        this.reset()
        await each((figure, labels) => this.set(labels, figure))
      },
    })
  }
}

/** A worker that has just ended does not answer. */
function isFigures(answer: unknown): answer is object[] {
  return Array.isArray(answer)
}
