// What a run has found: plain data, kept as JSON beside the page that is made from it.
import type { Operation, Synchronous } from '../load/target.ts'
import type { Databases } from '../support/databases.ts'

/** One stretch of one round. Processor time is in ms for each request; NaN becomes null. */
export type Sample = {
  perSecond: number
  serverMs: number | null
  loadMs: number | null
  databaseMs: number | null
}

export type Kind = 'latchkey' | 'peer' | 'upperBound'

/** One line of a table: the samples of all rounds, in their order. */
export type Row = {
  name: string
  kind: Kind
  /** How a peer's database syncs its commits, where that matters for the operation. */
  synchronous?: Synchronous
  rotates?: boolean
  /** The npm package that an upper bound shows. */
  library?: string
  samples: Sample[]
}

export type Resources = {
  name: string
  kind: Kind
  startMs: number[]
  idleMb: number
  afterMb: number
}

export type Memory = {
  perSecond: number
  seconds: number
  idleMb: number
  /** Resident MiB once a second. */
  samplesMb: number[]
  /** Some seconds after the last request. */
  settledMb: number
  p99: number
}

/** Instructions of one request. */
export type Instructions = {
  /** Of bare Fastify, for the answer that `GET /verify` gives. */
  bare: number
  latchkey: Partial<Record<Operation, number>>
}

export type Results = {
  database: Databases['kind']
  /** The database by its own words, and how it syncs. */
  databaseVersion: string
  date: string
  commit: string
  machine: string
  isQuick: boolean
  rounds: number
  /** Load average of the last minute before the first round. */
  load: number
  /** Which library made Latchkey's hashes. */
  hashLibrary: string
  rates: Partial<Record<Operation, Row[]>>
  resources: Resources[]
  memory?: Memory
  instructions?: Instructions | undefined
  /** Who could not take part, and why. */
  leftOut: { name: string; reason: string }[]
}
