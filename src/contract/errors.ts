import { defineError, type ErrorDefinition } from '../platform/errors/api-error.ts'

// Errors that several features share. Codes are public and stable; texts may change.

export const WeakPassword = defineError({
  code: 'weak_password',
  status: 400,
  action: 'fix_request',
})

export const Unauthenticated = defineError({
  code: 'unauthenticated',
  status: 401,
  action: 'login',
})

export const InvalidToken = defineError({
  code: 'invalid_token',
  status: 401,
  action: 'login',
})

export const TokenExpired = defineError({
  code: 'token_expired',
  status: 401,
  action: 'refresh',
})

export const SessionEnded = defineError({
  code: 'session_ended',
  status: 401,
  action: 'login',
})

export const InvalidCredentials = defineError({
  code: 'invalid_credentials',
  status: 401,
  action: 'fix_request',
})

export const ChallengeOver = defineError({
  code: 'challenge_over',
  status: 410,
  action: 'fix_request',
})

export const StepUpRequired = defineError({
  code: 'step_up_required',
  status: 401,
  action: 'step_up',
})

export const SecondFactorRequired = defineError({
  code: 'second_factor_required',
  status: 401,
  action: 'step_up',
})

export const SecondFactorMissing = defineError({
  code: 'second_factor_missing',
  status: 403,
  action: 'fix_request',
})

export const Forbidden = defineError({
  code: 'forbidden',
  status: 403,
  action: 'none',
})

export const RegistrationClosed = defineError({
  code: 'registration_closed',
  status: 403,
  action: 'none',
})

export const LastCredential = defineError({
  code: 'last_credential',
  status: 409,
  action: 'fix_request',
})

export const LastAdmin = defineError({
  code: 'last_admin',
  status: 409,
  action: 'fix_request',
})

export const NotOwner = defineError({
  code: 'not_owner',
  status: 403,
  action: 'none',
})

export const CsrfRejected = defineError({
  code: 'csrf_rejected',
  status: 403,
  action: 'fix_request',
})

export const accessErrors: readonly ErrorDefinition[] = [
  WeakPassword.definition,
  Unauthenticated.definition,
  InvalidToken.definition,
  TokenExpired.definition,
  SessionEnded.definition,
  InvalidCredentials.definition,
  ChallengeOver.definition,
  StepUpRequired.definition,
  SecondFactorRequired.definition,
  SecondFactorMissing.definition,
  Forbidden.definition,
  NotOwner.definition,
  CsrfRejected.definition,
]

export const UsernameTaken = defineError({
  code: 'username_taken',
  status: 409,
  action: 'fix_request',
})

export const EmailTaken = defineError({
  code: 'email_taken',
  status: 409,
  action: 'fix_request',
})

export const LimitReached = defineError({
  code: 'limit_reached',
  status: 409,
  action: 'fix_request',
})

export const PreconditionFailed = defineError({
  code: 'precondition_failed',
  status: 412,
  action: 'fix_request',
})

export const resourceErrors: readonly ErrorDefinition[] = [
  LimitReached.definition,
  PreconditionFailed.definition,
]
