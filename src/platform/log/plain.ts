import { hostname } from 'node:os'
import type { Log } from './log.ts'
import type { LogOutput } from './stdout.ts'

const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity }

/** Log lines like the server's, for the primary: pino would cost it 60 ms and 8 MB. */
export function createPlainLog(level: keyof typeof LEVELS, output: Pick<LogOutput, 'write'>): Log {
  const writer = (own: 'info' | 'warn' | 'error') => (facts: object, msg: string) => {
    if (LEVELS[own] < LEVELS[level]) return
    const head = { level: LEVELS[own], time: Date.now(), pid: process.pid, hostname: hostname() }
    output.write(`${JSON.stringify({ ...head, ...facts, msg })}\n`)
  }
  return { info: writer('info'), warn: writer('warn'), error: writer('error') }
}
