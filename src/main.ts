import closeWithGrace, { type Options } from 'close-with-grace'
import { type Config, loadConfig } from './config.ts'
import { type Latchkey, listeningAddress, openLatchkey } from './latchkey.ts'
import { isUnavailable } from './platform/database.ts'
import { loadDotEnv } from './platform/dot-env.ts'
import { ownSecret, SECRET_PATH } from './platform/secret.ts'

/** How long requests under way may take once the server is told to stop, in milliseconds. */
const CLOSING_TIME = 10_000

/** Reads the settings, starts the server, says where it is, and stops it in good order. */
async function main(): Promise<void> {
  if (process.env.NODE_ENV !== 'production') loadDotEnv()
  const config = loadConfig(process.env)
  const masterSecrets = config.secrets ?? [await ownSecret(SECRET_PATH)]
  const latchkey = await openLatchkey({ config, masterSecrets })
  process.on('unhandledRejection', (reason) => {
    // The MySQL driver leaves to nobody what fails while a new connection is being set up.
    if (!isUnavailable(reason)) throw reason
    latchkey.app.log.warn({ err: reason }, 'a new connection to the database failed')
  })
  const grace: Options = {
    delay: CLOSING_TIME,
    logger: latchkey.app.log,
    skip: ['unhandledRejection'],
  }
  closeWithGrace(grace, async ({ err }) => {
    if (err) latchkey.app.log.fatal({ err }, 'the server stops after a fault')
    await latchkey.close()
  })
  await listenQuietly(latchkey, config)
  announce(latchkey, config)
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
function announce({ app }: Latchkey, config: Config): void {
  const address = listeningAddress(app)
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
