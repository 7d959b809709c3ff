import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sender } from '../../config/smtp-url.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { compose, type MailTransport, type Message, type Outcome } from './transport.ts'

const KEPT = 100
const OWNER_ONLY_FOLDER = 0o700
const OWNER_ONLY_FILE = 0o600

export type StoredMail = Message & { sentAt: string }

export type OutboxFolder = MailTransport & {
  /** The mails, newest first. @param to only those to this address */
  list: (to?: string) => Promise<StoredMail[]>
}

type Dependencies = { directory: string; from: Sender; clock: Clock; log: Log }

/**
 * Keeps mails as files instead of sending them: an `.eml` for mail programs, and the same as JSON
 * for `GET /outbox`. For development, where there is no relay.
 */
export function createOutboxFolder(dependencies: Dependencies): OutboxFolder {
  const { directory, from, clock, log } = dependencies

  async function send(message: Message): Promise<Outcome> {
    try {
      await mkdir(directory, { recursive: true, mode: OWNER_ONLY_FOLDER })
      const sentAt = new Date(clock())
      const stored: StoredMail = { ...message, sentAt: sentAt.toISOString() }
      const file = await write(`${message.id}.eml`, await compose(message, from, sentAt))
      await write(`${message.id}.json`, JSON.stringify(stored))
      await prune()
      const { to, subject } = message
      log.info({ to, subject, file }, 'mail in the outbox')
      return { kind: 'sent', file }
    } catch (error) {
      const reason = String((error as NodeJS.ErrnoException).code ?? 'unknown')
      return { kind: 'failed', reason, full: String(error) }
    }
  }

  async function write(name: string, content: string | Buffer): Promise<string> {
    const path = join(directory, name)
    // Whole or not there, for those who read at the same time.
    await writeFile(`${path}.part`, content, { mode: OWNER_ONLY_FILE })
    await rename(`${path}.part`, path)
    return path
  }

  async function ids(): Promise<string[]> {
    const names = await readdir(directory).catch(() => [])
    const mails = names.filter((name) => name.endsWith('.json'))
    return mails.map((name) => name.slice(0, -'.json'.length)).sort()
  }

  async function prune(): Promise<void> {
    for (const id of (await ids()).slice(0, -KEPT)) {
      for (const end of ['eml', 'json']) await rm(join(directory, `${id}.${end}`), { force: true })
    }
  }

  async function list(to?: string): Promise<StoredMail[]> {
    const newest = (await ids()).slice(-KEPT).reverse()
    const mails = (await Promise.all(newest.map(read))).filter((mail) => mail !== undefined)
    return mails.filter((mail) => to === undefined || mail.to === to)
  }

  /** Undefined for a file that another process has just removed. */
  async function read(id: string): Promise<StoredMail | undefined> {
    const text = await readFile(join(directory, `${id}.json`), 'utf8').catch(() => undefined)
    return text === undefined ? undefined : (JSON.parse(text) as StoredMail)
  }

  const rehearse = (message: Message) => compose(message, from, new Date(clock()))

  return { send, rehearse, list }
}
