import type { MailKind, Values } from '../kinds.ts'
import {
  addressInUse,
  emailChangeAsked,
  emailChanged,
  emailChangedForYou,
  emailVerified,
} from './addresses.ts'
import { invite, resetPassword, signIn, verifyEmail } from './codes.ts'
import {
  factorAdded,
  factorCloned,
  factorRemoved,
  recoveryCodesMade,
  recoveryCodeUsed,
  secondFactorChanged,
  secondFactorFailed,
} from './factors.ts'
import { accountClaimed, identityAdded, identityRemoved } from './identities.ts'
import { type Content, compose, type Draft } from './layout.ts'
import {
  accountDeleted,
  accountDisabled,
  accountLocked,
  newDevice,
  passwordChanged,
  passwordReset,
  passwordSet,
  refreshTokenReused,
  testMail,
} from './notices.ts'

export type Template = (values: Values) => Content

const drafts: Record<MailKind, (values: Values) => Draft> = {
  verify_email: verifyEmail,
  sign_in: signIn,
  reset_password: resetPassword,
  invite,
  email_change_asked: emailChangeAsked,
  email_changed: emailChanged,
  address_in_use: addressInUse,
  email_verified: emailVerified,
  email_changed_for_you: emailChangedForYou,
  password_changed: passwordChanged,
  password_set: passwordSet,
  password_reset: passwordReset,
  new_device: newDevice,
  account_locked: accountLocked,
  refresh_token_reused: refreshTokenReused,
  account_disabled: accountDisabled,
  account_deleted: accountDeleted,
  factor_added: factorAdded,
  factor_removed: factorRemoved,
  factor_cloned: factorCloned,
  identity_added: identityAdded,
  identity_removed: identityRemoved,
  account_claimed: accountClaimed,
  second_factor_failed: secondFactorFailed,
  second_factor_changed: secondFactorChanged,
  recovery_codes_made: recoveryCodesMade,
  recovery_code_used: recoveryCodeUsed,
  test: testMail,
}

export function ownTemplate(kind: MailKind): Template {
  return (values) => compose(drafts[kind](values))
}
