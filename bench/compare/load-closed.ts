import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, openConnection } from './connection.ts'
import type { Closed, ClosedFigures, Errors } from './load-questions.ts'
import type { Source } from './load-sources.ts'

/** After a failure, so that a server that is gone is not asked a million times. */
const FAILURE_PAUSE_MS = 20

/** Keeps the connections busy for the time, and lets each get its last answer. */
export async function runClosed(
  port: number,
  source: Source,
  errors: Errors,
  { connections, warmUpMs, ms }: Closed,
): Promise<ClosedFigures> {
  const cpu = process.cpuUsage()
  const begin = performance.now() + warmUpMs
  const end = begin + ms
  let answers = 0
  let counted = 0

  async function work(connection: Connection, place: number): Promise<void> {
    for (let now = 0; now < end; ) {
      const isGood = await source(connection, place)
      now = performance.now()
      answers += 1
      if (isGood && now >= begin && now < end) counted += 1
      if (!isGood) await pause(FAILURE_PAUSE_MS)
    }
    connection.close()
  }

  const places = Array.from({ length: connections }, (_, place) => place)
  await Promise.all(places.map((place) => work(openConnection(port), place)))
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: counted / (ms / 1000), answers, errors, cpuSeconds: (user + system) / 1e6 }
}
