import type { Values } from '../kinds.ts'
import type { Draft } from './layout.ts'

// Mails with a code. Its first line is what a phone shows before the mail is opened; the subject,
// which a locked phone shows, too, has no code.

const NOT_YOURS = 'If you did not ask for this, you need not do anything. Give the code to nobody.'

export function verifyEmail({ site, code, link, until }: Values): Draft {
  return {
    subject: `Confirm your e-mail address for ${site}`,
    parts: [
      'This code confirms that the address is yours:',
      { code },
      { label: 'Confirm the address', link },
      `Both are good until ${until}.`,
      NOT_YOURS,
    ],
  }
}

export function signIn({ site, code, until }: Values): Draft {
  return {
    subject: `Your code for ${site}`,
    parts: [
      'Type this code where you are signing in:',
      { code },
      `It is good until ${until}.`,
      'If you are not signing in at this moment, somebody else is trying to. Give the code to nobody.',
    ],
  }
}

export function resetPassword({ site, code, link, until }: Values): Draft {
  return {
    subject: `Choose a new password for ${site}`,
    parts: [
      'With this code you can choose a new password:',
      { code },
      { label: 'Choose a new password', link },
      `Both are good until ${until}. A new password signs you out on all devices.`,
      NOT_YOURS,
    ],
  }
}
