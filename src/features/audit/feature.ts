import { defineFeature } from '../feature.ts'
import { auditMetrics } from './metrics.ts'
import { createAudit } from './service.ts'

export const auditFeature = defineFeature({
  name: 'audit',
  open: ({ db, statements, dialect, clock, log }) => {
    const audit = createAudit({ db, statements, dialect, clock, log })
    return {
      services: { audit },
      clean: audit.clean,
      close: audit.close,
      metrics: auditMetrics(audit),
    }
  },
})
