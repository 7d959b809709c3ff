import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const START = fileURLToPath(new URL('../start.mjs', import.meta.url))
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

type Setting = {
  /** Where it runs, and keeps its data. */
  folder: string
  env: NodeJS.ProcessEnv
}

/** The API in a process of its own, as `npm start` starts it. */
export type Api = {
  /** Ends it, unless it has ended, and waits until it is gone. */
  stop: () => Promise<void>
  /** Resolves when it has ended. */
  ended: Promise<void>
}

/** Builds the server where it is not current, starts it, and waits until it listens. @throws Error */
export async function startApi({ folder, env }: Setting): Promise<Api> {
  // In a group of its own: Ctrl-C is for the example, which ends it in turn.
  const child = spawn(process.execPath, [START], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const killAtExit = () => void child.kill('SIGTERM')
  process.once('exit', killAtExit)
  void exited.then(() => process.off('exit', killAtExit))
  await listening(child, exited)
  return {
    ended: exited.then(() => undefined),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Shows what it prints, but for the line that says that it listens. */
function listening(child: ChildProcess, exited: Promise<unknown[]>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const text = chunk.toString()
      if (text.startsWith('Latchkey listens on ')) resolve()
      else process.stdout.write(text)
    })
    void exited.then(([code]) => reject(new Error(`The API ended with ${code}.`)))
  })
}

/** Runs a command for operators beside it, such as `user role grace admin`. @throws Error */
export async function runCli({ folder, env }: Setting, args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [CLI, ...args], { cwd: folder, env })
}
