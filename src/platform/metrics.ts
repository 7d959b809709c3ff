import type { Registry } from 'prom-client'
import type { ClusterWorker } from './cluster/worker.ts'

export type Metrics = Awaited<ReturnType<typeof createMetrics>>

/** `route` is the pattern, so that there are few. */
export type Observation = { method: string; route: string; status: number; seconds: number }

type Dependencies = {
  /** Seconds since the last complete read of the revocation feed. */
  revocationFeedLag: () => number
  droppedLines?: (() => number) | undefined
  droppedAuditEvents: () => number
  mails: () => Promise<MailFigures>
  breachChecks: () => BreachFigures
  clusterWorker?: ClusterWorker | undefined
}

/** The outbox, which all servers share, and what this process did with it. */
type MailFigures = {
  waiting: number
  oldestSeconds: number
  sent: number
  failed: number
  dropped: number
}

type BreachFigures = { checked: number; found: number; failed: number }

/** Metrics of one server in their own registry. Loads the library only where metrics are on. */
export async function createMetrics(dependencies: Dependencies) {
  const {
    revocationFeedLag,
    droppedLines = () => 0,
    droppedAuditEvents,
    mails,
    breachChecks,
    clusterWorker,
  } = dependencies
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  const measured = measuresOf(registry, { Counter, Gauge })
  measured.gauge(
    'latchkey_revocation_feed_lag_seconds',
    'Time since the revocation feed was last read to its end.',
    revocationFeedLag,
  )
  measured.counter(
    'latchkey_log_lines_dropped_total',
    'Lines of the log that were dropped, since nobody took them in time.',
    droppedLines,
  )
  measured.counter(
    'latchkey_audit_events_dropped_total',
    'Security events that have a line in the log and no row in the database.',
    droppedAuditEvents,
  )
  measureMails(measured, mails)
  measureBreachChecks(measured, breachChecks)

  function observe({ method, route, status, seconds }: Observation): void {
    requests.observe({ method, route, status }, seconds)
  }

  clusterWorker?.answer('metrics', () => registry.getMetricsAsJSON())

  async function text(): Promise<string> {
    if (!clusterWorker) return registry.metrics()
    const { AggregatorRegistry } = await import('prom-client')
    const others = await clusterWorker.broadcast('metrics')
    const all = [await registry.getMetricsAsJSON(), ...others].filter(isFigures)
    return AggregatorRegistry.aggregate(all).metrics()
  }

  return { observe, text, contentType: registry.contentType }
}

type Libraries = Pick<typeof import('prom-client'), 'Counter' | 'Gauge'>
type Read = () => number | Promise<number>

/** Figures that are counted elsewhere, and read when somebody asks. */
function measuresOf(registry: Registry, { Counter, Gauge }: Libraries) {
  const registers = [registry]

  /** Of several workers the highest one counts. */
  function gauge(name: string, help: string, read: Read): void {
    new Gauge({
      ...{ name, help, registers, aggregator: 'max' },
      async collect() {
        this.set(await read())
      },
    })
  }

  function counter(name: string, help: string, read: Read): void {
    new Counter({
      ...{ name, help, registers },
      async collect() {
        const total = await read()
        this.reset()
        this.inc(total)
      },
    })
  }

  return { gauge, counter }
}

/** One look at the outbox serves all figures of one scrape, which are read in the same tick. */
function measureMails(
  { gauge, counter }: ReturnType<typeof measuresOf>,
  look: () => Promise<MailFigures>,
): void {
  let looking: Promise<MailFigures> | undefined
  const read = (name: keyof MailFigures) => async () => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return (await looking)[name]
  }
  gauge('latchkey_mails_waiting', 'Mails in the outbox of all servers.', read('waiting'))
  gauge(
    'latchkey_mail_oldest_seconds',
    'How long the oldest mail in the outbox has waited.',
    read('oldestSeconds'),
  )
  counter('latchkey_mails_sent_total', 'Mails that the relay has taken.', read('sent'))
  counter(
    'latchkey_mails_failed_total',
    'Mails that were given up: refused, or expired before the relay took them.',
    read('failed'),
  )
  counter(
    'latchkey_mails_dropped_total',
    'Mails that were not written, since the outbox was full.',
    read('dropped'),
  )
}

function measureBreachChecks(
  { counter }: ReturnType<typeof measuresOf>,
  look: () => BreachFigures,
): void {
  counter(
    'latchkey_breach_checks_total',
    'New passwords that were looked up among breached ones.',
    () => look().checked,
  )
  counter(
    'latchkey_breach_checks_found_total',
    'New passwords that were refused as breached.',
    () => look().found,
  )
  counter(
    'latchkey_breach_checks_failed_total',
    'New passwords that passed, since the list of breached ones did not answer.',
    () => look().failed,
  )
}

/** A worker that has just ended does not answer. */
function isFigures(answer: unknown): answer is object[] {
  return Array.isArray(answer)
}
