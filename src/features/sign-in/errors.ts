import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const WrongPassword = defineError({
  code: 'wrong_password',
  status: 403,
  action: 'fix_request',
})

export const VerificationRequired = defineError({
  code: 'verification_required',
  status: 401,
  action: 'step_up',
})

export const signInErrors: readonly ErrorDefinition[] = [
  WrongPassword.definition,
  VerificationRequired.definition,
]
