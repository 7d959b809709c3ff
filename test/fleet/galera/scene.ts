import type { Lifetime } from '../../support/lifetime.ts'
import type { Fault } from '../faults/fault.ts'
import type { Machines } from '../machines/fleet.ts'
import { galeraFaults } from './faults.ts'
import { startGalera } from './machine.ts'
import { runTrials, type Trials } from './trials.ts'

export type Scene = { machines: Machines; faults: readonly Fault[]; trials: Trials }

const WHOLE = { starts: 15, rounds: 500 }
const SHORT = { starts: 3, rounds: 60 }

/** A cluster that has passed its trials, for the servers of a fleet, and what happens to it. */
export async function galeraScene(life: Lifetime, isShort: boolean): Promise<Scene> {
  const { nodes, database } = await startGalera(life)
  const trials = await runTrials(life, nodes, isShort ? SHORT : WHOLE)
  console.log(`\n${trials.text}`)
  return { machines: { database: async () => database }, faults: galeraFaults(nodes), trials }
}
