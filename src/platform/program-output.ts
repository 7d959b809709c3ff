import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** Is told now and then how many bytes of how many are done; the total is a guess, or 0. */
export type Progress = (done: number, total: number) => void

/** Where a program is looked for, and what it may read. */
export type Surroundings = { env: NodeJS.ProcessEnv; progress: Progress }

type Task = Surroundings & { program: string; args: string[]; target: string; total: number }

const EVERY_MS = 200
const OWNER_ONLY = 0o600

/** For its owner alone. @throws Error when it exists */
export function openNewFile(path: string): number {
  return openSync(path, 'wx+', OWNER_ONLY)
}

/**
 * Runs a program whose standard output becomes a new file.
 * @returns its exit code, null after a signal, and what it wrote to standard error
 * @throws Error when the file exists, or the program cannot start
 */
export async function writeOutputOf({ program, args, target, total, progress, env }: Task) {
  const file = openNewFile(target)
  try {
    const child = spawn(program, args, { env, stdio: ['ignore', file, 'pipe'] })
    const ended = Promise.all([once(child, 'close'), text(child.stderr as Readable)])
    const tell = () => progress(fstatSync(file).size, total)
    const [[code], said] = await whileTold(ended, tell)
    return { code: code as number | null, said: said.trim() }
  } finally {
    closeSync(file)
  }
}

/** Calls a function now and then until the work ends. */
export async function whileTold<Value>(work: Promise<Value>, tell: () => void): Promise<Value> {
  const timer = setInterval(tell, EVERY_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
