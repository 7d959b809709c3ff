import type { ProgressBar } from './progress.ts'

/** The terminal of an operator, or what stands for it in a test. */
export type Io = {
  env: NodeJS.ProcessEnv
  out: (text: string) => void
  err: (text: string) => void
  /** Asks a question and reads a line; undefined where nobody can answer. */
  ask?: ((question: string) => Promise<string>) | undefined
  /** Shows progress; undefined where nobody watches. */
  bar?: ((what: string) => Promise<ProgressBar>) | undefined
}

/** The streams of this process. */
export function terminal(env: NodeJS.ProcessEnv): Io {
  const isWatched = process.stderr.isTTY
  return {
    env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
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

async function openBar(what: string): Promise<ProgressBar> {
  const { progressBar } = await import('./progress.ts')
  return progressBar(what)
}
