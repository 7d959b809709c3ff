import { once } from 'node:events'
import type { ProgressBar, Unit } from './progress.ts'

/** The terminal of an operator, or what stands for it in a test. */
export type Io = {
  env: NodeJS.ProcessEnv
  /** Waits for a reader who is slower. */
  out: (text: string) => void | Promise<void>
  err: (text: string) => void
  /** Asks a question and reads a line; undefined where nobody can answer. */
  ask?: ((question: string) => Promise<string>) | undefined
  /** The first line of standard input. */
  readLine?: (() => Promise<string>) | undefined
  /** Shows progress; undefined where nobody watches. */
  bar?: ((what: string, unit?: Unit) => Promise<ProgressBar>) | undefined
}

/** The streams of this process. */
export function terminal(env: NodeJS.ProcessEnv): Io {
  const isWatched = process.stderr.isTTY
  return {
    env,
    out: print,
    err: complain,
    readLine,
    ask: isWatched && process.stdin.isTTY ? ask : undefined,
    bar: isWatched ? openBar : undefined,
  }
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl+D and Ctrl+C answer nothing.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(question), closed])
  } finally {
    lines.close()
  }
}

async function readLine(): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) return line
  return ''
}

/** A reader who has seen enough ends the program, as `head` does. */
async function print(text: string): Promise<void> {
  if (!process.stdout.listeners('error').includes(endQuietly))
    process.stdout.on('error', endQuietly)
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}

/** Where nobody reads complaints, the work is done all the same. */
function complain(text: string): void {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore)
  process.stderr.write(text)
}

function ignore(): void {}

async function openBar(what: string, unit?: Unit): Promise<ProgressBar> {
  const { progressBar } = await import('./progress.ts')
  return progressBar(what, unit)
}
