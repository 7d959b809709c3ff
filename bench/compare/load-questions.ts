// What the process that makes the load is asked, and what it answers.
import type { Operation } from './contender.ts'

/** Answers that were no success, by their status; 0 is a connection that failed. */
export type Errors = Record<string, number>

/** Registers so many people and keeps a session of each. */
export type Settle = {
  kind: 'settle'
  people: number
  /** What their names begin with. */
  prefix: string
  /** Whether chains of refreshes get sessions of their own, by signing in. */
  hasChains: boolean
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
  /** Successful answers in each second after the warm-up. */
  perSecond: number
  /** All answers, the warm-up's too. */
  answers: number
  errors: Errors
  /** Processor time of the load itself, for all answers. */
  cpuSeconds: number
}

/** So many requests in each second, whether the server keeps up or not. */
export type Open = { kind: 'open'; perSecond: Partial<Record<Operation, number>>; ms: number }
/** Milliseconds of each answer, from the moment when its request was due. */
export type Times = { count: number; p50: number; p99: number; max: number }
export type OpenFigures = { times: Partial<Record<Operation, Times>>; errors: Errors }

/** What a service does in an hour, in less time. */
export type Mixed = { kind: 'mixed'; perSecond: number; ms: number }
export type MixedFigures = { counts: Record<string, number>; errors: Errors; p99: number }

export type Question = Settle | Closed | Open | Mixed
export type AnswerTo<Q> = Q extends Closed
  ? ClosedFigures
  : Q extends Open
    ? OpenFigures
    : Q extends Mixed
      ? MixedFigures
      : { people: number }

/** Between the processes: which server is meant, and which answer belongs to which question. */
export type Message = { id: number; name: string; port: number; question: Question }
export type Reply = { id: number; answer?: object; error?: string }
