import type { Log } from '../../platform/log.ts'

/** Degraded is what works with less than it should have, so that the server is still of use. */
export type Status = 'ok' | 'degraded' | 'failed'
/** The state of one dependency. The detail is for operators and public: no addresses, no secrets. */
export type CheckResult = { status: Status; detail?: string }
export type Checks = Record<string, () => Promise<CheckResult>>
export type Readiness = { status: Status; checks: Record<string, CheckResult> }

const LIMIT_MS = 2000
const worstFirst: Status[] = ['failed', 'degraded']

type Needs = { checks: Checks; log: Pick<Log, 'warn'>; limitMs?: number }

/**
 * Asks all dependencies at once, each for 2 s at most. Whoever asks while an answer is under way gets
 * that answer, so that nobody can load the database through it.
 */
export function createReadiness({ checks, log, limitMs = LIMIT_MS }: Needs) {
  let underWay: Promise<Readiness> | undefined

  function ready(): Promise<Readiness> {
    underWay ??= ask().finally(() => {
      underWay = undefined
    })
    return underWay
  }

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

  return { ready }
}
