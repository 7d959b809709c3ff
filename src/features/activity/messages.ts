import type { AuditType } from '../../contract/audit-type.ts'
import type { AuditRow } from '../audit/reading.ts'

type Message = string | ((event: Told) => string)
type Told = Pick<AuditRow, 'type' | 'userId' | 'actorId' | 'detail' | 'count'>

/** What each event means to the owner of the account. */
const MESSAGES: Record<AuditType, Message> = {
  registered: 'The account was created.',
  account_created: 'An administrator created your account.',
  invitation_accepted: 'You accepted the invitation and chose a password.',
  signed_in: 'You signed in.',
  stepped_up: 'You proved again who you are.',
  sign_in_failed: ({ detail }) => REASONS[detail ?? ''] ?? 'A sign-in to your account failed.',
  sign_in_locked: 'Too many sign-ins failed, so the next ones had to wait.',
  signed_out: 'You signed out.',
  session_revoked: ({ detail, ...event }) =>
    detail === 'session_limit'
      ? 'Your oldest session ended, since there were too many.'
      : `${whoDid(event)} ended a session.`,
  sessions_ended: (event) => `${whoDid(event)} ended all your sessions.`,
  signing_keys_replaced: 'The server replaced its keys.',
  refresh_token_reused: 'A session ended, since somebody else may have used it.',
  session_restored: 'A session continued from a copy.',
  password_changed: ({ detail, ...event }) =>
    detail === 'first' ? 'You set a password.' : `${whoDid(event)} changed your password.`,
  password_reset_sent: (event) => `${whoDid(event)} had a code for a new password sent to you.`,
  password_reset: 'You set a new password with a code from a mail.',
  challenge_failed: 'Somebody sent a wrong code or a wrong proof for your account.',
  second_factor_failed: 'Somebody sent a wrong code as the second factor of your account.',
  second_factor_changed: (event) => `${whoDid(event)} changed whether you need a second factor.`,
  factor_added: 'You added a factor.',
  factor_removed: (event) => `${whoDid(event)} removed a factor.`,
  factor_cloned: 'A passkey was refused, since there may be a copy of it.',
  recovery_codes_made: 'You made new recovery codes.',
  recovery_code_used: 'You used a recovery code.',
  identity_added: 'You added an account at an outside provider, which signs you in.',
  identity_removed: (event) => `${whoDid(event)} removed an account at an outside provider.`,
  account_claimed:
    'You signed in with an outside provider, so what somebody else had set up before is gone.',
  email_verified: (event) => `${whoDid(event)} verified your e-mail address.`,
  email_change_asked: 'You asked for another e-mail address.',
  email_changed: (event) => `${whoDid(event)} changed your e-mail address.`,
  email_change_undone: 'The change of your e-mail address was undone.',
  profile_changed: (event) => `${whoDid(event)} changed your profile.`,
  role_changed: (event) => `${whoDid(event)} changed your role.`,
  account_disabled: (event) => `${whoDid(event)} disabled your account.`,
  account_enabled: (event) => `${whoDid(event)} enabled your account.`,
  account_unlocked: (event) => `${whoDid(event)} unlocked your account.`,
  account_deleted: (event) => `${whoDid(event)} deleted your account.`,
  mail_failed: 'A mail to you could not be delivered.',
  house_changed_by_admin: 'An administrator changed one of your houses.',
  house_deleted_by_admin: 'An administrator deleted one of your houses.',
}

const REASONS: Record<string, string> = {
  wrong_password: 'Somebody entered a wrong password for your account.',
  locked: 'A sign-in was refused, since too many had failed before it.',
  disabled: 'A sign-in was refused, since your account was disabled.',
}

/** The message in plain words; says how often, where the row tells of several events. */
export function messageOf(event: Told): string {
  const message = MESSAGES[event.type as AuditType] ?? 'Something happened to your account.'
  const text = typeof message === 'string' ? message : message(event)
  return event.count === 1 ? text : `${text} (${event.count} times)`
}

function whoDid({ userId, actorId }: Pick<Told, 'userId' | 'actorId'>): string {
  if (actorId === null) return 'The operator of the server'
  return actorId === userId ? 'You' : 'An administrator'
}
