import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import { aroundStatements } from '../adapter-calls.ts'
import { condemnsConnection } from '../errors.ts'

type Pool = Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw' | 'startTransaction' | 'dispose'>

type Dependencies = {
  open: () => Promise<Pool>
  /** Pings on a new connection. @throws without an answer */
  ask: () => Promise<void>
}

type Generation = { since: number; opening: Promise<Pool>; open: Pool | undefined }
type Call = { since: number; giveUp: () => void }

// Together below 2 s, when a request should get its 503.
const lookEveryMs = 200
const patienceMs = 600
const askMs = 800

/** Pause between pings while the server is away, and shortest life of a pool. */
const askAgainMs = 250
const poolLifeMs = 1000

/**
 * A connection pool, replaced when its server is read-only or shuts down, so that the next
 * statement finds the new writer. Refuses all at once while pings get no answer (circuit breaker).
 */
export function createServerWatch({ open, ask }: Dependencies) {
  const calls = new Set<Call>()
  let pool: Generation | undefined
  let timer: NodeJS.Timeout | undefined
  let isAway = false
  let isClosed = false

  function current(): Generation {
    if (pool) return pool
    const made: Generation = { since: performance.now(), opening: open(), open: undefined }
    made.opening.then(
      (opened) => {
        made.open = opened
      },
      () => discard(made),
    )
    pool = made
    return made
  }

  function discard(used: Generation | undefined): void {
    if (used === undefined || pool !== used) return
    pool = undefined
    // The old pool ends once its transactions have ended.
    used.opening.then((old) => old.dispose()).catch(() => undefined)
  }

  /** Runs one statement; an open pool directly, for speed. */
  function onPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    if (isAway || isClosed) return Promise.reject(serverIsAway())
    if (pool?.open) return watched(pool, work(pool.open))
    const used = current()
    return watched(used, used.opening.then(work))
  }

  function refuseWhileAway(): void {
    if (isAway || isClosed) throw serverIsAway()
  }

  /** Waits for a call while the server is there. `late` gets a later result. */
  function watched<T>(used: Generation, work: Promise<T>, late?: (result: T) => unknown) {
    return new Promise<T>((resolve, reject) => {
      const call = { since: performance.now(), giveUp: () => reject(serverIsAway()) }
      calls.add(call)
      timer ??= setTimeout(look, lookEveryMs).unref()
      work.then(
        (result) => (calls.delete(call) ? resolve(result) : late?.(result)),
        (error) => {
          calls.delete(call)
          const isOld = performance.now() - used.since >= poolLifeMs
          if (isOld && condemnsConnection(error)) discard(used)
          reject(error)
        },
      )
    })
  }

  async function look(): Promise<void> {
    const [oldest] = calls
    const isSuspicious = oldest && performance.now() - oldest.since >= patienceMs
    if (isSuspicious && !(await answers())) await untilBack()
    timer = calls.size > 0 && !isClosed ? setTimeout(look, lookEveryMs).unref() : undefined
  }

  async function untilBack(): Promise<void> {
    isAway = true
    discard(pool)
    for (const { giveUp } of calls) giveUp()
    calls.clear()
    do await sleep(askAgainMs, undefined, { ref: false })
    while (!isClosed && !(await answers()))
    isAway = false
  }

  async function startTransaction(...level: Parameters<Pool['startTransaction']>) {
    refuseWhileAway()
    const used = current()
    const begun = used.opening.then((opened) => opened.startTransaction(...level))
    const undo = (late: Transaction) => late.rollback().catch(() => undefined)
    return watchTransaction(used, await watched(used, begun, undo))
  }

  function watchTransaction(used: Generation, transaction: Transaction): Transaction {
    const commit = transaction.commit.bind(transaction)
    const rollback = transaction.rollback.bind(transaction)
    // Always sent, since it frees the connection; nobody waits while the server is away.
    const end = async (sent: Promise<void>) => {
      if (!isAway) return watched(used, sent)
      sent.catch(() => undefined)
      throw serverIsAway()
    }
    // An end between PREPARE and EXECUTE would let EXECUTE commit by itself.
    let sent: Promise<unknown> = Promise.resolve()
    const statements = aroundStatements(transaction, async (call) => {
      refuseWhileAway()
      const statement = call()
      sent = Promise.allSettled([sent, statement])
      return watched(used, statement)
    })
    return Object.assign(statements, {
      commit: () => end(sent.then(commit)),
      rollback: () => end(sent.then(rollback)),
    })
  }

  /** Whether the server answers in time, pauses of this process not counted. */
  async function answers(): Promise<boolean> {
    const asked = ask().then(
      () => true,
      () => false,
    )
    return Promise.race([asked, tooLong()])
  }

  return {
    queryRaw: (query: Parameters<Pool['queryRaw']>[0]) =>
      onPool((opened) => opened.queryRaw(query)),
    executeRaw: (query: Parameters<Pool['executeRaw']>[0]) =>
      onPool((opened) => opened.executeRaw(query)),
    startTransaction,
    renew: () => discard(pool),
    async dispose(): Promise<void> {
      isClosed = true
      clearTimeout(timer)
      await pool?.opening.then((opened) => opened.dispose())
    },
  }
}

async function tooLong(): Promise<false> {
  for (let waited = 0; waited < askMs; waited += lookEveryMs) {
    await sleep(lookEveryMs, undefined, { ref: false })
    await turn()
  }
  return false
}

function serverIsAway(): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'ConnectionClosed',
    originalMessage: 'The database does not answer.',
  })
}
