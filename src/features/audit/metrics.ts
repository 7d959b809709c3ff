import type { AuditType } from '../../contract/audit-type.ts'
import type { Metric } from '../../platform/metrics.ts'
import type { Audit } from './service.ts'

/** The results of a sign-in, and the event of each. */
const SIGN_INS: Readonly<Record<string, AuditType>> = {
  succeeded: 'signed_in',
  failed: 'sign_in_failed',
  second_factor_failed: 'second_factor_failed',
}

/** Security events as this process has recorded them. */
export function auditMetrics({ counts, droppedEvents }: Audit): Metric[] {
  return [
    {
      name: 'latchkey_sign_ins_total',
      help: 'Sign-ins, and the wrong passwords and factors beside them.',
      kind: 'counter',
      label: 'result',
      read: () =>
        Object.fromEntries(
          Object.entries(SIGN_INS).map(([result, type]) => [result, counts().get(type) ?? 0]),
        ),
    },
    {
      name: 'latchkey_security_events_total',
      help: 'Security events by type (docs/audit.md).',
      kind: 'counter',
      label: 'type',
      read: () => Object.fromEntries(counts()),
    },
    {
      name: 'latchkey_audit_events_dropped_total',
      help: 'Security events that have a line in the log and no row in the database.',
      kind: 'counter',
      read: droppedEvents,
    },
  ]
}
