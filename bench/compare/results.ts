// What a run has found: plain data, kept as JSON beside the page that is made from it.
import type { Operation, Synchronous } from './contender.ts'
import type { OpenFigures, Times } from './load-questions.ts'

export type Database = 'sqlite' | 'mysql'

/** One stretch of one round. Processor time is in milliseconds for each request; NaN is kept as null. */
export type Sample = {
  perSecond: number
  serverMs: number | null
  loadMs: number | null
  databaseMs: number | null
  errors: number
}

export type Kind = 'latchkey' | 'variant' | 'peer' | 'ceiling'

/** One line of a table: the samples of all rounds, in their order. */
export type Row = {
  name: string
  kind: Kind
  /** How a peer's database syncs its commits, where that matters for the operation. */
  synchronous?: Synchronous
  prisma?: boolean
  rotates?: boolean
  /** The npm package that a ceiling shows. */
  library?: string
  samples: Sample[]
}

export type Resources = {
  name: string
  kind: Kind
  notes: string
  startMs: number[]
  idleMb: number
  afterMb: number
}

/** Refreshes at half of the highest rate. */
export type Paced = { perSecond: number; rounds: Times[]; errors: number }

/** Others' requests, alone and beside more sign-ins than the machine can hash. */
export type Flooded = {
  rounds: { calm: OpenFigures['times']; stormy: OpenFigures['times'] }[]
  /** Answers to the sign-ins, by status. */
  signIns: Record<string, number>
  errors: number
}

export type Memory = {
  perSecond: number
  seconds: number
  idleMb: number
  /** Resident MiB once a second. */
  samplesMb: number[]
  /** Some seconds after the last request. */
  settledMb: number
  counts: Record<string, number>
  p99: number
  errors: number
}

export type Results = {
  database: Database
  /** The database by its own words, and how it syncs. */
  databaseVersion: string
  date: string
  machine: string
  isQuick: boolean
  rounds: number
  /** Load average of the last minute before the first round. */
  load: number
  /** Which library made Latchkey's hashes. */
  hashLibrary: string
  rates: Partial<Record<Operation, Row[]>>
  resources: Resources[]
  paced?: Paced
  flooded?: Flooded
  memory?: Memory
  /** Who could not take part, and why. */
  leftOut: { name: string; reason: string }[]
}
