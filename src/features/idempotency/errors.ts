import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const IdempotencyMismatch = defineError({
  code: 'idempotency_mismatch',
  status: 422,
  action: 'fix_request',
})

export const idempotencyErrors: readonly ErrorDefinition[] = [IdempotencyMismatch.definition]
