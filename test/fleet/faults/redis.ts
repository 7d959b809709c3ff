import type { Fault } from './fault.ts'

export const lostRedis: Fault = {
  name: 'lost-redis',
  what: 'Redis is killed, and started after 10 s',
  isInShort: true,
  begin: ({ redis }) => redis.kill(),
  lastsMs: ({ isShort }) => (isShort ? 3000 : 10_000),
  end: ({ redis }) => redis.start(),
}
