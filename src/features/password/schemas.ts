import { Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import {
  answer,
  closed,
  NewPassword,
  Password,
  problems,
  signedInOnly,
  signedInProblems,
} from '../../http/schemas.ts'
import { SessionBody, sessionExamples, sessionHeaders } from '../../http/session-answer.ts'
import type { Fault } from '../../platform/errors.ts'
import { isSamePassword, passwordFaults } from '../../platform/password-policy.ts'

const Change = closed(
  {
    currentPassword: Type.Unsafe<string>({
      ...Password,
      description: 'The password until now.',
    }),
    newPassword: Type.Unsafe<string>({ ...NewPassword, example: 'a quite different sentence' }),
    newPasswordConfirm: Type.Optional(
      Type.Unsafe<string>({
        ...Password,
        description: 'The new password again; must equal it.',
        example: 'a quite different sentence',
      }),
    ),
  },
  { title: 'PasswordChange' },
)
const PasswordChangeBody = withChecks(Change, (body) => {
  const { currentPassword, newPassword, newPasswordConfirm } = body as Record<string, unknown>
  if (typeof newPassword !== 'string') return []
  const faults: Fault[] = passwordFaults(newPassword, {}, '/newPassword')
  if (typeof currentPassword === 'string' && isSamePassword(newPassword, currentPassword)) {
    faults.push({ pointer: '/newPassword', code: 'unchanged', detail: 'Equals the current one.' })
  }
  if (typeof newPasswordConfirm === 'string' && newPasswordConfirm !== newPassword) {
    const detail = 'Must equal newPassword.'
    faults.push({ pointer: '/newPasswordConfirm', code: 'mismatch', detail })
  }
  return faults
})

const set = { message: 'Your password is changed; your other sessions are over.' }

export const changePasswordSchema = {
  operationId: 'changePassword',
  summary: 'Change your password and end your other sessions',
  description:
    'Replaces the password, ends every other session of the account, and gives this one new tokens: store both. All its older tokens are dead at once. In cookie transport the request needs an allowed `Origin`, since the new refresh token comes in the cookie.',
  tags: ['Accounts'],
  security: signedInOnly,
  body: PasswordChangeBody,
  'x-examples': {
    200: {
      body: { ...sessionExamples.body, set },
      cookie: { ...sessionExamples.cookie, set },
    },
  },
  response: {
    200: answer(SessionBody, 'This session, with new tokens.', sessionHeaders),
    ...problems(...signedInProblems, 'csrf_rejected', 'weak_password', 'invalid_credentials'),
  },
}
