import type { SendMailOptions } from 'nodemailer'
import type { Sender } from '../../config/smtp-url.ts'
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
  | { kind: 'sent' }
  | { kind: 'refused' | 'failed'; reason: string; full?: string }

export type MailTransport = {
  /** Never throws. @param signal ends it early */
  send: (message: Message, signal: AbortSignal) => Promise<Outcome>
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
