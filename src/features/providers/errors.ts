import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const ProviderUnavailable = defineError({
  code: 'provider_unavailable',
  status: 503,
  action: 'retry',
})

export const EmailUnverified = defineError({
  code: 'email_unverified',
  status: 403,
  action: 'none',
})

export const IdentityTaken = defineError({
  code: 'identity_taken',
  status: 409,
  action: 'none',
})

export const providerErrors: readonly ErrorDefinition[] = [
  ProviderUnavailable.definition,
  EmailUnverified.definition,
  IdentityTaken.definition,
]
