import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetServer } from '../machines/server.ts'
import { Lost } from './client.ts'
import { createEndings } from './endings.ts'
import type { Journal } from './journal.ts'
import { createPerson, type Person } from './person.ts'
import type { Starvation } from './starvation.ts'

export type Crowd = Awaited<ReturnType<typeof gatherCrowd>>

type Options = {
  port: number
  servers: readonly FleetServer[]
  journal: Journal
  starvation: Starvation
  people: number
  /** Requests of the whole crowd. */
  perSecond: number
}

/** People who use the service at the same time, each one request after the other. */
export async function gatherCrowd(options: Options) {
  const { port, servers, journal, people: size, perSecond } = options
  const endings = createEndings(servers, journal, options.starvation)
  const people = Array.from({ length: size }, (_, at) =>
    createPerson({ port, address: `127.1.0.${at + 1}`, journal, onEnded: endings.watch }),
  )
  await Promise.all(people.map((person) => person.register()))
  let isOn = false
  let loops: Promise<void>[] = []

  function start(): void {
    isOn = true
    loops = people.map(use)
  }

  async function use(person: Person): Promise<void> {
    const between = (size / perSecond) * 1000
    while (isOn) {
      await sleep(2 * between * Math.random())
      await person.act().catch(forgive)
    }
  }

  /** Each finishes what it has begun. */
  async function pause(): Promise<void> {
    isOn = false
    await Promise.all(loops)
  }

  /** Compares all that was acknowledged with what every server says. */
  async function readBack(): Promise<void> {
    await endings.settled()
    for (const person of people) {
      await person.refresh().catch(forgive)
      await Promise.all(servers.map((server) => person.readBack(server).catch(forgive)))
    }
  }

  function close(): void {
    endings.close()
    for (const person of people) person.close()
  }

  return { start, pause, readBack, close }
}

/** The journal has it already. */
function forgive(error: unknown): void {
  if (!(error instanceof Lost)) throw error
}
