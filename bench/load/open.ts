import { atIntervals } from '../support/open-loop.ts'
import { openConnection } from './connection.ts'
import type { Source } from './sources.ts'

type Rate = { perSecond: number; slots: number; ms: number }

/**
 * Sends requests at fixed moments. One that finds every slot taken waits for the next free one, and its
 * time counts from the moment when it was due: all who come meanwhile see a server that stands still.
 * @returns milliseconds of each answer
 */
export async function runOpen(
  port: number,
  source: Source,
  { perSecond, slots, ms }: Rate,
): Promise<number[]> {
  const all = Array.from({ length: slots }, (_, slot) => ({
    slot,
    connection: openConnection(port),
  }))
  const free = [...all]
  const waiting: (() => void)[] = []
  const times = await atIntervals({ everyMs: 1000 / perSecond, ms }, async () => {
    while (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    const one = free.pop()
    if (!one) throw new Error('each waiter that is woken finds a free slot')
    await source(one.connection, one.slot)
    free.push(one)
    waiting.shift()?.()
  })
  for (const { connection } of all) connection.close()
  return times
}
