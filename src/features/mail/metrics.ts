import { lookOnce } from '../../platform/look-once.ts'
import type { Metric } from '../../platform/metrics.ts'
import type { Mail } from './service.ts'

/** The outbox, which all servers share, and what this process did with it. */
export function mailMetrics(figures: Mail['figures']): Metric[] {
  const look = lookOnce(figures)
  return [
    {
      name: 'latchkey_mails_waiting',
      help: 'Mails in the outbox of all servers.',
      kind: 'shared',
      read: async () => (await look()).waiting,
    },
    {
      name: 'latchkey_mail_oldest_seconds',
      help: 'How long the oldest mail in the outbox has waited.',
      kind: 'shared',
      read: async () => (await look()).oldestSeconds,
    },
    {
      name: 'latchkey_mails_sent_total',
      help: 'Mails that the relay has taken.',
      kind: 'counter',
      read: async () => (await look()).sent,
    },
    {
      name: 'latchkey_mails_failed_total',
      help: 'Mails that were given up: refused, or expired before the relay took them.',
      kind: 'counter',
      read: async () => (await look()).failed,
    },
    {
      name: 'latchkey_mails_dropped_total',
      help: 'Mails that were not written, since the outbox was full.',
      kind: 'counter',
      read: async () => (await look()).dropped,
    },
  ]
}
