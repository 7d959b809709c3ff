import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

const INPUT = 0
const OUTPUT = 1
const ERRORS = 2
type Stream = typeof OUTPUT | typeof ERRORS

/** @returns the bytes written @throws EAGAIN where it would block */
export type Write = (bytes: Buffer) => number

const WRITE_ONLY = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** Never blocks the process. */
export const openOutput = (): Write => withoutWaiting(OUTPUT)

/** Files have no such mode; the system buffers writes. */
function withoutWaiting(stream: Stream): Write {
  if (fstatSync(stream).isFile()) return (bytes) => writeSync(stream, bytes)
  try {
    // Opened again, since all processes share the mode of an inherited descriptor.
    const own = openSync(`/proc/self/fd/${stream}`, WRITE_ONLY)
    return (bytes) => writeSync(own, bytes)
  } catch {
    return withSharedMode(stream)
  }
}

type Handle = { setBlocking?: (isBlocking: boolean) => unknown }

/** For sockets, or without /proc: other processes may make it blocking, so set at each write. */
function withSharedMode(stream: Stream): Write {
  const { _handle: handle } = (stream === OUTPUT ? process.stdout : process.stderr) as {
    _handle?: Handle
  }
  return (bytes) => {
    handle?.setBlocking?.(false)
    return writeSync(stream, bytes)
  }
}

let writeError: Write | undefined

/** Writes a line to standard error if possible; never throws or blocks. */
export function tellOperator(line: string): void {
  try {
    writeError ??= withoutWaiting(ERRORS)
    writeError(Buffer.from(`${line}\n`))
  } catch {
    // Nobody can be told.
  }
}

const terminals = [INPUT, OUTPUT, ERRORS].filter((descriptor) => isatty(descriptor))

/** Before version 25, Node.js aborts at exit after a terminal closed (nodejs/node#51519). */
export function forgetClosedTerminals(): void {
  for (const terminal of terminals) if (!isatty(terminal)) closeSync(terminal)
}
