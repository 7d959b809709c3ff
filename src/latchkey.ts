import type { AddressInfo } from 'node:net'
import { registerFeatures } from './app.ts'
import type { Config } from './config.ts'
import { createBrowsers } from './config-browsers.ts'
import { type App, createServer } from './http/server.ts'
import { startMaintenance } from './maintenance.ts'
import { openSharedCounters } from './platform/budgets-redis.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { isUnavailable, type OpenDatabase, openDatabase } from './platform/database.ts'
import { openFolderStorage } from './platform/file-storage.ts'
import { createImages, type Images } from './platform/images.ts'
import { createMasterSecrets, newest } from './platform/master-secret.ts'
import type { Siblings } from './platform/siblings.ts'
import { createServices, type Services } from './services.ts'

/** A server that is ready to listen, or to be asked in a test. */
export type Latchkey = {
  app: App
  services: Services
  database: OpenDatabase
  /** Answers what is under way, then lets go of everything. */
  close: () => Promise<void>
}

type Options = {
  config: Config
  /** Newest first, each at least 32 bytes. */
  masterSecrets: readonly Buffer[]
  clock?: Clock
  /** Shared between servers by whoever gives it, who also closes it; else the server has its own. */
  images?: Images
  /** The other workers, where this process is one of several. */
  siblings?: Siblings | undefined
  logStream?: { write(line: string): void }
  /** Sees each SQL statement, with its values. */
  onQuery?: (sql: string, values: readonly unknown[]) => void
}

/**
 * Opens and migrates the database, reads or makes the keys, and puts the server together.
 * @throws Error that names the setting when the database, the secret or the folder does not fit
 */
export async function openLatchkey(options: Options): Promise<Latchkey> {
  const { config, onQuery } = options
  const database = await openDatabase({
    url: config.database.url,
    ...(onQuery ? { onQuery } : {}),
  }).catch(nameSetting)
  try {
    await database.migrate().catch(nameSetting)
    return await openOn(database, options)
  } catch (error) {
    await database.close()
    throw error
  }
}

function nameSetting(cause: Error): never {
  if (cause.message.startsWith('DATABASE_URL')) throw cause
  throw new Error(`DATABASE_URL: the database cannot be used: ${cause.message}`, { cause })
}

async function openOn(database: OpenDatabase, options: Options): Promise<Latchkey> {
  const { config, masterSecrets, clock = systemClock, logStream, siblings } = options
  const browsers = createBrowsers(config)
  const app = createServer({
    http: config.http,
    browsers,
    log: { level: config.log.level, ...(logStream ? { stream: logStream } : {}) },
    isUnavailable,
    whoIs: (request) => request.user?.sub,
  })
  try {
    const files = await openFolderStorage(config.uploads.directory)
    const { log } = app
    const url = config.rateLimits ? config.redisUrl : undefined
    const secrets = createMasterSecrets(masterSecrets)
    const { key: secret } = newest(secrets.deriveKeys('latchkey budgets'))
    const shared =
      url === undefined ? siblings?.counters : await openSharedCounters({ url, secret, log })
    app.addHook('onClose', async () => shared?.close())
    const images = options.images ?? createImages()
    const outside = { database, files, images, clock, log, shared, siblings }
    const services = createServices({ config, secrets, ...outside })
    const maintenance = await startMaintenance(services, log)
    app.addHook('onClose', async () => {
      await maintenance.stop()
      if (options.images === undefined) images.close()
      await database.close()
    })
    await registerFeatures(app, { config, services, browsers, database, files, siblings })
    await app.ready()
    return { app, services, database, close: () => app.close() }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** Where the server listens, for people. */
export function listeningAddress(app: App): string {
  const [first] = app.addresses() as AddressInfo[]
  if (!first) throw new Error('The server does not listen')
  const { address, port, family } = first
  const isLoopback = address === '127.0.0.1' || address === '::1'
  const host = family === 'IPv6' ? `[${address}]` : address
  return `http://${isLoopback ? 'localhost' : host}:${port}`
}
