import type { Log } from '../../platform/log/log.ts'
import { lookOnce } from '../../platform/look-once.ts'
import type { CheckResult, Readiness, Status } from './schemas.ts'

export type Checks = Record<string, () => Promise<CheckResult>>

const LIMIT_MS = 2000
const worstFirst: Status[] = ['failed', 'degraded']

type Dependencies = { checks: Checks; log: Pick<Log, 'warn'>; limitMs?: number }

/**
 * Runs all checks at once, each for 2 s at most. Calls share the current run, so that
 * nobody can load the database through it.
 */
export function createReadiness({ checks, log, limitMs = LIMIT_MS }: Dependencies) {
  async function ask(): Promise<Readiness> {
    const asked = Object.entries(checks).map(async ([name, check]) => {
      return [name, await within(limitMs, name, check)] as const
    })
    const results = await Promise.all(asked)
    const found = new Set(results.map(([, { status }]) => status))
    const worst = worstFirst.find((status) => found.has(status)) ?? 'ok'
    return { status: worst, checks: Object.fromEntries(results) }
  }

  async function within(ms: number, name: string, check: Checks[string]): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<CheckResult>((resolve) => {
      const detail = `No answer within ${ms / 1000} s.`
      timer = setTimeout(() => resolve({ status: 'failed', detail }), ms)
    })
    try {
      return await Promise.race([check(), late])
    } catch (err) {
      log.warn({ err, check: name }, 'readiness check failed')
      return { status: 'failed', detail: 'The check failed; the log says why.' }
    } finally {
      clearTimeout(timer)
    }
  }

  return { ready: lookOnce(ask) }
}
