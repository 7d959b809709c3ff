import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { scratchDirectory } from './databases.ts'
import { buildOnce, ROOT, SETTINGS } from './process.ts'

/** Starts the program with its standard output and standard error at the broken place. */
export type Broken = (t: TestContext, env: Record<string, string>) => Started

export type Started = {
  /** Breaks the place for good, where it was whole until then. */
  breakNow: () => void
  /** The process id of the server itself. */
  pid: () => number | undefined
  child: ChildProcess
}

const PROGRAM = join(ROOT, 'dist/main.js')
const nothing = () => undefined

/** The ways in which the log can have no reader. */
export const PLACES: Record<string, Broken> = {
  'a pipe whose reader stops reading': (t, env) => {
    const { reader, writer } = pipe(t)
    const started = start(t, { env, stdio: ['ignore', writer, writer], after: [reader, writer] })
    return { ...started, breakNow: nothing }
  },
  'a pipe whose reader goes away': (t, env) => {
    const { reader, writer } = pipe(t)
    const started = start(t, { env, stdio: ['ignore', writer, writer], after: [writer] })
    return { ...started, breakNow: () => closeSync(reader) }
  },
  'a socket whose reader stops reading': (t, env) => {
    const started = start(t, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    return { ...started, breakNow: nothing }
  },
  'a socket whose reader goes away': (t, env) => {
    const started = start(t, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const breakNow = () => {
      started.child.stdout?.destroy()
      started.child.stderr?.destroy()
    }
    return { ...started, breakNow }
  },
  'a full disk': (t, env) => {
    const full = openSync('/dev/full', 'w')
    const started = start(t, { env, stdio: ['ignore', full, full], after: [full] })
    return { ...started, breakNow: nothing }
  },
  'a closed descriptor': (t, env) => {
    const started = start(t, { env, stdio: 'ignore', shell: `exec "$0" "$1" >&- 2>&-` })
    return { ...started, breakNow: nothing }
  },
  'a terminal that shows nothing more': (t, env) => {
    const terminal = startInTerminal(t, env)
    return { ...terminal, breakNow: () => void terminal.child.kill('SIGSTOP') }
  },
  'a terminal that is closed': (t, env) => {
    const terminal = startInTerminal(t, env)
    return { ...terminal, breakNow: () => void terminal.child.kill('SIGKILL') }
  },
}

type Options = {
  env: Record<string, string>
  stdio: StdioOptions
  /** Descriptors that are closed with the test. */
  after?: number[]
  /** A command of the shell, `$0` being Node.js and `$1` the program. */
  shell?: string
}

function start(t: TestContext, { env, stdio, after = [], shell }: Options) {
  buildOnce()
  const words = shell === undefined ? [PROGRAM] : ['-c', shell, process.execPath, PROGRAM]
  const child = spawn(shell === undefined ? process.execPath : 'sh', words, {
    cwd: scratchDirectory(t),
    env: { PATH: process.env.PATH, ...SETTINGS, ...env },
    stdio,
  })
  t.after(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    for (const descriptor of after) closeSync(descriptor)
  })
  return { child, pid: () => child.pid }
}

/**
 * A terminal of its own by the tool `script`. The server is in another session than it, as behind
 * `nohup`: it hears nothing when the terminal closes.
 */
function startInTerminal(t: TestContext, env: Record<string, string>) {
  buildOnce()
  const cwd = scratchDirectory(t)
  const noted = join(cwd, 'pid')
  const command = `setsid sh -c 'echo $$ > pid; exec "${process.execPath}" "${PROGRAM}"' & sleep 600`
  const child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, SHELL: '/bin/sh', ...SETTINGS, ...env },
    stdio: 'ignore',
  })
  const pid = () =>
    existsSync(noted) ? Number(readFileSync(noted, 'utf8')) || undefined : undefined
  t.after(() => {
    child.kill('SIGKILL')
    const own = pid()
    if (own !== undefined && isRunning(own)) process.kill(own, 'SIGKILL')
  })
  return { child, pid }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Both ends of a pipe of the system; those that Node.js makes for a child are sockets. */
function pipe(t: TestContext): { reader: number; writer: number } {
  const path = join(scratchDirectory(t), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { reader, writer: openSync(path, constants.O_WRONLY) }
}
