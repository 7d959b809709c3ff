import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const ProviderUnavailable = defineError({
  code: 'provider_unavailable',
  status: 503,
  action: 'retry',
  title: 'Provider unavailable',
  detail: 'The provider cannot be used now; retry later, or sign in another way.',
  explanation:
    'The outside provider does not answer, or answers what this server cannot accept. Other ways to sign in still work. The log of the server has the reason.',
})

export const EmailUnverified = defineError({
  code: 'email_unverified',
  status: 403,
  action: 'none',
  title: 'Address not verified by the provider',
  detail: 'The provider gave no address that this server can take as verified.',
  explanation:
    'A new account needs an address that is verified. The provider has sent no address, or one that it has not verified on a server that sends no mails to do so. Add or verify the address at the provider, or sign in another way and add the provider to your account.',
})

export const IdentityTaken = defineError({
  code: 'identity_taken',
  status: 409,
  action: 'none',
  title: 'Identity taken',
  detail: 'This identity belongs to another account.',
  explanation:
    'Somebody has added this account at the provider to another account here. Sign in with it and remove it there first.',
})

export const providerErrors: readonly ErrorDefinition[] = [
  ProviderUnavailable.definition,
  EmailUnverified.definition,
  IdentityTaken.definition,
]
