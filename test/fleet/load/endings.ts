import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetServer } from '../machines/server.ts'
import { openWire } from './exchange.ts'
import type { Journal } from './journal.ts'
import type { Starvation } from './starvation.ts'

const ASK_EVERY_MS = 100
const PROMISED_MS = 2000
/** A server that cannot know it is asked again when it can. */
const GIVE_UP_MS = 60_000

export type Endings = ReturnType<typeof createEndings>

/** Asks every server about tokens that have ended, until it refuses them. */
export function createEndings(
  servers: readonly FleetServer[],
  journal: Journal,
  { slackMs }: Pick<Starvation, 'slackMs'>,
) {
  const wire = openWire('127.0.0.1')
  const open = new Set<Promise<void>>()

  /** From the moment in which a client hears that the token has ended. */
  function watch(access: string): void {
    for (const server of servers) {
      const watching = untilRefused(server, access).finally(() => open.delete(watching))
      open.add(watching)
    }
  }

  async function untilRefused(server: FleetServer, access: string): Promise<void> {
    const ms = await lifeOf(server, access)
    journal.lives.push({ at: performance.now(), ms })
    if (ms > PROMISED_MS + slackMs()) {
      journal.accuse(`an ended session lived ${Math.round(ms)} ms at ${server.name}`)
    }
  }

  /** How long a server that could know took the token. */
  async function lifeOf(server: FleetServer, access: string): Promise<number> {
    const endedAt = performance.now()
    let ms = 0
    while (performance.now() - endedAt < GIVE_UP_MS) {
      const askedAt = performance.now()
      const status = await verify(server, access)
      if (status === 401) return ms
      const from = Math.max(endedAt, server.seeingSince ?? Number.POSITIVE_INFINITY)
      if (status === 200) ms = Math.max(ms, askedAt - from)
      await sleep(ASK_EVERY_MS)
    }
    return ms
  }

  async function verify({ port }: FleetServer, access: string): Promise<number> {
    const headers = { authorization: `Bearer ${access}` }
    const { status } = await wire.exchange(port, { method: 'GET', path: '/verify', headers })
    return status
  }

  return { watch, settled: () => Promise.all(open), close: wire.close }
}
