import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { freshDatabase, startServer, testClock } from '../support/helper.ts'
import { newAdmin } from '../support/houses.ts'
import { withinTime } from '../support/within-time.ts'
import { OPENING, sequences } from './commands.ts'
import { compareRows } from './compare.ts'
import type { Subject } from './subject.ts'
import { emptyWorld } from './world.ts'

const RUNS = Number(process.env.MODEL_RUNS ?? 15)
const COMMANDS = Number(process.env.MODEL_COMMANDS ?? 80)
const TIME_LIMIT_MS = Number(process.env.MODEL_SECONDS ?? 60) * 1000
const { MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env

/**
 * A failure prints the shortest sequence that shows it, with its seed, path and replayPath:
 * `MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=…` runs it again.
 */
test('Sessions keep to the reference model through any requests, times and restarts', async (t) => {
  const seed = Number(MODEL_SEED ?? randomInt(2 ** 31))
  const clientsOf = await startSubject()
  let run = 0

  t.diagnostic(`seed ${seed}: ${RUNS} sequences of up to ${COMMANDS} commands`)
  await fc.assert(
    fc.asyncProperty(
      sequences(COMMANDS, MODEL_REPLAY),
      withinTime(TIME_LIMIT_MS, async (commands) => {
        const real = clientsOf(`r${(run++).toString(36)}`)
        const model = emptyWorld(real.server.clock())
        await fc.asyncModelRun(() => ({ model, real }), [...OPENING, ...commands])
        await compareRows(model, real)
      }),
    ),
    {
      numRuns: RUNS,
      seed,
      includeErrorInReport: true,
      ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
    },
  )

  /** One database and one clock for all sequences; names keep them apart. */
  async function startSubject(): Promise<(prefix: string) => Subject> {
    const url = await freshDatabase(t)
    const clock = testClock()
    // The reference knows no budgets, and all sequences come from one address.
    const env = { LOG_LEVEL: 'fatal', RATE_LIMITS: 'off' }
    const start = () => startServer(t, { url, clock, env })
    let server = await start()
    // The reference knows no last administrator.
    await newAdmin(server)
    return (prefix) => {
      const subject: Subject = {
        server,
        async restart() {
          await server.close()
          server = await start()
          subject.server = server
        },
        prefix,
        refreshTokens: [],
        accessTokens: [],
        sessions: [],
        userIds: [],
        dead: new Set(),
        branches: new Map(),
        faces: new Map(),
      }
      return subject
    }
  }
})
