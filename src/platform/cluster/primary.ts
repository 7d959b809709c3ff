import type { Serializable } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { systemClock } from '../clock.ts'
import type { Log } from '../log/log.ts'
import { countForWorkers } from '../rate-limits/workers.ts'
import { type Call, createRpc } from './rpc.ts'

/** The pause before a dead worker is replaced doubles from one to the other. */
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000
/** A worker that lived this long has not failed by starting. */
const STEADY_AFTER_MS = 60_000
/** Shorter than the timeout of a broadcast, so that one hanging worker hides no answers. */
const CALL_TIMEOUT_MS = 500

type WorkerHandle = { worker: Worker; call: Call; isServing: boolean }
type Dependencies = {
  count: number
  program: string
  log: Log
  /** How long a worker may take to finish its requests. */
  closingMs: number
}

/** @param failures restarts in a row that failed by starting */
export function afterEnd(livedMs: number, failures: number) {
  const before = livedMs < STEADY_AFTER_MS ? failures : 0
  return {
    pauseMs: Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** before),
    inARow: before + 1,
  }
}

/** Primary of the cluster: its workers share one port, and those that die are replaced. */
export function createPrimary({ count, program, log, closingMs }: Dependencies) {
  const handles = new Set<WorkerHandle>()
  const counters = countForWorkers(systemClock)
  let isStopping = false
  cluster.setupPrimary({ exec: program })

  function add(): WorkerHandle {
    const worker = cluster.fork()
    const broadcast = ({ name, payload }: { name: string; payload: Serializable }) => {
      const others = [...handles].filter((one) => one !== handle)
      return Promise.all(others.map((one) => callOrNotify(one, name, payload)))
    }
    const serving = () => worker.emit('serving')
    const call = createRpc(worker, { ...counters, broadcast, serving }, CALL_TIMEOUT_MS)
    const handle: WorkerHandle = { worker, call, isServing: false }
    handles.add(handle)
    worker.once('serving', () => {
      handle.isServing = true
    })
    worker.once('exit', () => handles.delete(handle))
    // The call of a message that cannot be sent times out.
    worker.on('error', () => undefined)
    return handle
  }

  function replaceAfter({ worker }: WorkerHandle, failures: number): void {
    const startedAt = performance.now()
    worker.once('exit', (code, signal) => {
      if (isStopping) return
      const { pauseMs, inARow } = afterEnd(performance.now() - startedAt, failures)
      const facts = { worker: worker.process.pid, code, signal, pauseMs }
      log.error(facts, 'a worker exited; another one starts')
      setTimeout(() => {
        if (!isStopping) replaceAfter(add(), inARow)
      }, pauseMs)
    })
  }

  /**
   * Starts the first worker, which checks and migrates, then the others. @returns an exit code if
   * it ended before it served
   */
  async function start(): Promise<number | undefined> {
    const first = add()
    const code = await endBeforeServing(first)
    if (code !== undefined) return code
    replaceAfter(first, 0)
    for (let number = 2; number <= count; number++) replaceAfter(add(), 0)
    return undefined
  }

  async function stop(): Promise<boolean> {
    isStopping = true
    const codes = await Promise.all([...handles].map((one) => end(one, closingMs)))
    return codes.every((code) => code === 0)
  }

  return { start, stop }
}

/** Notifies workers that are still starting, without waiting for an answer. */
function callOrNotify({ call, isServing }: WorkerHandle, name: string, payload: Serializable) {
  const answer = call(name, payload)
  return isServing ? answer : undefined
}

function endBeforeServing({ worker }: WorkerHandle): Promise<number | undefined> {
  return new Promise((resolve) => {
    worker.once('serving', () => resolve(undefined))
    worker.once('exit', (code) => resolve(code ?? 1))
  })
}

/** Stops a worker; kills one that does not serve yet, or hangs. */
async function end({ worker, call, isServing }: WorkerHandle, closingMs: number): Promise<number> {
  const ended = once(worker, 'exit')
  const kill = () => worker.process.kill('SIGKILL')
  if (isServing) void call('stop')
  else kill()
  const timer = setTimeout(kill, closingMs)
  const [code] = await ended
  clearTimeout(timer)
  return isServing ? code : 0
}
