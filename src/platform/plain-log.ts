import { hostname } from 'node:os'
import type { Log } from './log.ts'

const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity }

/** Lines like those of the server's own log, for a process that has no server: the level and above. */
export function createPlainLog(level: keyof typeof LEVELS): Log {
  const writer = (own: 'info' | 'warn' | 'error') => (facts: object, msg: string) => {
    if (LEVELS[own] < LEVELS[level]) return
    const head = { level: LEVELS[own], time: Date.now(), pid: process.pid, hostname: hostname() }
    process.stdout.write(`${JSON.stringify({ ...head, ...facts, msg })}\n`)
  }
  return { info: writer('info'), warn: writer('warn'), error: writer('error') }
}
