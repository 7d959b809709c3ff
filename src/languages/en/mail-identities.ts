import { notice } from '../mail.ts'

const NOTHING_TO_DO = 'If it was you, you need not do anything.'
const SEE_TO_IT =
  'If it was not you, somebody is signed in to your account: remove what you do not know there, and set a new password by mail.'

/** Notices about outside providers. */
export const identityMails = {
  identity_added: notice({
    subject: (site) => `A new way to sign in to ${site}`,
    before: 'An account at an outside provider signs in to your account from now on.',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  identity_removed: notice({
    subject: (site) => `A way to sign in to ${site} was removed`,
    before: 'An account at an outside provider was removed from your account.',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  account_claimed: notice({
    subject: (site) => `Your account for ${site} is yours alone now`,
    before:
      'You signed in with an outside provider. Before, somebody had registered your address without proving it: their password, their other ways to sign in and their sessions are gone.',
    after: ['If it was not you, set a new password by mail.'],
  }),
}
