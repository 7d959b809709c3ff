import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { DatabaseAddress } from '../platform/database/address.ts'
import type { Services } from '../services.ts'
import type { Io } from './io.ts'
import type { Given } from './word.ts'

/** Loads `.env` outside production. @returns the names in it */
export async function readDotEnv(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { loadDotEnv } = await import('../config/env-file.ts')
  return env.NODE_ENV === 'production' ? [] : loadDotEnv(env)
}

/** The settings of the server. Says which database they name. @throws ConfigError */
export async function readSettings({ io, isJson, isOldName }: Given): Promise<Config> {
  await readDotEnv(io.env)
  const { loadConfig } = await import('../config/config.ts')
  const config = loadConfig({ LOG_LEVEL: 'warn', ...io.env })
  if (!isJson && !isOldName) io.err(`Database: ${nameOf(config.database)}\n`)
  return config
}

/** Never the user or the password. */
function nameOf(address: DatabaseAddress): string {
  if (address.kind === 'sqlite') return `SQLite file ${address.path}`
  const { host, port, database } = address
  return `MySQL ${database} at ${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Opens a server's services around a piece of work, beside the servers that run. */
export async function withServices<Value>(
  given: Given,
  work: (services: Services) => Promise<Value>,
): Promise<Value> {
  const config = await readSettings(given)
  requireDatabase(config.database)
  if (config.database.kind === 'sqlite' && config.secrets === undefined) await requireSecret()
  return withServicesOf(config, given.io, work)
}

/** A command in another folder makes no second database. @throws Error */
export function requireDatabase(address: DatabaseAddress): void {
  if (address.kind !== 'sqlite' || existsSync(address.path)) return
  const problem = `DATABASE_URL: there is not yet a database at ${address.path}.`
  throw new Error(`${problem} Run it in the folder of the server, or set DATABASE_URL.`)
}

/** Nor a secret that opens nothing of that database. @throws Error */
async function requireSecret(): Promise<void> {
  const { SECRET_PATH } = await import('../config/development-secret.ts')
  if (existsSync(SECRET_PATH)) return
  const problem = `SECRET: it is not set, and there is no file ${SECRET_PATH} here.`
  throw new Error(`${problem} Run it in the folder of the server, or set SECRET or SECRET_FILE.`)
}

/** The same with settings that were read before. */
export async function withServicesOf<Value>(
  config: Config,
  io: Io,
  work: (services: Services) => Promise<Value>,
): Promise<Value> {
  const { developmentSecret, SECRET_PATH } = await import('../config/development-secret.ts')
  const masterSecrets = config.secrets ?? [await developmentSecret(SECRET_PATH)]
  const { openLatchkey } = await import('../server.ts')
  const logStream = { write: (line: string) => io.err(line) }
  const latchkey = await openLatchkey({ config, masterSecrets, logStream, servesRequests: false })
  try {
    return await work(latchkey.services)
  } finally {
    await latchkey.close()
  }
}
