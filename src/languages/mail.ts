/**
 * What the texts of a mail are made of, each already fit to be read; empty where it is not known.
 */
export type MailValues = {
  site: string
  /** `1234 5678` */
  code: string
  link: string
  until: string
  when: string
  /** Kind of device and network, such as `Firefox on Windows, 192.0.2.1`. */
  device: string
  /** How many recovery codes are left. */
  left: string
}

/** What a mail lists in lines of their own, each behind its name. */
export type MailFact = 'when' | 'device' | 'left'

/** A paragraph, a code to type, a link to press, or facts in lines. */
export type MailPart =
  | string
  | { code: string }
  | { label: string; link: string }
  | { facts: readonly MailFact[] }

export type MailDraft = { subject: string; parts: MailPart[] }

export type MailText = (values: MailValues) => MailDraft

type Notice = {
  subject: (site: string) => string
  before: string
  facts?: readonly MailFact[]
  after: readonly string[]
}

/** The form of most notices: what happened, when, from where, and what to do about it. */
export function notice({ subject, before, facts = ['when', 'device'], after }: Notice): MailText {
  return ({ site }) => ({ subject: subject(site), parts: [before, { facts }, ...after] })
}
