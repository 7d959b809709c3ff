import { clockAhead, clockBehind } from './clock.ts'
import { killedDatabase, movedDatabase, silentDatabase, stoppedDatabase } from './database.ts'
import type { Fault } from './fault.ts'
import { discardedKeys, newSecret, nextKey } from './keys.ts'
import { migration } from './migration.ts'
import { lostRedis } from './redis.ts'
import { killedServer, pausedServer, rollingRestart } from './servers.ts'

/** All of them, in the order in which a run has them. */
export const FAULTS: readonly Fault[] = [
  ...[killedServer, rollingRestart, pausedServer],
  ...[stoppedDatabase, killedDatabase, silentDatabase, movedDatabase],
  lostRedis,
  ...[discardedKeys, nextKey, newSecret, migration],
  ...[clockAhead, clockBehind],
]
