import { isLoopback } from '../config/readers.ts'
import { startControl } from './control.ts'
import { openOperations } from './here.ts'

/** What is left to its own: a program that tests something else may have these names, too. */
const OWN = new Set([
  ...['DATABASE_URL', 'HOST', 'PORT', 'SECRET', 'SECRET_FILE', 'UPLOADS_DIR'],
  ...['REDIS_URL', 'SMTP_URL'],
])

type Options = {
  /** The environment, whose other settings it takes. */
  env: Readonly<Record<string, string | undefined>>
  port: number
  controlPort: number
  /** A database of one's own. */
  database?: string | undefined
}

/**
 * A server for tests, and its control port.
 * @throws Error for production, and where it would listen beyond this machine
 */
export async function startDevServer({ env, port, controlPort, database }: Options) {
  refuse(env)
  const given = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !OWN.has(entry[0]),
  )
  const settings = { ...Object.fromEntries(given), ...(database && { DATABASE_URL: database }) }
  const { host, operations } = await openOperations({ settings, port })
  const control = await startControl(operations, controlPort).catch(async (error) => {
    await host.close()
    throw new Error(`--control-port: the server cannot listen there: ${error.message}`)
  })
  const close = async () => {
    await operations.endTroubles()
    await control.close()
    await host.close()
  }
  return { url: host.url, control: control.url, close }
}

function refuse({ NODE_ENV, HOST = '127.0.0.1' }: Options['env']): void {
  if (NODE_ENV === 'production') {
    throw new Error(
      'NODE_ENV=production: dev-server lets anyone on this machine make up people and move the clock, so it refuses production. Use "latchkey serve" there.',
    )
  }
  if (!isLoopback(HOST)) {
    throw new Error(
      `HOST=${HOST}: dev-server is for this machine alone; leave HOST out, or use "latchkey serve".`,
    )
  }
}
