import { forgetClosedTerminals, openOutput, tellOperator } from './standard-streams.ts'

/** Bytes buffered for a slow reader: some 4,000 requests. */
const ROOM = 1024 * 1024
/** A pipe takes this much whole or not at all (PIPE_BUF), so lines of workers do not mix. */
const PIECE = 4096
/** Pauses before a retry: for a slow reader, and for a broken destination. */
const SLOW_PAUSE_MS = 10
const BROKEN_PAUSE_MS = 1000
/** How long the exit waits for a slow reader. */
const CLOSE_TIMEOUT_MS = 1000
const NOTHING = Buffer.alloc(0)

export type LogOutput = ReturnType<typeof standardOutput>

type Piece = { text: string; bytes: number }

/**
 * Buffers log lines and writes them once per event-loop tick: a write for each line took a quarter
 * of a small request. Never blocks; retries failed writes. Lines without room are dropped and
 * counted, as standard error tells.
 */
export function standardOutput() {
  const writeNow = openOutput()
  const pieces: Piece[] = []
  let rest: Buffer = NOTHING
  let held = 0
  let state: 'idle' | 'planned' | 'waiting' = 'idle'
  let dropped = 0
  /** Dropped lines before the present outage. */
  let droppedBefore: number | undefined

  function write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (held + bytes > ROOM && state !== 'waiting') drain()
    if (held + bytes > ROOM) drop()
    else hold(line, bytes)
    if (state !== 'idle') return
    state = 'planned'
    setImmediate(drainAsPlanned)
  }

  function hold(line: string, bytes: number): void {
    held += bytes
    const last = pieces.at(-1)
    if (last === undefined || last.bytes + bytes > PIECE) {
      pieces.push({ text: line, bytes })
      return
    }
    last.text += line
    last.bytes += bytes
  }

  function drop(): void {
    startTrouble('its reader is too slow')
    dropped += 1
  }

  function drainAsPlanned(): void {
    if (state === 'planned') drain()
  }

  function drain(): void {
    const failure = writeAll()
    state = failure === undefined ? 'idle' : 'waiting'
    if (failure === undefined) endTrouble()
    else retryAfter(failure)
  }

  function retryAfter(failure: string): void {
    const isSlow = failure === 'EAGAIN'
    if (!isSlow) startTrouble(failure)
    setTimeout(drain, isSlow ? SLOW_PAUSE_MS : BROKEN_PAUSE_MS).unref()
  }

  /** @returns the error code, undefined when all is written */
  function writeAll(): string | undefined {
    try {
      for (let bytes = next(); bytes.length > 0; bytes = next()) {
        const written = writeNow(bytes)
        if (written === 0) return 'EAGAIN'
        held -= written
        rest = bytes.subarray(written)
      }
      return undefined
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code)
    }
  }

  function next(): Buffer {
    if (rest.length === 0) rest = Buffer.from(pieces.shift()?.text ?? '')
    return rest
  }

  function startTrouble(why: string): void {
    if (droppedBefore !== undefined) return
    droppedBefore = dropped
    tellOperator(`Latchkey: the log cannot be written (${why}); lines without room are dropped.`)
  }

  function endTrouble(): void {
    if (droppedBefore === undefined) return
    tellOperator(`Latchkey: the log is written again; lines dropped: ${dropped - droppedBefore}.`)
    droppedBefore = undefined
  }

  process.once('exit', () => {
    const deadline = performance.now() + CLOSE_TIMEOUT_MS
    while (writeAll() === 'EAGAIN' && performance.now() < deadline) pause(SLOW_PAUSE_MS)
    const lost = linesIn(rest.toString() + pieces.map(({ text }) => text).join(''))
    if (lost > 0) tellOperator(`Latchkey: the log ends without its last lines: ${lost}.`)
    forgetClosedTerminals()
  })

  return { write, droppedLines: () => dropped }
}

const linesIn = (text: string) => text.split('\n').length - 1

/** Blocks the process, at exit. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
