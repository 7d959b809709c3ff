import { dirname, join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { isThisMachine } from '../../config/remote.ts'
import { sendsMail } from '../../config/sends-mail.ts'
import type { Sender, SmtpAddress } from '../../config/smtp-url.ts'
import { auditFeature } from '../audit/feature.ts'
import { challengesFeature } from '../challenges/feature.ts'
import { defineFeature, type Parts } from '../feature.ts'
import { mailsOf } from './exported.ts'
import { mailMetrics } from './metrics.ts'
import { createNotices } from './notices.ts'
import { createOutboxFolder } from './outbox-folder.ts'
import { outboxRoutes } from './outbox-routes.ts'
import { mailLimits } from './rate-limits.ts'
import { createMail, type Mail } from './service.ts'
import { createSmtpTransport } from './smtp.ts'
import { NO_TEMPLATES, readTemplates } from './templates/custom.ts'

const POLL_MS = 2000

export const mailFeature = defineFeature({
  name: 'mail',
  needs: [auditFeature, challengesFeature],
  rateLimits: mailLimits,
  // Its routes are the outbox of a server without a relay.
  isOn: ({ production, mail }) => !production && mail.smtp === undefined,
  open: ({ config, db, statements, clock, log, audit, challenges, rateLimits, clusterWorker }) => {
    const { production, http, uploads } = config
    const { smtp, links, templates } = config.mail
    const from = senderOf(config)
    const directory = join(dirname(uploads.directory), 'outbox')
    const folder = createOutboxFolder({ directory, from, clock, log })
    const tls = smtp && tlsFor(smtp, production)
    const relay = smtp && tls && createSmtpTransport({ address: smtp, tls, from, clock })
    const mail = createMail({
      ...{ db, statements, clock, log, audit, rateLimits },
      transport: relay ?? (sendsMail(config) ? folder : undefined),
      site: new URL(http.publicUrl.origin).host,
      links: links?.href ?? `${http.publicUrl.href}/mail`,
      codeOf: challenges.codeOf,
      languages: config.languages,
      custom: templates === undefined ? NO_TEMPLATES : readTemplates(templates),
    })
    const notices = createNotices({ db, statements, log, rateLimits, mail })
    const { send, clean } = mail
    if (!send && clusterWorker?.isFirst !== false) {
      log.info({}, 'SMTP_URL is not set: the server sends no mails')
    }
    return {
      services: { mail, notices },
      routes: (app) => app.register(outboxRoutes, { folder }),
      ...(send ? sending(send, mail) : {}),
      clean,
      metrics: mailMetrics(mail.figures),
      exported: {
        mails: {
          description: 'Mails to you that wait to be sent.',
          read: (userId) => mailsOf(db, userId),
        },
      },
      // First the notices that are left: a mail of theirs may go out at once.
      close: async () => {
        await notices.close()
        await mail.close()
      },
    }
  },
})

type Sending = Pick<Parts<object>, 'jobs' | 'checks'>

/** A relay that is away delays mails and nothing else, so that the server stays ready. */
function sending(run: () => Promise<void>, { isFailing }: Pick<Mail, 'isFailing'>): Sending {
  const detail = 'The last mail was not taken; it is sent again.'
  return {
    jobs: [{ name: 'mail', everyMs: POLL_MS, run }],
    checks: {
      mail: async () => (isFailing() ? { status: 'degraded', detail } : { status: 'ok' }),
    },
  }
}

function senderOf({ mail, http }: Config): Sender {
  const { hostname } = new URL(http.publicUrl.origin)
  return mail.from ?? { name: '', address: `no-reply@${hostname}` }
}

/** A relay on this machine needs no encryption, and seldom has a certificate for it. */
function tlsFor({ host }: SmtpAddress, production: boolean): 'required' | 'ifOffered' | 'none' {
  if (isThisMachine(host)) return 'none'
  return production ? 'required' : 'ifOffered'
}
