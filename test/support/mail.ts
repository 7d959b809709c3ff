import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { smtpUrl } from '../../src/config/smtp-url.ts'
import type { Languages } from '../../src/features/mail/render.ts'
import { createMail, type NewMail } from '../../src/features/mail/service.ts'
import { createSmtpTransport, SMTP_LIMITS } from '../../src/features/mail/smtp.ts'
import { NO_TEMPLATES } from '../../src/features/mail/templates/custom.ts'
import type { MailTransport } from '../../src/features/mail/transport.ts'
import { inTransaction } from '../../src/platform/database/transactions.ts'
import { type Device, NO_DEVICE } from '../../src/platform/device.ts'
import { openAt } from './databases.ts'
import { freshDatabase, testClock } from './helper.ts'

export const FROM = { name: 'Example', address: 'no-reply@example.org' }
/** Time-outs of the real ones' order, in less time. */
export const QUICK_LIMITS: typeof SMTP_LIMITS = {
  connectMs: 300,
  greetingMs: 300,
  silenceMs: 300,
  allMs: 800,
}

/** The code of each challenge in these tests. */
export const CODE = '12345678'
const codeOf = (challenge: string) => (challenge.startsWith('ok') ? CODE : undefined)

export const aChallenge = () => `ok${randomBytes(200).toString('base64url')}`

type Options = {
  url?: string
  relay?: string
  transport?: MailTransport
  limits?: typeof SMTP_LIMITS
  clock?: ReturnType<typeof testClock>
  languages?: Languages
}

/** A mail to queue; where its device does not matter, without one. */
export type QueuedMail = WithoutDevice<NewMail> & { device?: Device }
type WithoutDevice<One> = One extends unknown ? Omit<One, 'device'> : never

/** An outbox on a database, and what it logged and recorded. It sends when it is told to. */
export async function openMail(t: TestContext, options: Options = {}) {
  const { clock = testClock(), limits = SMTP_LIMITS, languages = ['en', 'zh-CN'] } = options
  const url = options.url ?? (await freshDatabase(t))
  const database = await openAt(url)
  await database.migrate()
  const { client: db, statements } = database
  const logs: string[] = []
  const events: { type: string; userId?: string | null; detail?: string | null }[] = []
  const write = (facts: object, message: string) =>
    void logs.push(`${message} ${JSON.stringify(facts)}`)
  const address = smtpUrl(options.relay ?? '')
  const relay = address && createSmtpTransport({ address, tls: 'none', from: FROM, clock, limits })
  const mail = createMail({
    ...{ db, statements, clock, transport: options.transport ?? relay },
    log: { info: write, warn: write, error: write },
    audit: { record: (event) => void events.push(event) },
    languages,
    ...{ codeOf, rateLimits: { consumeAll: async () => undefined } },
    ...{ site: 'auth.example.org', links: 'https://app.example.org/mail', custom: NO_TEMPLATES },
  })
  t.after(async () => {
    await mail.close()
    await database.close()
  })
  const queue = (...mails: QueuedMail[]) =>
    inTransaction(db, async (tx) => {
      for (const one of mails) await mail.queue(tx, { device: NO_DEVICE, ...one })
    })
  const rows = () => db.mail.findMany({ orderBy: { id: 'asc' } })
  return { mail, queue, rows, url, db, database, clock, logs, events }
}

type CodeMail = Extract<NewMail, { challenge: string }>

export const reset = (clock: () => number, address = 'lyshark@example.com'): CodeMail => ({
  kind: 'reset_password',
  address,
  challenge: aChallenge(),
  expiresAt: new Date(clock() + 1_800_000),
  device: NO_DEVICE,
})
