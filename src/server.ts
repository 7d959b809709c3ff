import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBrowsers } from './config/browsers.ts'
import type { Config } from './config/config.ts'
import { tracingTarget } from './config/tracing.ts'
import type { Feature, Opened } from './features/feature.ts'
import { type App, createServer } from './http/app.ts'
import { acceptAll } from './http/hooks/draining.ts'
import { hiddenOutside } from './http/hooks/hidden-paths.ts'
import { createMetricsServer } from './http/metrics-server.ts'
import type { RequestTracing } from './http/request-spans.ts'
import { startJobs } from './jobs.ts'
import type { Clock } from './platform/clock.ts'
import type { ClusterWorker } from './platform/cluster/worker.ts'
import { createMasterSecrets } from './platform/crypto/master-secret.ts'
import { type DatabaseConnection, isUnavailable } from './platform/database/database.ts'
import { loadModelsLater } from './platform/database/load-models.ts'
import { openDatabase } from './platform/database/open.ts'
import { openFolderStorage } from './platform/file-storage.ts'
import { createImages, type Images } from './platform/images/images.ts'
import { createMetrics, type Metrics } from './platform/metrics.ts'
import { serverMetrics } from './platform/server-metrics.ts'
import { openClock } from './platform/shared-clock.ts'
import { noSpans } from './platform/tracing/spans.ts'
import { openCounters } from './rate-limits.ts'
import { registerRoutes } from './routes.ts'
import { openServices, type Services } from './services.ts'

/** A server ready to listen, or to be asked in a test. */
export type Latchkey = {
  app: App
  services: Services
  /** In the order in which they were opened. */
  opened: readonly Opened[]
  database: DatabaseConnection
  /** Undefined while metrics are off. */
  metrics: Metrics | undefined
  /** Opens the ports for metrics and for requests. @throws Error that names the setting */
  listen: () => Promise<void>
  /** Turns `/readyz` red, serves for SHUTDOWN_DELAY so that balancers notice, then closes. */
  stop: () => Promise<void>
  /** Finishes running requests, then releases everything. */
  close: () => Promise<void>
}

/** Destination of log lines, and how many it dropped. */
export type LogStream = { write(line: string): void; droppedLines?: () => number }

type Options = {
  config: Config
  /** Newest first, each at least 32 bytes. */
  masterSecrets: readonly Buffer[]
  clock?: Clock
  /** Images of another server in this process, which closes them; by default its own. */
  images?: Images
  /** Features beside those of `src/features.ts`. */
  features?: readonly Feature[] | undefined
  /** False for the command line, which needs the services alone and starts sooner. */
  servesRequests?: boolean
  /** Present where this process is one of several workers. */
  clusterWorker?: ClusterWorker | undefined
  logStream?: LogStream
  /** Sees each SQL statement, with its values. */
  onQuery?: (sql: string, values: readonly unknown[]) => void
}

/**
 * Opens the database, migrates or checks it, reads or creates the keys, and assembles the server.
 * @throws Error that names the setting when database, secret or folder are unusable
 */
