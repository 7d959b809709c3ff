import { setTimeout as sleep } from 'node:timers/promises'
import { launch, type ServerProcess } from '../../support/process.ts'

const STARTS = 10
const RESTART_MS = 1000

type Environment = Record<string, string>

/** One server of the fleet: a process that always starts on the same port. */
export type FleetServer = {
  name: string
  port: number
  base: string
  /** Settings of the next start; faults change them. */
  env: Environment
  /** What is started next, instead of the program of this folder. */
  program: string[] | undefined
  /**
   * Since when it can know what the others know, by `performance.now()`: undefined while it is
   * down, paused or cut off from the database.
   */
  seeingSince: number | undefined
  start: () => Promise<void>
  /** In good order, or at once with SIGKILL. @returns the exit code, null after a signal */
  stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<number | null>
  pause: () => void
  resume: () => void
  /** What it printed, over all its lives. */
  output: () => string
}

type Options = { name: string; port: number; env: Environment }

/** Not yet started. */
export function createServer({ name, port, env }: Options): FleetServer {
  let running: ServerProcess | undefined
  let earlier = ''
  const signal = (which: NodeJS.Signals) => {
    if (running) process.kill(running.pid, which)
  }
  const server: FleetServer = {
    ...{ name, port, base: `http://127.0.0.1:${port}` },
    env: { ...env, PORT: String(port) },
    program: undefined,
    seeingSince: undefined,
    async start() {
      const { DATABASE_URL: url = '' } = server.env
      const program = server.program ? { program: server.program } : {}
      running = await launchAgain({ url, env: server.env, ...program })
      server.seeingSince = performance.now()
    },
    async stop(how) {
      server.seeingSince = undefined
      const ended = running
      const code = (await ended?.stop(how)) ?? null
      earlier += ended?.output() ?? ''
      running = undefined
      return code
    },
    pause() {
      server.seeingSince = undefined
      signal('SIGSTOP')
    },
    resume() {
      signal('SIGCONT')
      server.seeingSince = performance.now()
    },
    output: () => earlier + (running?.output() ?? ''),
  }
  return server
}

/** As systemd does: a start that found no database is repeated. */
async function launchAgain(options: Parameters<typeof launch>[0]): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options)
    } catch (error) {
      if (attempt === STARTS) throw error
      await sleep(RESTART_MS)
    }
  }
}
