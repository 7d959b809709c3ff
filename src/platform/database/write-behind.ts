import { AsyncResource } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import { isUnavailable } from './errors.ts'

/** Waiting entries at most; more are dropped. */
const MAX_WAITING = 10_000
const BATCH = 50
/** Pause before a retry while the database is away. */
const PAUSE_MS = 1000
/** Between two batches, so that entries of a busy time share a transaction and a disk sync. */
const REST_MS = 50
/** How long a closing server waits for the database. */
const CLOSE_TIMEOUT_MS = 3000

type Dependencies<Entry> = {
  name: string
  /** Writes at once; after a failure it may get the same entries again. */
  write: (entries: readonly Entry[]) => Promise<unknown>
  log: Log
}

/**
 * Writes in the background, in order and in batches. While the database is away entries wait;
 * without room they are dropped and counted, and the log tells when that begins and ends.
 */
export function createWriteBehind<Entry>({ name, write, log }: Dependencies<Entry>) {
  let waiting: Entry[] = []
  let running: Promise<void> | undefined
  let dropped = 0
  /** Dropped ones before the present outage. */
  let droppedBefore: number | undefined
  let isAway = false
  const closing = new AbortController()
  /** Ends the rest at once. */
  let wake: (() => void) | undefined
  /** Who waits until everything is written. */
  let inHurry = 0

  function add(entry: Entry): void {
    if (waiting.length < MAX_WAITING) waiting.push(entry)
    else drop(`the ${name} find no room and are dropped`)
    running ??= start()
  }

  /** Bound to no request, since it writes the entries of all. */
  const start = AsyncResource.bind(run)

  async function run(): Promise<void> {
    // Entries of one tick are written together, after their responses.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      await writeNext()
      if (waiting.length < BATCH) await rest()
    }
    // Right after the last check, so that the next entry starts a new run.
    running = undefined
    endTrouble()
  }

  /** The first entry after a quiet time is written at once, and those behind it together. */
  async function rest(): Promise<void> {
    if (inHurry > 0) return
    await new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, REST_MS)
    })
  }

  async function writeNext(): Promise<void> {
    const batch = waiting.slice(0, BATCH)
    try {
      await write(batch)
      isAway = false
    } catch (error) {
      return isUnavailable(error) ? waitForDatabase(error) : writeEach(batch)
    }
    waiting = waiting.slice(batch.length)
  }

  /** Keeps a refused entry from taking others with it. */
  async function writeEach(batch: readonly Entry[]): Promise<void> {
    for (const entry of batch) {
      try {
        await write([entry])
      } catch (error) {
        if (isUnavailable(error)) return waitForDatabase(error)
        drop(`one of the ${name} could not be written`, error)
      }
      waiting = waiting.slice(1)
    }
  }

  /** Gives up only while the server closes. */
  async function waitForDatabase(error: unknown): Promise<void> {
    const { signal } = closing
    if (signal.aborted) return giveUp()
    if (!isAway)
      log.warn({ err: error }, `the database is not available; the ${name} wait in a queue`)
    isAway = true
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
  }

  function giveUp(): void {
    if (waiting.length === 0) return
    dropped += waiting.length
    log.error({ dropped: waiting.length }, `the last ${name} could not be written`)
    waiting = []
  }

  function drop(message: string, error?: unknown): void {
    dropped += 1
    if (droppedBefore !== undefined) return
    droppedBefore = dropped - 1
    log.error({ err: error }, message)
  }

  function endTrouble(): void {
    if (droppedBefore === undefined) return
    log.info(
      { dropped: dropped - droppedBefore },
      `the database is available again; the ${name} are being written`,
    )
    droppedBefore = undefined
  }

  async function written(): Promise<void> {
    inHurry += 1
    wake?.()
    while (running) await running
    inHurry -= 1
  }

  /** Writes what waits, for at most `CLOSE_TIMEOUT_MS`. */
  async function close(): Promise<void> {
    closing.abort()
    const isWritten = new AbortController()
    const { signal } = isWritten
    const tooLate = sleep(CLOSE_TIMEOUT_MS, undefined, { signal }).catch(() => undefined)
    await Promise.race([written(), tooLate])
    isWritten.abort()
    giveUp()
  }

  return { add, written, close, dropped: () => dropped }
}
