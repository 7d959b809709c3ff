import { type MailDraft, type MailText, type MailValues, notice } from '../mail.ts'

const NOTHING_TO_DO = 'If it was you, you need not do anything.'

const emailChangeAsked: MailText = (values) => ({
  subject: `Your e-mail address for ${values.site} is about to change`,
  parts: [
    'Somebody who is signed in to your account asked for another e-mail address. It takes the place of this one once it is confirmed.',
    { facts: ['when', 'device'] },
    NOTHING_TO_DO,
    ...undo(values),
  ],
})

const emailChanged: MailText = (values) => ({
  subject: `Your e-mail address for ${values.site} has changed`,
  parts: [
    'Your account has another e-mail address now, and this one gets no more mails.',
    { facts: ['when', 'device'] },
    NOTHING_TO_DO,
    ...undo(values),
  ],
})

function undo({ code, link, until }: MailValues): MailDraft['parts'] {
  return [
    `If it was not you, keep this address and choose a new password. This works until ${until}, and signs out all devices:`,
    { label: 'It was not me', link },
    'Or type this code where you are asked for it. Give it to nobody:',
    { code },
  ]
}

/**
 * Notices about the address of an account. The new address is in none of them: a stranger may have
 * typed it.
 */
export const addressMails = {
  email_change_asked: emailChangeAsked,
  email_changed: emailChanged,

  address_in_use: notice({
    subject: (site) => `You already have an account at ${site}`,
    before:
      'Somebody tried to make an account with this address, which has one already. No new account was made.',
    facts: ['when'],
    after: [
      'If it was you: sign in, or ask for a new password if you do not remember yours.',
      'If it was not, you need not do anything. Your account is as it was.',
    ],
  }),

  email_verified: notice({
    subject: (site) => `Your e-mail address for ${site} is confirmed`,
    before: 'An operator has confirmed that this address belongs to your account.',
    facts: ['when'],
    after: ['If you have no account there, tell the people who run the service.'],
  }),

  // Without a code: the old address may be that of a thief, from whom the account was taken back.
  email_changed_for_you: notice({
    subject: (site) => `Your e-mail address for ${site} has changed`,
    before:
      'The people who run the service gave your account another e-mail address. This one gets no more mails.',
    facts: ['when'],
    after: ['If you did not ask for it, tell them.'],
  }),
}
