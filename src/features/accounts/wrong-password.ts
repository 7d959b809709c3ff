import { WrongPassword } from '../../platform/error-table.ts'
import type { CodedError } from '../../platform/errors.ts'

/** The answer to a signed-in caller whose `currentPassword` is not the one of the account. */
export function wrongPassword(): CodedError {
  const detail = 'Is not the password of the account.'
  return WrongPassword({
    errors: [{ pointer: '/currentPassword', code: 'wrong_password', detail }],
  })
}
