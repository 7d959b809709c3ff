import {
  EmailTaken,
  LastAdmin,
  LastCredential,
  RegistrationClosed,
  UsernameTaken,
} from '../../contract/errors.ts'
import type { ErrorDefinition } from '../../platform/errors/api-error.ts'

/** Errors of accounts. */
export const accountErrors: readonly ErrorDefinition[] = [
  RegistrationClosed.definition,
  UsernameTaken.definition,
  EmailTaken.definition,
  LastAdmin.definition,
  LastCredential.definition,
]
