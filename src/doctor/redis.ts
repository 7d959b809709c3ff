import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import {
  createRedisClient,
  type RedisClient,
  RedisMisfit,
  requireFit,
} from '../platform/redis/client.ts'
import type { Finding } from './rules.ts'

type Told = Omit<Finding, 'rule'>

/** Looks at the Redis of the settings; changes nothing. */
export async function examineRedis(config: Config, patienceMs: number): Promise<Finding[]> {
  const { redis: address, database } = config
  if (address) {
    const client = await createRedisClient(address)
    client.on('error', () => undefined)
    try {
      return [{ rule: 'redis', ...(await told(client, patienceMs)) }]
    } finally {
      client.disconnect()
    }
  }
  // Only one machine can use a file.
  if (database.kind === 'sqlite') return []
  const text = 'Without REDIS_URL each server counts its rate limits alone.'
  const lines = ['With one server that is right; several allow several times as much.']
  return [{ rule: 'redis', verdict: 'note', text, lines }]
}

async function told(client: RedisClient, patienceMs: number): Promise<Told> {
  try {
    let failure: unknown
    const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
      throw new Error('no answer in time')
    })
    const connected = client.connect().catch((error) => {
      failure = error
    })
    await Promise.race([connected, late])
    await requireFit(client, failure)
    if (failure !== undefined) throw failure
    return policyOf(await Promise.race([client.info('memory'), late]))
  } catch (error) {
    if (error instanceof RedisMisfit) return { verdict: 'no', text: error.message, lines: [] }
    const lines = ['check REDIS_URL, its password and the firewall; each server counts alone']
    return { verdict: 'note', text: 'Redis does not answer.', lines }
  }
}

function policyOf(memory: string): Told {
  const policy = /maxmemory_policy:([\w-]+)/.exec(memory)?.[1] ?? 'noeviction'
  const isLimited = !/^maxmemory:0\r?$/m.test(memory)
  const text = `Redis answers (maxmemory-policy ${policy}).`
  if (policy === 'noeviction' || !isLimited) return { verdict: 'ok', text, lines: [] }
  const lines = ['When it is full, it forgets who was refused; set maxmemory-policy noeviction']
  return { verdict: 'note', text, lines }
}
