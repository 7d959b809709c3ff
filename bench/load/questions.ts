// What the process that makes the load is asked, and what it answers.
import type { Operation } from './target.ts'

/** Connections of a closed loop, each with one request at a time. */
export const CONNECTIONS: Record<Operation, number> = { verify: 50, me: 50, login: 8, refresh: 16 }

/** Registers so many people, and one more for each chain of refreshes; keeps a session of each. */
export type Settle = {
  kind: 'settle'
  people: number
  /** What their names begin with. */
  prefix: string
}

/** As many requests as the server answers: each connection sends the next one after its answer. */
export type Closed = {
  kind: 'closed'
  operation: Operation
  connections: number
  warmUpMs: number
  ms: number
}
export type ClosedFigures = {
  /** Answers in each second after the warm-up. */
  perSecond: number
  /** All answers, the warm-up's too. */
  answers: number
  /** Processor time of the load itself, for all answers. */
  cpuSeconds: number
}

/** So many requests, however long they take. */
export type Counted = { kind: 'counted'; operation: Operation; requests: number }
export type CountedFigures = { answers: number }

/** What a service does in an hour, in less time. */
export type Mixed = { kind: 'mixed'; perSecond: number; ms: number }
export type MixedFigures = { p99: number }

export type Question = Settle | Closed | Counted | Mixed
export type AnswerTo<Q> = Q extends Closed
  ? ClosedFigures
  : Q extends Counted
    ? CountedFigures
    : Q extends Mixed
      ? MixedFigures
      : { people: number }

/** The target by its name, and where its server listens. */
export type Message = { name: string; port: number; question: Question }