export async function openLatchkey(options: Options): Promise<Latchkey> {
  const { config, onQuery } = options
  const tracing = await startTracing(options)
  const database = await openDatabase({
    address: config.database,
    foreignKeys: config.migrations.foreignKeys,
    ...(onQuery ? { onQuery } : {}),
    spans: tracing?.spans,
  }).catch(nameSetting)
  try {
    const isMigrating = config.migrations.atStart
    await (isMigrating ? database.migrate() : database.requireMigrated()).catch(nameSetting)
    return await openOn({ ...options, database, tracing })
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Undefined while tracing is off; nothing of it is loaded then. */
async function startTracing({ config, servesRequests }: Options) {
  const target = servesRequests === false ? undefined : tracingTarget(config.tracing)
  if (target === undefined) return undefined
  const { openTracing } = await import('./http/request-spans.ts')
  return openTracing(target)
}

type OpenOptions = Options & {
  database: DatabaseConnection
  tracing: RequestTracing | undefined
}

function nameSetting(cause: Error): never {
  if (/^(?:DATABASE_URL|FOREIGN_KEYS|MIGRATE)\b/.test(cause.message)) throw cause
  throw new Error(`DATABASE_URL: the database cannot be used: ${cause.message}`, { cause })
}

function createApp(
  { config, logStream, tracing }: OpenOptions,
  parts: Pick<Parameters<typeof createServer>[0], 'stopping' | 'browsers' | 'isHidden'>,
): App {
  const { href: publicUrl, path: basePath } = config.http.publicUrl
  const app = createServer({
    ...parts,
    http: { trustProxy: config.trustedProxies, publicUrl, basePath },
    languages: config.languages,
    log: { level: config.log.level, ...(logStream ? { stream: logStream } : {}) },
    isUnavailable,
    whoIs: (request) => request.user?.sub,
    tracing,
  })
  tracing?.logTo(app.log)
  app.addHook('onClose', async () => tracing?.stop())
  return app
}

async function openOn(options: OpenOptions): Promise<Latchkey> {
  const { config, masterSecrets, clusterWorker, database, tracing } = options
  const browsers = createBrowsers(config)
  const isHidden = hiddenOutside('/admin', config.administration.networks)
  const stop = new AbortController()
  const stopping = stop.signal
  const app = createApp(options, { stopping, browsers, isHidden })
  try {
    const files = await openFolderStorage(config.uploads.directory)
    const { log } = app
    const { now: clock, stop: stopClock } = await openClock(database.time, log, options.clock)
    const secrets = createMasterSecrets(masterSecrets)
    const shared = await openCounters({ ...options, secrets, log })
    app.addHook('onClose', async () => shared?.close())
    const images = options.images ?? createImages(config.photos)
    const { spans = noSpans } = tracing ?? {}
    const outside = { database, files, images, clock, log, shared, clusterWorker, spans }
    const given = { config, secrets, browsers, stopping, more: options.features }
    const { services, opened, listed } = openServices({ ...given, ...outside })
    const jobs = await startJobs(opened, log)
    app.addHook('onClose', async () => {
      await Promise.all([jobs.stop(), stopClock?.()])
      if (options.images === undefined) images.close()
      await database.close()
    })
    const metrics = await openMetrics([...opened, jobs, { ...tracing }], services, options)
    if (options.servesRequests !== false) {
      await registerRoutes(app, { config, services, features: listed, metrics, isHidden })
    }
    await app.ready()
    return {
      app,
      services,
      opened,
      database,
      metrics,
      ...running({ config, app, database, metrics, stop }),
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** Undefined while metrics are off. */
async function openMetrics(
  opened: readonly Pick<Opened, 'metrics'>[],
  { passwords, database }: Services,
  { config, logStream, clusterWorker }: Options,
): Promise<Metrics | undefined> {
  if (!config.metrics.isOn) return undefined
  const own = serverMetrics({ passwords, database, droppedLines: logStream?.droppedLines })
  const metrics = [...own, ...opened.flatMap(({ metrics = [] }) => metrics)]
  return createMetrics({ metrics, clusterWorker })
}

type Running = {
  config: Config
  app: App
  database: Pick<DatabaseConnection, 'client'>
  metrics: Metrics | undefined
  stop: AbortController
}

function running({ config, app, database, metrics, stop }: Running) {
  const metricsServer = metrics && createMetricsServer({ metrics, log: app.log })
  let loading: NodeJS.Timeout | undefined

  async function listen(): Promise<void> {
    if (config.metrics.isOn) {
      const { host, port } = config.metrics
      // Before the public port: once that is open, the server counts as started.
      const fix = `try METRICS_PORT=${otherPort(port, 9465)}`
      await metricsServer?.listen(host, port).catch(cannotListen('METRICS_HOST, METRICS_PORT', fix))
    }
    const { host, port } = config.http
    const fix = `try PORT=${otherPort(port, 3001)}`
    await app.listen({ host, port }).catch(cannotListen('HOST, PORT', fix))
    loading = loadModelsLater(database)
  }

  async function close(): Promise<void> {
    stop.abort()
    clearTimeout(loading)
    await app.close()
    // Last, so that monitoring sees the end.
    metricsServer?.close()
  }

  async function drainAndClose(): Promise<void> {
    stop.abort()
    clearTimeout(loading)
    const { delaySeconds } = config.shutdown
    app.log.info({ delaySeconds }, 'the server stops and is no longer ready')
    if (app.server.listening) await sleep(delaySeconds * 1000)
    await acceptAll(app.server)
    await close()
  }

  return { listen, stop: drainAndClose, close }
}

/** A port to try instead of a taken one. */
function otherPort(taken: number, port: number): number {
  return taken === port ? port + 1 : port
}

function cannotListen(names: string, fix: string) {
  return (cause: Error): never => {
    throw new Error(`${names}: the server cannot listen there: ${cause.message}; ${fix}`, {
      cause,
    })
  }
}

/** The address to print. */
export function listeningAddress(app: App): string {
  const [first] = app.addresses() as AddressInfo[]
  if (!first) throw new Error('The server does not listen')
  const { address, port, family } = first
  const isLoopback = address === '127.0.0.1' || address === '::1'
  const host = family === 'IPv6' ? `[${address}]` : address
  return `http://${isLoopback ? 'localhost' : host}:${port}`
}
