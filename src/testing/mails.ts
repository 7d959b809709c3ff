import { setTimeout as sleep } from 'node:timers/promises'
import { NotFound } from '../platform/errors/table.ts'
import type { Host } from './host.ts'
import type { Mail } from './types.ts'

const LOOK_EVERY_MS = 10
/** How long mails that are due may take to be written. */
const SETTLING_MS = 5000
const LINK = /https?:\/\/\S+#\S+/
const CODE = /(?<!\d)(\d{4}) ?(\d{4})(?!\d)/

type Stored = Omit<Mail, 'code' | 'link'>

/** The mails so far, newest first, with those that were due. @throws NotFound with a relay */
export async function listMails(host: Host, to: string | undefined): Promise<Mail[]> {
  await settle(host)
  const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`
  const url = `${host.basePath}/outbox${query}`
  const answer = await host.latchkey.app.inject({ method: 'GET', url })
  if (answer.statusCode !== 200) {
    throw NotFound({ detail: 'SMTP_URL is set: mails go to that relay, and are not kept here.' })
  }
  return answer.json<{ items: Stored[] }>().items.map(withCode)
}

/** Waits until nothing is due any more. A mail that failed waits for longer, and is not due. */
async function settle({ latchkey: { services, database }, clock }: Host): Promise<void> {
  await services.notices.written()
  const end = performance.now() + SETTLING_MS
  const due = () => database.client.mail.count({ where: { dueAt: { lte: new Date(clock()) } } })
  while ((await due()) > 0 && performance.now() < end) await sleep(LOOK_EVERY_MS)
}

/** @param after the id of a mail that is too old @throws NotFound if none comes in time */
export async function lastMail(
  host: Host,
  to: string,
  after: string | undefined,
  timeoutMs: number,
): Promise<Mail> {
  const end = performance.now() + timeoutMs
  while (true) {
    const [newest] = await listMails(host, to)
    if (newest && newest.id !== after) return newest
    if (performance.now() > end) throw NotFound({ detail: missing(to, after, timeoutMs) })
    await sleep(LOOK_EVERY_MS)
  }
}

function missing(to: string, after: string | undefined, timeoutMs: number): string {
  const which = after === undefined ? 'no mail' : 'no newer mail'
  return `Within ${timeoutMs} ms ${which} to ${to} was written.`
}

function withCode(mail: Stored): Mail {
  const { text } = mail
  const link = LINK.exec(text)?.[0]
  const inLink = link && new URLSearchParams(new URL(link).hash.slice(1)).get('code')
  const code = inLink || CODE.exec(text)?.slice(1).join('')
  return { ...mail, ...(code && { code }), ...(link && { link }) }
}
