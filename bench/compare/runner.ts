import { mkdirSync } from 'node:fs'
import type { Load, LoadProcess } from '../load/start.ts'
import type { Synchronous, Target } from '../load/target.ts'
import { type Server, startServer } from '../support/server.ts'
import type { Workspace } from '../support/workspace.ts'
import type { Kind } from './results.ts'

/** Who takes part, before anything of it runs. */
export type Competitor = {
  target: Target
  kind: Kind
  synchronous: Synchronous
  /** What is asked of it here: not everything that it can do. */
  operations: readonly string[]
}

/** A server that runs, and what puts a load on it. */
export type RunningTarget = Competitor & {
  server: Server
  load: Load
  idleMb: number
  startMs: number[]
}

/** A server that can be launched again and again, always with the same data. */
export type Prepared = Competitor & { launch: () => Promise<Server> }

/**
 * Gets a server ready in a folder of its own.
 * @throws Error with the reason when it cannot be had
 */
export async function prepare(competitor: Competitor, folder: string): Promise<Prepared> {
  const { target, synchronous } = competitor
  mkdirSync(folder)
  await target.prepare(folder)
  const launch = () =>
    startServer((port) => target.launch({ port, folder, synchronous }), target.readyPath)
  return { ...competitor, launch }
}

/** Launches a server to be measured and gives it its load. @param startMs its starts so far */
export async function enter(
  prepared: Prepared,
  startMs: number[],
  { loads, workspace }: { loads: LoadProcess; workspace: Workspace },
): Promise<RunningTarget> {
  const server = await prepared.launch()
  workspace.onClose(server.stop)
  const load = loads.on(prepared.target.name, server.port)
  startMs.push(server.startMs)
  return { ...prepared, server, load, startMs, idleMb: Number.NaN }
}
