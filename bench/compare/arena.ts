import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Synchronous } from './contender.ts'
import type { Leavings } from './leavings.ts'
import type { Load, LoadProcess } from './load-helper.ts'
import type { Kind } from './results.ts'
import { type Server, startServer } from './server.ts'

/** Who takes part, before anything of it runs. */
export type Entrant = {
  contender: Contender
  kind: Kind
  synchronous: Synchronous
  /** What is asked of it here: not everything that it can do. */
  operations: readonly string[]
}

/** A server that runs, and what puts a load on it. */
export type Contestant = Entrant & { server: Server; load: Load; idleMb: number; startMs: number[] }

/** A server that is ready to be launched, as often as one likes, always with the same data. */
export type Prepared = Entrant & { launch: () => Promise<Server> }

/**
 * Gets a server ready in a folder of its own.
 * @throws Error with the reason when it cannot be had
 */
export async function prepare(entrant: Entrant, scratch: string, place: string): Promise<Prepared> {
  const { contender, synchronous } = entrant
  const folder = join(scratch, place)
  mkdirSync(folder)
  await contender.prepare(folder)
  const launch = () =>
    startServer((port) => contender.launch({ port, folder, synchronous }), contender.readyPath)
  return { ...entrant, launch }
}

/** Launches a server for good and gives it its load. @param startMs its starts so far */
export async function enter(
  prepared: Prepared,
  startMs: number[],
  { loads, leavings }: { loads: LoadProcess; leavings: Leavings },
): Promise<Contestant> {
  const server = await prepared.launch()
  leavings.add(server.stop)
  const load = loads.on(prepared.contender.name, server.port)
  startMs.push(server.startMs)
  return { ...prepared, server, load, startMs, idleMb: Number.NaN }
}
