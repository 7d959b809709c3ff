import { lookOnce } from '../../platform/look-once.ts'
import type { Metric } from '../../platform/metrics.ts'
import type { FailureStore } from './failure-store.ts'

const KEEP_MS = 60_000

export function lockoutMetrics({ countLocked }: FailureStore): Metric[] {
  return [
    {
      name: 'latchkey_locked_accounts',
      help: 'Accounts that unknown devices cannot sign in to after too many failures, at most a minute old.',
      kind: 'shared',
      read: lookOnce(countLocked, { keepMs: KEEP_MS }),
    },
  ]
}
