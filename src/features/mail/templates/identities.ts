import { notice } from './notices.ts'

const SEE_TO_IT =
  'If it was not you, somebody is signed in to your account: remove what you do not know there, and set a new password by mail.'

export const identityAdded = notice({
  subject: (site) => `A new way to sign in to ${site}`,
  before: 'An account at an outside provider signs in to your account from now on.',
  after: ['If it was you, you need not do anything.', SEE_TO_IT],
})

export const identityRemoved = notice({
  subject: (site) => `A way to sign in to ${site} was removed`,
  before: 'An account at an outside provider was removed from your account.',
  after: ['If it was you, you need not do anything.', SEE_TO_IT],
})

export const accountClaimed = notice({
  subject: (site) => `Your account for ${site} is yours alone now`,
  before:
    'You signed in with an outside provider. Before, somebody had registered your address without proving it: their password, their other ways to sign in and their sessions are gone.',
  after: ['If it was not you, set a new password by mail.'],
})
