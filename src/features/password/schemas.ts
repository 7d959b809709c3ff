import { type Static, Type } from 'typebox'
import { withChecks } from '../../http/checks.ts'
import { closed, NewPassword, Password } from '../../http/schemas.ts'
import type { Fault } from '../../platform/errors.ts'
import { passwordFaults } from '../../platform/password-policy.ts'

const Change = closed({
  currentPassword: Password,
  newPassword: NewPassword,
  newPasswordConfirm: Type.Optional(Password),
})
export type Change = Static<typeof Change>

export const PasswordChangeBody = withChecks(Change, (body) => {
  const { currentPassword, newPassword, newPasswordConfirm } = body as Record<string, unknown>
  if (typeof newPassword !== 'string') return []
  const faults: Fault[] = passwordFaults(newPassword, {}, '/newPassword')
  if (newPassword === currentPassword) {
    faults.push({ pointer: '/newPassword', code: 'unchanged', detail: 'Equals the current one.' })
  }
  if (typeof newPasswordConfirm === 'string' && newPasswordConfirm !== newPassword) {
    const detail = 'Must equal newPassword.'
    faults.push({ pointer: '/newPasswordConfirm', code: 'mismatch', detail })
  }
  return faults
})
