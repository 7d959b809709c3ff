import type { Operation } from './contender.ts'
import { bestPeerIn, ceilingIn, latchkeyIn, ratioOf } from './read-results.ts'
import type { Memory, Results, Row } from './results.ts'
import { type Spread, slope, spreadOf } from './spread.ts'

/** What Latchkey is to reach, and what it has reached; undefined when that was not measured. */
export type Target = {
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

export function isMet({ unit, bound, measured }: Target): boolean | undefined {
  if (!measured || Number.isNaN(measured.median)) return undefined
  return unit === '×' ? measured.median >= bound : measured.median < bound
}

/** All targets; a run that is not there has measured nothing. */
export function targetsOf({ sqlite, mysql }: { sqlite?: Results; mysql?: Results }): Target[] {
  return [
    ...rateTargets(sqlite),
    ratioTarget('refresh on MariaDB, of the raw driver', 0.35, mysql, 'refresh', ceilingIn),
    ...aloneTargets(sqlite),
  ]
}

type Rival = (results: Results, operation: Operation) => Row | undefined

const peer: Rival = (results, operation) => bestPeerIn(results, operation)
const peerAtFull: Rival = (results, operation) =>
  bestPeerIn(results, operation, { synchronous: 'FULL' })
const prismaAtFull: Rival = (results, operation) =>
  bestPeerIn(results, operation, { synchronous: 'FULL', prisma: true })

function rateTargets(results: Results | undefined): Target[] {
  const target = (what: string, bound: number, operation: Operation, rival: Rival) =>
    ratioTarget(what, bound, results, operation, rival)
  return [
    target('`GET /verify`, of bare Fastify', 0.8, 'verify', ceilingIn),
    target('`GET /verify`, of the best peer', 4, 'verify', peer),
    target('`GET /me`, of the best peer', 2, 'me', peer),
    target('sign-in, of the raw hash loop with the same library', 0.95, 'login', ceilingIn),
    target('sign-in, of the best peer', 1.8, 'login', peer),
    target('refresh, of the best peer at FULL', 1.5, 'refresh', peerAtFull),
    target('refresh, of the best peer at NORMAL', 1, 'refresh', peer),
    target('refresh, of the best Prisma peer at FULL', 3, 'refresh', prismaAtFull),
  ]
}

function ratioTarget(
  what: string,
  bound: number,
  results: Results | undefined,
  operation: Operation,
  rival: Rival,
): Target {
  const other = results && rival(results, operation)
  const measured = results && ratioOf(latchkeyIn(results, operation), other)
  return { what, unit: '×', bound, against: other?.name, measured }
}

function aloneTargets(results: Results | undefined): Target[] {
  const { resources, paced, flooded, memory } = results ?? {}
  const startMs = resources?.find(({ kind }) => kind === 'latchkey')?.startMs
  const p99s = (operation: 'verify' | 'me') =>
    flooded?.rounds.map(({ stormy }) => stormy[operation]?.p99 ?? Number.NaN)
  return [
    limit('p99 of refresh at half of its highest rate', 'ms', 10, paced?.rounds.map(p99Of)),
    limit('p99 of `GET /verify` beside a flood of sign-ins', 'ms', 50, p99s('verify')),
    limit('p99 of `GET /me` beside a flood of sign-ins', 'ms', 50, p99s('me')),
    limit('start to first answer, existing database', 'ms', 1000, startMs),
    limit('memory, idle', 'MB', 150, memory && [memory.idleMb]),
    limit('memory at the end of the mixed load', 'MB', 230, memory?.samplesMb.slice(-LAST_SAMPLES)),
    limit('its growth in the second half', '%', FLAT_PERCENT, memory && [growthPercent(memory)]),
  ]
}

function limit(what: string, unit: Target['unit'], bound: number, values?: number[]): Target {
  return { what, unit, bound, measured: values && values.length > 0 ? spreadOf(values) : undefined }
}

function p99Of({ p99 }: { p99: number }): number {
  return p99
}

/** How much the line through the second half rises from its beginning to its end. */
function growthPercent({ samplesMb }: Memory): number {
  const half = samplesMb.slice(Math.floor(samplesMb.length / 2))
  const mean = half.reduce((sum, value) => sum + value, 0) / half.length
  return (slope(half) * (half.length - 1) * 100) / mean
}
