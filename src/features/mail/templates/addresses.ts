import type { Values } from '../kinds.ts'
import type { Draft } from './layout.ts'

// Notices about the address of an account. The new address is in none of them: a stranger may have
// typed it.

export function emailChangeAsked(values: Values): Draft {
  return {
    subject: `Your e-mail address for ${values.site} is about to change`,
    parts: [
      'Somebody who is signed in to your account asked for another e-mail address. It takes the place of this one once it is confirmed.',
      { facts: happened(values) },
      'If it was you, you need not do anything.',
      ...undo(values),
    ],
  }
}

export function emailChanged(values: Values): Draft {
  return {
    subject: `Your e-mail address for ${values.site} has changed`,
    parts: [
      'Your account has another e-mail address now, and this one gets no more mails.',
      { facts: happened(values) },
      'If it was you, you need not do anything.',
      ...undo(values),
    ],
  }
}

export function addressInUse({ site, when }: Values): Draft {
  return {
    subject: `You already have an account at ${site}`,
    parts: [
      'Somebody tried to make an account with this address, which has one already. No new account was made.',
      { facts: [['When', when]] },
      'If it was you: sign in, or ask for a new password if you do not remember yours.',
      'If it was not, you need not do anything. Your account is as it was.',
    ],
  }
}

export function emailVerified({ site, when }: Values): Draft {
  return {
    subject: `Your e-mail address for ${site} is confirmed`,
    parts: [
      'An operator has confirmed that this address belongs to your account.',
      { facts: [['When', when]] },
      'If you have no account there, tell the people who run the service.',
    ],
  }
}

/** Without a code: the old address may be that of a thief, from whom the account was taken back. */
export function emailChangedForYou({ site, when }: Values): Draft {
  return {
    subject: `Your e-mail address for ${site} has changed`,
    parts: [
      'The people who run the service gave your account another e-mail address. This one gets no more mails.',
      { facts: [['When', when]] },
      'If you did not ask for it, tell them.',
    ],
  }
}

function undo({ code, link, until }: Values): Draft['parts'] {
  return [
    `If it was not you, keep this address and choose a new password. This works until ${until}, and signs out all devices:`,
    { label: 'It was not me', link },
    'Or type this code where you are asked for it. Give it to nobody:',
    { code },
  ]
}

const happened = ({ when, device }: Values) =>
  [
    ['When', when],
    ['From', device],
  ] as const satisfies [string, string][]
