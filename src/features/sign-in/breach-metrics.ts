import type { Metric } from '../../platform/metrics.ts'
import type { NewPasswords } from './new-passwords.ts'

/** What became of the looks at the list of breached passwords. */
export function breachMetrics(look: NewPasswords['breachChecks']): Metric[] {
  return [
    {
      name: 'latchkey_breach_checks_total',
      help: 'New passwords that were looked up among breached ones.',
      kind: 'counter',
      read: () => look().checked,
    },
    {
      name: 'latchkey_breach_checks_found_total',
      help: 'New passwords that were refused as breached.',
      kind: 'counter',
      read: () => look().found,
    },
    {
      name: 'latchkey_breach_checks_failed_total',
      help: 'New passwords that passed, since the list of breached ones did not answer.',
      kind: 'counter',
      read: () => look().failed,
    },
  ]
}
