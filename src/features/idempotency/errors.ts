import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const IdempotencyMismatch = defineError({
  code: 'idempotency_mismatch',
  status: 422,
  action: 'fix_request',
  title: 'Idempotency key used before',
  detail: 'This Idempotency-Key belongs to a different request.',
  explanation:
    'An `Idempotency-Key` names one request. Use a new key for a new request, and the same key only to retry the same request.',
})

export const idempotencyErrors: readonly ErrorDefinition[] = [IdempotencyMismatch.definition]
