import { EmailTaken } from '../../contract/errors.ts'
import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const UsernameTaken = defineError({
  code: 'username_taken',
  status: 409,
  action: 'fix_request',
  title: 'Username taken',
  detail: 'This username is already taken.',
  explanation: 'Usernames are unique; upper and lower case count as equal.',
})

/** Errors of accounts. */
export const accountErrors: readonly ErrorDefinition[] = [
  UsernameTaken.definition,
  EmailTaken.definition,
]
