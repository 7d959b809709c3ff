import { notice } from '../mail.ts'

const NOTHING_TO_DO = 'If it was you, you need not do anything.'
const SEE_TO_IT =
  'If it was not you, somebody is signed in to your account: change your password at once, and look at your factors.'

/** Notices about second factors: what somebody proves beside the password. */
export const factorMails = {
  factor_added: notice({
    subject: (site) => `A new way to sign in to ${site}`,
    before: 'An authenticator app or a passkey was added to your account.',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  factor_removed: notice({
    subject: (site) => `A way to sign in to ${site} was removed`,
    before: 'An authenticator app or a passkey was removed from your account.',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  factor_cloned: notice({
    subject: (site) => `A passkey for ${site} may have been copied`,
    before:
      'A passkey of your account was refused: it counted backwards, as a copy of it would. Nobody was signed in by it.',
    after: ['Remove this passkey, and add a new one on a device that is yours.'],
  }),

  second_factor_failed: notice({
    subject: (site) => `Wrong codes at a sign-in to ${site}`,
    before:
      'Somebody has passed the first step of a sign-in to your account, and then sent several wrong codes of your authenticator app.',
    after: [
      NOTHING_TO_DO,
      'If it was not you, somebody knows your password: change it now. Your app has kept them out.',
    ],
  }),

  second_factor_changed: notice({
    subject: (site) => `Sign-ins to ${site} have changed`,
    before:
      'Somebody who is signed in to your account has changed whether a sign-in with the password asks for a second factor.',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  recovery_codes_made: notice({
    subject: (site) => `New recovery codes for ${site}`,
    before: 'Your account has new recovery codes. All older ones are of no more use.',
    after: ['Keep them where your phone is not.', SEE_TO_IT],
  }),

  recovery_code_used: notice({
    subject: (site) => `A recovery code for ${site} was used`,
    before: 'Somebody has proved with one of your recovery codes to be you.',
    facts: ['when', 'device', 'left'],
    after: [
      'Each code works once. Make new ones before the last of them is used.',
      'If it was not you, somebody has your codes: change your password at once, and make new codes.',
    ],
  }),
}
