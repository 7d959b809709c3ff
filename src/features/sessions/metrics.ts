import { lookOnce } from '../../platform/look-once.ts'
import type { Metric } from '../../platform/metrics.ts'
import type { Sessions } from './service.ts'

/** How old the number of live sessions may be: it needs a look at each of them. */
const KEEP_MS = 60_000

export function sessionMetrics({ countAllLive, refreshCounts }: Sessions): Metric[] {
  return [
    {
      name: 'latchkey_refreshes_total',
      help: 'Refreshes by result. `reused` means that a stolen token came back and ended its session.',
      kind: 'counter',
      label: 'result',
      read: refreshCounts,
    },
    {
      name: 'latchkey_live_sessions',
      help: 'Live sessions of everybody, at most a minute old.',
      kind: 'shared',
      read: lookOnce(countAllLive, { keepMs: KEEP_MS }),
    },
  ]
}
