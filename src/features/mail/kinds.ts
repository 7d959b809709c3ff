import type { MailValues } from '../../languages/mail.ts'

// The kinds of mail. A row of the outbox names its kind, so one that was released keeps its name.

/** Mails with a code: the first step of something that goes no further without them. */
export const CODE_KINDS = ['verify_email', 'sign_in', 'reset_password', 'invite'] as const

/** Notices to the old address of an account, with a code that undoes the change. */
export const UNDO_KINDS = ['email_change_asked', 'email_changed'] as const

export const NOTICE_KINDS = [
  'address_in_use',
  'email_verified',
  'email_changed_for_you',
  'password_changed',
  'password_set',
  'password_reset',
  'new_device',
  'account_locked',
  'refresh_token_reused',
  'account_disabled',
  'account_deleted',
  'factor_added',
  'factor_removed',
  'factor_cloned',
  'identity_added',
  'identity_removed',
  'account_claimed',
  'second_factor_failed',
  'second_factor_changed',
  'recovery_codes_made',
  'recovery_code_used',
  'test',
] as const

export type CodeKind = (typeof CODE_KINDS)[number]
export type UndoKind = (typeof UNDO_KINDS)[number]
export type NoticeKind = (typeof NOTICE_KINDS)[number]
export type MailKind = CodeKind | UndoKind | NoticeKind

const kinds: readonly string[] = [...CODE_KINDS, ...UNDO_KINDS, ...NOTICE_KINDS]

export function isMailKind(text: string): text is MailKind {
  return kinds.includes(text)
}

export function isCodeKind(kind: MailKind): kind is CodeKind {
  return CODE_KINDS.some((one) => one === kind)
}

/** The purpose that the link of a mail names; mails without a link have none. */
export const PURPOSES: Partial<Record<MailKind, string>> = {
  verify_email: 'verify_email',
  reset_password: 'reset_password',
  invite: 'accept_invite',
  email_change_asked: 'undo_email',
  email_changed: 'undo_email',
}

const code = ['site', 'code', 'until'] as const
const notice = ['site', 'when', 'device'] as const

/** The values that the texts of each kind may use. */
export const SLOTS: Readonly<Record<MailKind, readonly (keyof MailValues)[]>> = {
  verify_email: [...code, 'link'],
  sign_in: code,
  reset_password: [...code, 'link'],
  invite: [...code, 'link'],
  email_change_asked: [...code, 'link', 'when', 'device'],
  email_changed: [...code, 'link', 'when', 'device'],
  address_in_use: notice,
  email_verified: notice,
  email_changed_for_you: notice,
  password_changed: notice,
  password_set: notice,
  password_reset: notice,
  new_device: notice,
  account_locked: notice,
  refresh_token_reused: notice,
  account_disabled: notice,
  account_deleted: notice,
  factor_added: notice,
  factor_removed: notice,
  factor_cloned: notice,
  identity_added: notice,
  identity_removed: notice,
  account_claimed: notice,
  second_factor_failed: notice,
  second_factor_changed: notice,
  recovery_codes_made: notice,
  recovery_code_used: [...notice, 'left'],
  test: ['site', 'when'],
}
