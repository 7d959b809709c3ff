import { fileURLToPath } from 'node:url'
import closeWithGrace, { type Options } from 'close-with-grace'
import { type Config, loadConfig } from './config.ts'
import type { Latchkey } from './latchkey.ts'
import { isUnavailable } from './platform/database.ts'
import { loadDotEnv } from './platform/dot-env.ts'
import { standardOutput } from './platform/log-output.ts'
import { createPlainLog } from './platform/plain-log.ts'
import { ownSecret, SECRET_PATH } from './platform/secret.ts'
import type { Siblings } from './platform/siblings.ts'

/** How long requests under way may take once the server is told to stop, in milliseconds. */
const CLOSING_TIME = 10_000

/** How much longer it waits for workers, which have that time for themselves. */
const SPARE_TIME = 1000

/** Reads the settings and becomes the server, one of its workers, or what starts the workers. */
async function main(): Promise<void> {
  if (process.env.NODE_ENV !== 'production') loadDotEnv()
  const config = loadConfig(process.env)
  if (config.workers === 1) return serve(config)
  const { default: cluster } = await import('node:cluster')
  if (cluster.isPrimary) return superviseWorkers(config)
  const { meetSiblings } = await import('./platform/siblings.ts')
  return serve(config, meetSiblings())
}

/** Starts the workers, and stops them in good order. */
async function superviseWorkers(config: Config): Promise<void> {
  const { createWorkers } = await import('./platform/workers.ts')
  const log = createPlainLog(config.log.level)
  const program = fileURLToPath(import.meta.url)
  const workers = createWorkers({ count: config.workers, program, log })
  const code = await workers.start()
  if (code !== undefined) process.exit(code)
  const logger = { error: (what: unknown) => log.error({}, String(what)) }
  closeWithGrace({ delay: CLOSING_TIME + SPARE_TIME, logger }, async ({ err }) => {
    if (err) log.error({ err: err.stack }, 'the server stops after a fault')
    if (!(await workers.stop())) throw new Error('a worker had to be ended')
  })
}

/** Starts the server, says where it is, and stops it in good order. */
async function serve(config: Config, siblings?: Siblings): Promise<void> {
  // Only here, so that the process that starts workers does not load what they run.
  const { listeningAddress, openLatchkey } = await import('./latchkey.ts')
  const masterSecrets = config.secrets ?? [await ownSecret(SECRET_PATH)]
  const logStream = standardOutput()
  const latchkey = await openLatchkey({ config, masterSecrets, siblings, logStream })
  process.on('unhandledRejection', (reason) => {
    // The MySQL driver leaves to nobody what fails while a new connection is being set up.
    if (!isUnavailable(reason)) throw reason
    latchkey.app.log.warn({ err: reason }, 'a new connection to the database failed')
  })
  const grace: Options = {
    delay: CLOSING_TIME,
    logger: latchkey.app.log,
    skip: ['unhandledRejection', ...(siblings?.leftToStarter ?? [])],
  }
  const { close } = closeWithGrace(grace, async ({ err }) => {
    if (err) latchkey.app.log.fatal({ err }, 'the server stops after a fault')
    await latchkey.close()
  })
  siblings?.answer('stop', close)
  await listenQuietly(latchkey, config)
  if (siblings?.isFirst !== false) announce(latchkey, config, listeningAddress(latchkey.app))
}

/** Fastify logs a line for each address; `announce` says it once, and for people. */
async function listenQuietly({ app, close }: Latchkey, { http, log }: Config): Promise<void> {
  app.log.level = 'silent'
  try {
    await app.listen({ host: http.host, port: http.port })
  } catch (cause) {
    await close()
    const { message } = cause as Error
    throw new Error(`HOST, PORT: the server cannot listen there: ${message}; try PORT=3001`, {
      cause,
    })
  }
  app.log.level = log.level
}

/** One line: where it listens, where its data lies, where the reference is. */
function announce({ app }: Latchkey, config: Config, address: string): void {
  const line = `Latchkey listens on ${address} · data in ${dataPlace(config)} · reference at ${address}/docs`
  if (config.production) app.log.info(line)
  else process.stdout.write(`${line}\n`)
}

function dataPlace({ database: { url } }: Config): string {
  if (url.startsWith('file:')) return url.slice('file:'.length)
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

try {
  await main()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`Latchkey cannot start. ${message}\n`)
  process.exit(1)
}
