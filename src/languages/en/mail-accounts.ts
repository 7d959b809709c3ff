import { notice } from '../mail.ts'

const NOTHING_TO_DO = 'If it was you, you need not do anything.'
const RESET = 'If it was not you, ask for a new password at once: that signs out all devices.'

/** Notices about what happened to an account. */
export const accountMails = {
  password_changed: notice({
    subject: (site) => `Your password for ${site} has changed`,
    before: 'The password of your account was changed, by somebody who knew the old one.',
    after: [RESET],
  }),

  password_set: notice({
    subject: (site) => `Your account for ${site} has a password now`,
    before: 'Your account had no password. Somebody who is signed in to it has set one.',
    after: [RESET],
  }),

  password_reset: notice({
    subject: (site) => `Your password for ${site} has changed`,
    before: 'A new password was chosen for your account with a code from a mail to this address.',
    after: [
      'All devices are signed out.',
      'If it was not you, somebody reads your mail: secure your mailbox first, then ask for a new password.',
    ],
  }),

  new_device: notice({
    subject: (site) => `A new device signed in to ${site}`,
    before: 'Somebody signed in to your account from a device that was not used for it before.',
    after: [NOTHING_TO_DO, RESET],
  }),

  account_locked: notice({
    subject: (site) => `Too many wrong passwords at ${site}`,
    before:
      'There were too many wrong passwords for your account. It takes no more sign-ins from unknown devices for now.',
    after: [
      'Devices that you have signed in with before still work, and a sign-in from one of them opens the account again.',
      'If it was not you, your password has held. If you use it elsewhere, too, choose another one.',
    ],
  }),

  refresh_token_reused: notice({
    subject: (site) => `A session at ${site} was ended for your safety`,
    before:
      'A used token of one of your sessions came a second time, so somebody may have a copy of it. The session was ended; your other devices are still signed in.',
    after: [
      'Sign in again on the device that was signed out. If this happens again, look for harmful programs on it, and change your password.',
    ],
  }),

  account_disabled: notice({
    subject: (site) => `Your account at ${site} is disabled`,
    before: 'An operator has disabled your account. It is signed out everywhere.',
    after: ['If you do not know why, ask the people who run the service.'],
  }),

  account_deleted: notice({
    subject: (site) => `Your account at ${site} is deleted`,
    before: 'Your account and what belongs to it are deleted. This is the last mail about it.',
    after: ['If it was not you, tell the people who run the service soon.'],
  }),

  test: notice({
    subject: (site) => `Test mail from ${site}`,
    before: 'Mails from this server arrive. An operator has sent this one.',
    facts: ['when'],
    after: [],
  }),
}
