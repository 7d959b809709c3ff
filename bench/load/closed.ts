import { type Connection, openConnection } from './connection.ts'
import type { Closed, ClosedFigures, Counted, CountedFigures } from './questions.ts'
import type { Source } from './sources.ts'

/**
 * Keeps the connections busy for the time, and lets each get its last answer.
 * @throws Error with the first answer that is no success
 */
export async function runClosed(
  port: number,
  source: Source,
  { connections, warmUpMs, ms }: Closed,
): Promise<ClosedFigures> {
  const cpu = process.cpuUsage()
  const begin = performance.now() + warmUpMs
  const end = begin + ms
  let answers = 0
  let counted = 0

  async function work(connection: Connection, slot: number): Promise<void> {
    for (let now = 0; now < end; ) {
      await source(connection, slot)
      now = performance.now()
      answers += 1
      if (now >= begin && now < end) counted += 1
    }
    connection.close()
  }

  const slots = Array.from({ length: connections }, (_, slot) => slot)
  await Promise.all(slots.map((slot) => work(openConnection(port), slot)))
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: counted / (ms / 1000), answers, cpuSeconds: (user + system) / 1e6 }
}

/** Few, since each count opens them. */
const COUNTED_CONNECTIONS = 8
/** For an answer under valgrind, on a busy machine. */
const SLOW_MS = 120_000

/** Sends so many requests. @throws Error with the first answer that is no success */
export async function runCounted(
  port: number,
  source: Source,
  { requests }: Counted,
): Promise<CountedFigures> {
  let sent = 0

  async function work(connection: Connection, slot: number): Promise<void> {
    while (sent++ < requests) await source(connection, slot)
    connection.close()
  }

  const slots = Array.from({ length: COUNTED_CONNECTIONS }, (_, slot) => slot)
  await Promise.all(slots.map((slot) => work(openConnection(port, SLOW_MS), slot)))
  return { answers: requests }
}
