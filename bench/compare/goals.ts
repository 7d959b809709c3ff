import { linearRegression } from 'simple-statistics'
import type { Operation } from '../load/target.ts'
import { type Spread, spreadOf } from '../support/statistics.ts'
import { bestPeerIn, costRatioOf, latchkeyIn, ratioOf, upperBoundIn } from './read-results.ts'
import type { Memory, Results, Row } from './results.ts'

/** What Latchkey is to reach, and what it has reached; undefined when that was not measured. */
export type Goal = {
  what: string
  unit: '×' | 'ms' | 'MB' | '%'
  bound: number
  is: 'at least' | 'at most' | 'less than'
  /** What it is compared with, where that is somebody. */
  against?: string | undefined
  measured: Spread | undefined
}

/** How much of its own mean the memory may grow in the second half of the mixed load. */
const FLAT_PERCENT = 2
const LAST_SAMPLES = 10

export function isMet({ is, bound, measured }: Goal): boolean | undefined {
  if (!measured || Number.isNaN(measured.median)) return undefined
  if (is === 'at least') return measured.median >= bound
  return is === 'at most' ? measured.median <= bound : measured.median < bound
}

/** All goals, by a run on each database; one that is not there has measured nothing. */
export function goalsOf({ sqlite, mysql }: { sqlite?: Results; mysql?: Results }): Goal[] {
  return [
    costGoal(sqlite),
    ...rateGoals(sqlite),
    ratioGoal('refresh on MariaDB, of the bare driver', 0.45, mysql, 'refresh', upperBoundIn),
    ...aloneGoals(sqlite),
    ...instructionGoals(sqlite?.instructions),
  ]
}

/** Bounds that tell a request with more work than before: some percent above what was counted. */
const INSTRUCTION_BOUNDS: Record<Operation, number> = {
  verify: 1.2,
  me: 1.6,
  refresh: 4.9,
  login: 8,
}
export const OPERATION_NAMES: Record<Operation, string> = {
  verify: '`GET /verify`',
  me: '`GET /me`',
  refresh: 'a refresh',
  login: 'a sign-in without its hash',
}

/** The instructions of each operation in terms of what a bare request takes. */
export function instructionGoals(instructions: Results['instructions']): Goal[] {
  if (!instructions) return []
  const { bare, latchkey } = instructions
  return Object.entries(latchkey).map(([name, each]) => {
    const operation = name as Operation
    return {
      what: `instructions of ${OPERATION_NAMES[operation]}`,
      unit: '×',
      bound: INSTRUCTION_BOUNDS[operation],
      is: 'at most',
      against: 'bare Fastify',
      measured: spreadOf([each / bare]),
    }
  })
}

function costGoal(results: Results | undefined): Goal {
  const row = results && latchkeyIn(results, 'verify')
  const measured = row && costRatioOf(row, upperBoundIn(results, 'verify'))
  const what = 'processor time of `GET /verify`'
  return { what, unit: '×', bound: 1.4, is: 'at most', against: 'bare Fastify', measured }
}

type Rival = (results: Results, operation: Operation) => Row | undefined

const peer: Rival = (results, operation) => bestPeerIn(results, operation)
const peerAtFull: Rival = (results, operation) => bestPeerIn(results, operation, 'FULL')

function rateGoals(results: Results | undefined): Goal[] {
  const goal = (what: string, bound: number, operation: Operation, rival: Rival) =>
    ratioGoal(what, bound, results, operation, rival)
  return [
    goal('`GET /verify`, of bare Fastify', 0.75, 'verify', upperBoundIn),
    goal('`GET /verify`, of the best peer', 4, 'verify', peer),
    goal('`GET /me`, of the best peer', 2.2, 'me', peer),
    goal('sign-in, of the raw hash loop with the same library', 0.85, 'login', upperBoundIn),
    goal('sign-in, of the best peer', 1.7, 'login', peer),
    goal('refresh, of the best peer at FULL', 1.6, 'refresh', peerAtFull),
    goal('refresh, of the best peer at NORMAL', 0.9, 'refresh', peer),
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
  return { what, unit: '×', bound, is: 'at least', against: other?.name, measured }
}

function aloneGoals(results: Results | undefined): Goal[] {
  const { resources, memory } = results ?? {}
  const startMs = resources?.find(({ kind }) => kind === 'latchkey')?.startMs
  return [
    limit('start to first answer, existing database', 'ms', 800, startMs),
    limit('memory, idle', 'MB', 140, memory && [memory.idleMb]),
    limit('memory at the end of the mixed load', 'MB', 220, memory?.samplesMb.slice(-LAST_SAMPLES)),
    limit('its growth in the second half', '%', FLAT_PERCENT, memory && [growthPercent(memory)]),
  ]
}

function limit(what: string, unit: Goal['unit'], bound: number, values?: number[]): Goal {
  const measured = values && values.length > 0 ? spreadOf(values) : undefined
  return { what, unit, bound, is: 'less than', measured }
}

/** How much the line through the second half rises from its beginning to its end. */
function growthPercent({ samplesMb }: Memory): number {
  const half = samplesMb.slice(Math.floor(samplesMb.length / 2))
  const mean = half.reduce((sum, value) => sum + value, 0) / half.length
  const { m: slope } = linearRegression(half.map((value, at) => [at, value]))
  return (slope * (half.length - 1) * 100) / mean
}
