import type { ApiError } from '../platform/errors/api-error.ts'
import { ValidationFailed } from '../platform/errors/table.ts'

/** What a caller of the kit has to change: an Error for a test, a problem at the control port. */
export function refused(detail: string, pointer = ''): ApiError {
  return ValidationFailed({ detail, errors: [{ pointer, code: 'invalid', detail }] })
}
