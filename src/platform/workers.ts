import type { Serializable } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { countForWorkers } from './budgets-workers.ts'
import { systemClock } from './clock.ts'
import type { Log } from './log.ts'
import { type Ask, answerCalls } from './process-calls.ts'

/** The pause before a worker that died is replaced doubles from the one to the other, in ms. */
const SHORTEST_PAUSE = 100
const LONGEST_PAUSE = 30_000
/** A worker that lived so long has not failed by starting, in milliseconds. */
const STEADY_AFTER = 60_000

type Member = { worker: Worker; ask: Ask; isServing: boolean }
type Needs = {
  /** How many, 2 or more. */
  count: number
  /** The file that each worker runs. */
  program: string
  log: Log
}

/** Workers that share one port; whichever dies is replaced. */
export function createWorkers({ count, program, log }: Needs) {
  const members = new Set<Member>()
  const counters = countForWorkers(systemClock)
  let isStopping = false
  cluster.setupPrimary({ exec: program })

  function add(): Member {
    const worker = cluster.fork()
    const gather = ({ name, payload }: { name: string; payload: Serializable }) => {
      const others = [...members].filter((one) => one !== member)
      return Promise.all(others.map((one) => toldOrAsked(one, name, payload)))
    }
    const ask = answerCalls(worker, { ...counters, gather })
    const member: Member = { worker, ask, isServing: false }
    members.add(member)
    worker.once('listening', () => {
      member.isServing = true
    })
    worker.once('exit', () => members.delete(member))
    // What cannot be sent is answered by nobody, and whoever asked stops waiting.
    worker.on('error', () => undefined)
    return member
  }

  /** Replaces the member when it dies, after a pause that grows while its successors die soon. */
  function replaceAfter({ worker }: Member, failures: number): void {
    const startedAt = performance.now()
    worker.once('exit', (code, signal) => {
      if (isStopping) return
      const before = performance.now() - startedAt < STEADY_AFTER ? failures : 0
      const pauseMs = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** before)
      const facts = { worker: worker.process.pid, code, signal, pauseMs }
      log.error(facts, 'a worker ended, and another one takes its place')
      setTimeout(() => {
        if (!isStopping) replaceAfter(add(), before + 1)
      }, pauseMs)
    })
  }

  /**
   * Starts the first worker alone: it finds out whether settings, database and port are good,
   * migrates, and makes the first key. The others follow once it listens.
   * @returns the exit code of the first one when it ended before, having said why; else undefined
   */
  async function start(): Promise<number | undefined> {
    const first = add()
    const code = await endBeforeListening(first)
    if (code !== undefined) return code
    replaceAfter(first, 0)
    for (let number = 2; number <= count; number++) replaceAfter(add(), 0)
    return undefined
  }

  /** Lets all workers answer what is under way. @returns whether all ended in good order */
  async function stop(): Promise<boolean> {
    isStopping = true
    const codes = await Promise.all([...members].map(end))
    return codes.every((code) => code === 0)
  }

  return { start, stop }
}

/** One that still starts may hear it, and nobody waits for it. */
function toldOrAsked({ ask, isServing }: Member, name: string, payload: Serializable) {
  const answer = ask(name, payload)
  return isServing ? answer : undefined
}

/** The exit code of a worker that ends before it listens, 1 after a signal. */
function endBeforeListening({ worker }: Member): Promise<number | undefined> {
  return new Promise((resolve) => {
    worker.once('listening', () => resolve(undefined))
    worker.once('exit', (code) => resolve(code ?? 1))
  })
}

/** One that does not serve yet has nothing to finish. */
async function end({ worker, ask, isServing }: Member): Promise<number> {
  const ended = once(worker, 'exit')
  if (isServing) void ask('stop')
  else worker.process.kill('SIGKILL')
  const [code] = await ended
  return isServing ? code : 0
}
