import { defineFeature } from '../feature.ts'
import { auditMetrics } from './metrics.ts'
import { COUNTING_INTERVAL_MS, createAudit } from './service.ts'

export const auditFeature = defineFeature({
  name: 'audit',
  open: ({ config, db, statements, dialect, secrets, cursors, clock, log }) => {
    const keepMs = config.audit.retentionSeconds * 1000
    const audit = createAudit({ db, statements, dialect, secrets, cursors, clock, log, keepMs })
    return {
      services: { audit },
      jobs: [
        {
          name: 'counts of audit events',
          everyMs: COUNTING_INTERVAL_MS,
          run: async () => audit.writeCounts(),
        },
      ],
      clean: audit.clean,
      removeOwned: audit.forget,
      exported: {
        events: {
          description: 'What happened to your account, oldest first.',
          read: audit.eventsAbout,
        },
        actions: {
          description: 'What you did to the accounts of others, as an administrator.',
          read: audit.actionsOf,
        },
      },
      close: audit.close,
      metrics: auditMetrics(audit),
    }
  },
})
