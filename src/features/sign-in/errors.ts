import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const WrongPassword = defineError({
  code: 'wrong_password',
  status: 403,
  action: 'fix_request',
  title: 'Wrong password',
  detail: 'The current password is wrong.',
  explanation:
    'You are signed in, but `currentPassword` is not the password of your account. The session continues: ask for the password again. After 10 wrong passwords in a row, the session must wait for 15 minutes. Until then even the right password gets `rate_limited`. A new sign-in starts a new count.',
})

export const VerificationRequired = defineError({
  code: 'verification_required',
  status: 401,
  action: 'step_up',
  title: 'Address not verified',
  detail: 'The e-mail address is not verified yet; answer the challenge with the code of the mail.',
  explanation:
    'The password is right, but this server signs in nobody whose e-mail address is not verified. A mail with a code is on its way to the address. Send the code with the `challenge` of this answer to `POST /challenges/answer`: that verifies the address and signs in.',
})

export const signInErrors: readonly ErrorDefinition[] = [
  WrongPassword.definition,
  VerificationRequired.definition,
]
