import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import closeWithGrace, { type Options } from 'close-with-grace'
import { type Config, loadConfig } from './config/config.ts'
import { developmentSecret, SECRET_PATH } from './config/development-secret.ts'
import { loadDotEnv } from './config/env-file.ts'
import type { SettingIssue } from './config/rules.ts'
import { tracingTarget } from './config/tracing.ts'
import { settingWarnings } from './config/warnings.ts'
import { CLOSING_TIME } from './http/limits.ts'
import type { ClusterWorker } from './platform/cluster/worker.ts'
import type { DatabaseAddress } from './platform/database/address.ts'
import { isUnavailable } from './platform/database/database.ts'
import { createPlainLog } from './platform/log/plain.ts'
import { tellOperator } from './platform/log/standard-streams.ts'
import { type LogOutput, standardOutput } from './platform/log/stdout.ts'
import { FLUSH_TIME } from './platform/tracing/flush-time.ts'
import type { Latchkey } from './server.ts'

/** Signals of a crash in native code. A handler would resume at the crash, and loop forever. */
const CRASH_SIGNALS = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGTRAP'] as const

/** Time for the work after the last response, and again for the workers, in ms. */
const SPARE_TIME = 1000

const NOT_READ = {
  name: '.env',
  fix: 'it is not read in production; set the settings in the environment',
}

/** Reads the settings; becomes the server, one of its workers, or their primary. */
async function main(): Promise<void> {
  const isProduction = process.env.NODE_ENV === 'production'
  const inFile = isProduction ? [] : loadDotEnv(process.env)
  const config = loadConfig(process.env)
  const warnings = settingWarnings(process.env, inFile)
  if (isProduction && existsSync('.env')) warnings.push(NOT_READ)
  // Before any fork: workers would inherit a blocking standard output.
  const output = standardOutput()
  if (config.workers === 1) return serve({ config, warnings, output })
  const { default: cluster } = await import('node:cluster')
  if (cluster.isPrimary) return superviseWorkers(config, output)
  const { connectWorker } = await import('./platform/cluster/worker.ts')
  return serve({ config, warnings, output, clusterWorker: connectWorker() })
}

/** Starts the workers, and stops them gracefully. */
async function superviseWorkers(config: Config, output: LogOutput): Promise<void> {
  const { createPrimary } = await import('./platform/cluster/primary.ts')
  const log = createPlainLog(config.log.level, output)
  const program = fileURLToPath(import.meta.url)
  const { workers: count } = config
  // A worker that takes longer hangs.
  const closingMs = longestStop(config) + SPARE_TIME / 2
  const primary = createPrimary({ count, program, log, closingMs })
  const code = await primary.start()
  if (code !== undefined) process.exit(code)
  const logger = { error: (what: unknown) => log.error({}, String(what)) }
  const grace: Options = {
    delay: longestStop(config) + SPARE_TIME,
    logger,
    skip: [...CRASH_SIGNALS],
  }
  closeWithGrace(grace, async ({ err }) => {
    if (err) log.error({ err: err.stack }, 'the server stops after an unexpected error')
    if (!(await primary.stop())) throw new Error('a worker did not stop in time and was killed')
  })
}

type Setting = {
  config: Config
  warnings: readonly SettingIssue[]
  output: LogOutput
  clusterWorker?: ClusterWorker | undefined
}

/** Starts the server, prints its address, and stops it gracefully. */
async function serve({ config, warnings, output, clusterWorker }: Setting): Promise<void> {
  // Loaded here, so that the primary does not load the server.
  const { listeningAddress, openLatchkey } = await import('./server.ts')
  const masterSecrets = config.secrets ?? [await developmentSecret(SECRET_PATH)]
  const latchkey = await openLatchkey({ config, masterSecrets, clusterWorker, logStream: output })
  process.on('unhandledRejection', (reason) => {
    // The MySQL driver leaves errors of a new connection unhandled.
    if (!isUnavailable(reason)) throw reason
    latchkey.app.log.warn({ err: reason }, 'a new connection to the database failed')
  })
  const grace: Options = {
    delay: longestStop(config),
    logger: latchkey.app.log,
    skip: [...CRASH_SIGNALS, 'unhandledRejection', ...(clusterWorker?.signalsOfPrimary ?? [])],
  }
  const { close } = closeWithGrace(grace, async ({ err }) => {
    if (err) latchkey.app.log.fatal({ err }, 'the server stops after an unexpected error')
    // After an unexpected error, do not continue to serve.
    await (err ? latchkey.close() : latchkey.stop())
  })
  clusterWorker?.answer('stop', close)
  await listenQuietly(latchkey, config)
  await clusterWorker?.announceServing()
  if (clusterWorker?.isFirst === false) return
  const { log } = latchkey.app
  const line = readyLine(config, listeningAddress(latchkey.app))
  if (config.production) log.info(line)
  else output.write(`${line}\n`)
  for (const { name, fix } of warnings) log.warn(`${name}: ${fix}`)
}

/** Maximum time of a stop, in ms; then the process exits. */
function longestStop({ shutdown, tracing }: Config): number {
  const flushing = tracingTarget(tracing) ? FLUSH_TIME : 0
  return shutdown.delaySeconds * 1000 + CLOSING_TIME + flushing + SPARE_TIME
}

/** Mutes Fastify's line for each address; `readyLine` names them once. */
async function listenQuietly({ app, listen, close }: Latchkey, { log }: Config): Promise<void> {
  app.log.level = 'silent'
  try {
    await listen()
  } catch (error) {
    await close()
    throw error
  }
  app.log.level = log.level
}

/** Addresses of the server, its data and its reference. */
function readyLine(config: Config, address: string): string {
  const reference = config.docs ? ` · reference at ${address}/docs` : ''
  return `Latchkey listens on ${address} · data in ${locationOf(config.database)}${reference}`
}

function locationOf(address: DatabaseAddress): string {
  if (address.kind === 'sqlite') return address.path
  const { host, port, database } = address
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
}

try {
  await main()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  tellOperator(`Latchkey cannot start. ${message}`)
  process.exit(1)
}
