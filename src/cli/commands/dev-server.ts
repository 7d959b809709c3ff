import { wholeNumber } from '../../config/readers.ts'
import { type Given, UsageError, type Word } from '../word.ts'

const LOOK_EVERY_MS = 500

const readPort = wholeNumber(0, 65_535)

/** What `latchkey/testing` starts, for tests in any language. */
export const devServer: Word = {
  usage: 'dev-server',
  about: 'start a server for tests, with an empty database, a clock that moves and a control port',
  options: {
    '--port <port>': 'where it listens; any free port if not given',
    '--control-port <port>': 'where tests control it (docs/testing.md); any free port if not given',
    '--database <url>': 'a DATABASE_URL to use; an empty SQLite file of its own if not given',
    '--with-parent': 'end with the program that starts it, even if that is killed',
  },
  examples: ['dev-server --port 3000 --control-port 3001', 'dev-server --json --with-parent'],
  run: async ({ io, options, isJson }) => {
    const { startDevServer } = await import('../../testing/dev-server.ts')
    const [port, controlPort] = [portOf(options, 'port'), portOf(options, 'controlPort')]
    const database = typeof options.database === 'string' ? options.database : undefined
    const { url, control, close } = await startDevServer({
      ...{ env: io.env, port, controlPort, database },
    })
    endWith(close, options.withParent === true)
    const line = `Latchkey for tests listens on ${url} · control on ${control}`
    await io.out(`${isJson ? JSON.stringify({ url, control }) : line}\n`)
    return undefined
  },
}

/** @throws UsageError */
function portOf(options: Given['options'], name: 'port' | 'controlPort'): number {
  try {
    return readPort(String(options[name] ?? '0'))
  } catch (error) {
    const flag = name === 'port' ? '--port' : '--control-port'
    throw new UsageError(`${flag}: ${(error as Error).message}`)
  }
}

/** With a signal, and with the test that has started it. */
function endWith(close: () => Promise<void>, isTied: boolean): void {
  let isEnding = false
  const end = () => {
    if (!isEnding) void close().finally(() => process.exit())
    isEnding = true
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  if (process.channel) process.once('disconnect', end)
  if (!isTied) return
  const parent = process.ppid
  setInterval(() => process.ppid === parent || end(), LOOK_EVERY_MS).unref()
}
