import { linearRegression } from 'simple-statistics'
import type { Operation } from '../load/target.ts'
import { type Spread, spreadOf } from '../support/statistics.ts'
import { bestPeerIn, latchkeyIn, ratioOf, upperBoundIn } from './read-results.ts'
import type { Memory, Results, Row } from './results.ts'

/** What Latchkey is to reach, and what it has reached; undefined when that was not measured. */
export type Goal = {
  what: string
  unit: '×' | 'ms' | 'MB' | '%'
  /** At least so much of a ratio, less than so much of anything else. */
  bound: number
  /** What it is compared with, where that is somebody. */
  against?: string | undefined
  measured: Spread | undefined
}

/** How much of its own mean the memory may grow in the second half of the mixed load. */
const FLAT_PERCENT = 5
const LAST_SAMPLES = 10

export function isMet({ unit, bound, measured }: Goal): boolean | undefined {
  if (!measured || Number.isNaN(measured.median)) return undefined
  return unit === '×' ? measured.median >= bound : measured.median < bound
}

/** All goals, by a run on SQLite; one that is not there has measured nothing. */
export function goalsOf(results: Results | undefined): Goal[] {
  return [...rateGoals(results), ...aloneGoals(results)]
}

type Rival = (results: Results, operation: Operation) => Row | undefined

const peer: Rival = (results, operation) => bestPeerIn(results, operation)
const peerAtFull: Rival = (results, operation) => bestPeerIn(results, operation, 'FULL')

function rateGoals(results: Results | undefined): Goal[] {
  const goal = (what: string, bound: number, operation: Operation, rival: Rival) =>
    ratioGoal(what, bound, results, operation, rival)
  return [
    goal('`GET /verify`, of bare Fastify', 0.8, 'verify', upperBoundIn),
    goal('`GET /verify`, of the best peer', 4, 'verify', peer),
    goal('`GET /me`, of the best peer', 2, 'me', peer),
    goal('sign-in, of the raw hash loop with the same library', 0.95, 'login', upperBoundIn),
    goal('sign-in, of the best peer', 1.8, 'login', peer),
    goal('refresh, of the best peer at FULL', 1.5, 'refresh', peerAtFull),
    goal('refresh, of the best peer at NORMAL', 1, 'refresh', peer),
  ]
}

function ratioGoal(
  what: string,
  bound: number,
  results: Results | undefined,
  operation: Operation,
  rival: Rival,
): Goal {
  const other = results && rival(results, operation)
  const measured = results && ratioOf(latchkeyIn(results, operation), other)
  return { what, unit: '×', bound, against: other?.name, measured }
}

function aloneGoals(results: Results | undefined): Goal[] {
  const { resources, memory } = results ?? {}
  const startMs = resources?.find(({ kind }) => kind === 'latchkey')?.startMs
  return [
    limit('start to first answer, existing database', 'ms', 1000, startMs),
    limit('memory, idle', 'MB', 150, memory && [memory.idleMb]),
    limit('memory at the end of the mixed load', 'MB', 230, memory?.samplesMb.slice(-LAST_SAMPLES)),
    limit('its growth in the second half', '%', FLAT_PERCENT, memory && [growthPercent(memory)]),
  ]
}

function limit(what: string, unit: Goal['unit'], bound: number, values?: number[]): Goal {
  return { what, unit, bound, measured: values && values.length > 0 ? spreadOf(values) : undefined }
}

/** How much the line through the second half rises from its beginning to its end. */
function growthPercent({ samplesMb }: Memory): number {
  const half = samplesMb.slice(Math.floor(samplesMb.length / 2))
  const mean = half.reduce((sum, value) => sum + value, 0) / half.length
  const { m: slope } = linearRegression(half.map((value, at) => [at, value]))
  return (slope * (half.length - 1) * 100) / mean
}
