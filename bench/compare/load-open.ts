import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../figures.ts'
import { type Connection, openConnection } from './connection.ts'
import type { Times } from './load-questions.ts'
import type { Source } from './load-sources.ts'

type Rate = { perSecond: number; places: number; ms: number }

/**
 * Sends requests at fixed moments. One that finds every place taken waits for the next free one, and its
 * time counts from the moment when it was due: a server that stands still is seen by all who come
 * meanwhile.
 */
export async function runOpen(
  port: number,
  source: Source,
  { perSecond, places, ms }: Rate,
): Promise<Times> {
  const free = Array.from({ length: places }, (_, place) => ({
    place,
    connection: openConnection(port),
  }))
  const everybody = [...free]
  const due: number[] = []
  const times: number[] = []
  const running = new Set<Promise<void>>()

  async function serve(place: number, connection: Connection): Promise<void> {
    for (let since = due.shift(); since !== undefined; since = due.shift()) {
      await source(connection, place)
      times.push(performance.now() - since)
    }
    free.push({ place, connection })
  }

  function sendOut(): void {
    while (due.length > 0) {
      const idle = free.pop()
      if (!idle) return
      const served: Promise<void> = serve(idle.place, idle.connection).finally(() =>
        running.delete(served),
      )
      running.add(served)
    }
  }

  await atFixedMoments(perSecond, ms, (moment) => {
    due.push(moment)
    sendOut()
  })
  await Promise.all(running)
  for (const { connection } of everybody) connection.close()
  return timesOf(times)
}

/** Calls at each moment of a rate; several at once when this process was late. */
async function atFixedMoments(
  perSecond: number,
  ms: number,
  call: (moment: number) => void,
): Promise<void> {
  const begin = performance.now()
  const count = Math.floor((perSecond * ms) / 1000)
  for (let at = 0; at < count; ) {
    const now = performance.now()
    for (let moment = begin; at < count; at += 1) {
      moment = begin + (at * 1000) / perSecond
      if (moment > now) break
      call(moment)
    }
    await pause(1)
  }
}

/** How long answers took, in milliseconds. */
function timesOf(times: number[]): Times {
  return {
    count: times.length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    max: quantile(times, 1),
  }
}
