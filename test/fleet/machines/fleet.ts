import { randomBytes } from 'node:crypto'
import { scratchDirectory } from '../../support/databases.ts'
import { freePort } from '../../support/free-port.ts'
import type { Lifetime } from '../../support/lifetime.ts'
import { runCli } from '../../support/process.ts'
import { type ThrowawayRedis, throwawayRedis } from '../../support/throwaway-redis.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type DatabaseMachine, startDatabases } from './database.ts'
import { createServer, type FleetServer } from './server.ts'

const SERVERS = 3

/** What the servers count in together. */
export type RedisMachine = Pick<ThrowawayRedis, 'url' | 'start' | 'kill'>

export type Fleet = {
  servers: FleetServer[]
  database: DatabaseMachine
  redis: RedisMachine
  balancer: Balancer
  /** Where clients connect. */
  port: number
  /** Runs the command line with the settings of the first server. @throws when it fails */
  cli: (...args: string[]) => Promise<void>
  life: Lifetime
  /** Whether the faults last shorter. */
  isShort: boolean
}

export type Machines = {
  database?: (life: Lifetime) => Promise<DatabaseMachine>
  redis?: (life: Lifetime) => Promise<RedisMachine>
}

type Options = Machines & { isShort: boolean; env?: Record<string, string> }

/** Starts all machines; each is gone when its life ends. */
export async function startFleet(life: Lifetime, options: Options): Promise<Fleet> {
  const { isShort, env = {} } = options
  const database = await (options.database ?? startDatabases)(life)
  const redis = await (options.redis ?? throwawayRedis)(life)
  await redis.start()
  const ports: number[] = []
  for (let count = 0; count < SERVERS; count++) ports.push(await freePort())
  const balancer = await startBalancer(life, ports)
  const shared = {
    ...settings(balancer.port, redis.url, scratchDirectory(life)),
    SECRET: randomBytes(48).toString('base64url'),
    ...env,
  }
  const servers = ports.map((port, at) => {
    const own = { ...shared, DATABASE_URL: database.urlFor(at) }
    return createServer({ name: `server ${at + 1}`, port, env: own })
  })
  for (const server of servers) life.after(() => server.stop('SIGKILL'))
  // All at once, as after a power failure: the first one migrates.
  await Promise.all(servers.map((server) => server.start()))
  const cli = (...args: string[]) => run(servers[0], args)
  return { servers, database, redis, balancer, port: balancer.port, cli, life, isShort }
}

async function run(server: FleetServer | undefined, args: string[]): Promise<void> {
  const { DATABASE_URL: url = '', ...env } = server?.env ?? {}
  const { code, output } = await runCli(url, [...args, '--yes'], env)
  if (code !== 0) throw new Error(`latchkey ${args.join(' ')} ended with ${code}: ${output}`)
}

/** Production as shipped, but for the cost of hashes, the weakest that production allows. */
function settings(port: number, redisUrl: string, uploads: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    PUBLIC_URL: `http://localhost:${port}`,
    REDIS_URL: redisUrl,
    TRUST_PROXY: '127.0.0.1',
    UPLOADS_DIR: uploads,
    RATE_LIMITS: 'on',
    ARGON2_MEMORY_KIB: '7168',
    ARGON2_TIME: '5',
    REFRESH_GRACE: '5s',
    SHUTDOWN_DELAY: '2s',
    // The line that says where it listens is one of them.
    LOG_LEVEL: 'info',
  }
}
