import type { SignInFailures } from '../../generated/sqlite/client.ts'
import type { Texts } from '../../languages/en/texts.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ApiError } from '../../platform/errors/api-error.ts'
import { RateLimited } from '../../platform/errors/table.ts'
import type { Failure } from './count-failure.ts'

/** Failures in a row that lock a device, and for how long. */
const FAILURES_BEFORE_PAUSE = 10
const PAUSE_MS = 15 * 60_000
/** Lifetime of failures; those that lock an account for unknown devices do not expire. */
const KEEP_MS = 30 * 86_400_000
const KEEP_SHUT_MS = 10 * 365 * 86_400_000

export type Locks = ReturnType<typeof createLocks>
type Dependencies = {
  clock: Clock
  /** Failures in a row that lock an account for unknown devices. */
  failuresMax: number
}

/** When failures lock a device, and until when: the same for passwords and for codes of apps. */
export function createLocks({ clock, failuresMax }: Dependencies) {
  /** Whether a known device has its own count; after too many failures it shares the common one. */
  function isTrusted(rows: SignInFailures[], device: string | undefined): device is string {
    if (device === undefined) return false
    return (rows.find((row) => row.device === device)?.failures ?? 0) < failuresMax
  }

  function isLocked(row: SignInFailures | undefined): boolean {
    if (!row) return false
    return row.failures >= failuresMax || (row.lockedUntil?.getTime() ?? 0) > clock()
  }

  function failureOf(subject: string, device: string): Failure {
    const now = clock()
    return {
      ...{ subject, device, failuresMax },
      now: new Date(now),
      pauseAfter: FAILURES_BEFORE_PAUSE,
      pausedUntil: new Date(now + PAUSE_MS),
      keepUntil: new Date(now + KEEP_MS),
      keepShutUntil: new Date(now + KEEP_SHUT_MS),
    }
  }

  function isNewLock(row: SignInFailures, { pausedUntil }: Failure): boolean {
    return row.lockedUntil?.getTime() === pausedUntil.getTime() || row.failures === failuresMax
  }

  /** Says how long the lock lasts. @param tellOf says what was wrong, and what to do instead */
  function lockedError(
    row: SignInFailures | undefined,
    tellOf: (texts: Texts, waitSeconds: number | undefined) => string,
  ): ApiError {
    const [now, until] = [clock(), row?.lockedUntil?.getTime() ?? 0]
    const wait = Math.ceil((until > now ? until - now : PAUSE_MS) / 1000)
    const staysLocked = (row?.failures ?? 0) >= failuresMax
    return RateLimited({
      detail: (texts) => tellOf(texts, staysLocked ? undefined : wait),
      headers: { 'retry-after': String(wait) },
    })
  }

  return { isTrusted, isLocked, failureOf, isNewLock, lockedError }
}
