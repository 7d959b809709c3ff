import { Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import {
  closed,
  NewPassword,
  Password,
  problems,
  signedInOnly,
  signedInProblems,
} from '../../http/schemas.ts'
import { SessionBody } from '../../http/session-answer.ts'
import type { Fault } from '../../platform/errors.ts'
import { isSamePassword, passwordFaults } from '../../platform/password-policy.ts'

const Change = closed({
  currentPassword: Password,
  newPassword: NewPassword,
  newPasswordConfirm: Type.Optional(Password),
})
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

export const changePasswordSchema = {
  operationId: 'changePassword',
  summary: 'Change your password and end your other sessions',
  tags: ['Accounts'],
  security: signedInOnly,
  body: PasswordChangeBody,
  response: {
    200: SessionBody,
    ...problems(
      ...signedInProblems,
      'csrf_rejected',
      'overloaded',
      'validation_failed',
      'weak_password',
      'invalid_credentials',
    ),
  },
}
