import type { MailText } from '../mail.ts'

const NOT_YOURS = 'If you did not ask for this, you need not do anything. Give the code to nobody.'

const verifyEmail: MailText = ({ site, code, link, until }) => ({
  subject: `Confirm your e-mail address for ${site}`,
  parts: [
    'This code confirms that the address is yours:',
    { code },
    { label: 'Confirm the address', link },
    `Both are good until ${until}.`,
    NOT_YOURS,
  ],
})

const signIn: MailText = ({ site, code, until }) => ({
  subject: `Your code for ${site}`,
  parts: [
    'Type this code where you are signing in:',
    { code },
    `It is good until ${until}.`,
    'If you are not signing in at this moment, somebody else is trying to. Give the code to nobody.',
  ],
})

const resetPassword: MailText = ({ site, code, link, until }) => ({
  subject: `Choose a new password for ${site}`,
  parts: [
    'With this code you can choose a new password:',
    { code },
    { label: 'Choose a new password', link },
    `Both are good until ${until}. A new password signs you out on all devices.`,
    NOT_YOURS,
  ],
})

const invite: MailText = ({ site, code, link, until }) => ({
  subject: `You are invited to ${site}`,
  parts: [
    'An administrator has made an account for this address. Choose a password with this code, then sign in with the address:',
    { code },
    { label: 'Choose a password', link },
    `Both are good until ${until}; an account that nobody has taken by then is deleted.`,
    'If you do not expect this, you need not do anything. Give the code to nobody.',
  ],
})

/**
 * Mails with a code. Its first line is what a phone shows before the mail is opened; the subject,
 * which a locked phone shows, too, has no code.
 */
export const codeMails = {
  verify_email: verifyEmail,
  sign_in: signIn,
  reset_password: resetPassword,
  invite,
}
