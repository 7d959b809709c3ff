import type { Environment } from '../config/config.ts'
import { examineDatabase } from './database.ts'
import { examineProviders, readable } from './providers.ts'
import { examineRedis } from './redis.ts'
import type { Finding } from './rules.ts'

const PATIENCE_MS = 5000

/**
 * Asks the database, Redis and the providers in the settings. With settings that stop the start,
 * nobody is asked.
 */
export async function examineServices(
  env: Environment,
  patienceMs = PATIENCE_MS,
): Promise<Finding[]> {
  const config = readable(env)
  if (!config) return []
  const found = await Promise.all([
    examineDatabase(config, patienceMs),
    examineRedis(config, patienceMs),
    examineProviders(env, patienceMs),
  ])
  return found.flat()
}
