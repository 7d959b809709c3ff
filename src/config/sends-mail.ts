import type { Config } from './config.ts'

/** Whether the server sends mails: not in production without a relay. */
export function sendsMail({ production, mail }: Pick<Config, 'production' | 'mail'>): boolean {
  return !production || mail.smtp !== undefined
}
