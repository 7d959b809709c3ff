import type { SendMailOptions } from 'nodemailer'
import type { Sender } from '../../config/smtp-url.ts'
import { loadCode } from '../../platform/load-code.ts'
import type { Content } from './templates/layout.ts'

/**
 * A mail with its one recipient. The id makes the Message-ID: a mail that comes twice has it twice.
 */
export type Message = Content & { id: string; to: string }

/**
 * What became of a mail. `refused`: nobody will take it for this recipient. `failed`: not taken, or
 * not known, so it is to be sent again. The reason is fit for the log: it repeats nothing of the
 * mail.
 */
export type Outcome =
  | { kind: 'sent' /** Where a mail lies that nobody sends. */; file?: string }
  | { kind: 'refused' | 'failed'; reason: string; full?: string }

export type MailTransport = {
  /** Never throws. @param signal ends it early */
  send: (message: Message, signal: AbortSignal) => Promise<Outcome>
  /**
   * Takes as much work as `send`, and sends nothing: for mails to nobody. Otherwise the time of the
   * next request would tell whether there was a mail. May throw.
   */
  rehearse?: (message: Message, signal: AbortSignal) => Promise<unknown>
}

/** A mail as the bytes of an `.eml`. Loads the library with the first one. */
export async function compose(message: Message, from: Sender, date: Date): Promise<Buffer> {
  const { createTransport } = await loadCode(() => import('nodemailer'))
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message: bytes } = await composer.sendMail(mailOptions(message, from, date))
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(String(bytes))
}

export function mailOptions(message: Message, from: Sender, date: Date): SendMailOptions {
  const { id, to, subject, text, html } = message
  return {
    from: { ...from },
    // As a text, an address could become two, or another one.
    to: { name: '', address: to },
    messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...{ date, subject, text, html },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
