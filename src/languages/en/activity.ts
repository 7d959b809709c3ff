/** Who did it: its owner, an administrator, or the operator on the command line. */
export type Actor = 'owner' | 'administrator' | 'operator'

const WHO: Record<Actor, string> = {
  owner: 'You',
  administrator: 'An administrator',
  operator: 'The operator of the server',
}

/** By type of event: what it means to the owner of the account. */
export const activity = {
  registered: 'The account was created.',
  account_created: 'An administrator created your account.',
  invitation_accepted: 'You accepted the invitation and chose a password.',
  signed_in: 'You signed in.',
  stepped_up: 'You proved again who you are.',
  sign_in_failed: 'A sign-in to your account failed.',
  sign_in_locked: 'Too many sign-ins failed, so the next ones had to wait.',
  signed_out: 'You signed out.',
  session_revoked: (who: Actor) => `${WHO[who]} ended a session.`,
  sessions_ended: (who: Actor) => `${WHO[who]} ended all your sessions.`,
  signing_keys_replaced: 'The server replaced its keys.',
  refresh_token_reused: 'A session ended, since somebody else may have used it.',
  session_restored: 'A session continued from a copy.',
  password_changed: (who: Actor) => `${WHO[who]} changed your password.`,
  password_reset_sent: (who: Actor) => `${WHO[who]} had a code for a new password sent to you.`,
  password_reset: 'You set a new password with a code from a mail.',
  challenge_failed: 'Somebody sent a wrong code or a wrong proof for your account.',
  second_factor_failed: 'Somebody sent a wrong code as the second factor of your account.',
  second_factor_changed: (who: Actor) => `${WHO[who]} changed whether you need a second factor.`,
  factor_added: 'You added a factor.',
  factor_removed: (who: Actor) => `${WHO[who]} removed a factor.`,
  factor_cloned: 'A passkey was refused, since there may be a copy of it.',
  recovery_codes_made: 'You made new recovery codes.',
  recovery_code_used: 'You used a recovery code.',
  identity_added: 'You added an account at an outside provider, which signs you in.',
  identity_removed: (who: Actor) => `${WHO[who]} removed an account at an outside provider.`,
  account_claimed:
    'You signed in with an outside provider, so what somebody else had set up before is gone.',
  email_verified: (who: Actor) => `${WHO[who]} verified your e-mail address.`,
  email_change_asked: 'You asked for another e-mail address.',
  email_changed: (who: Actor) => `${WHO[who]} changed your e-mail address.`,
  email_change_undone: 'The change of your e-mail address was undone.',
  profile_changed: (who: Actor) => `${WHO[who]} changed your profile.`,
  role_changed: (who: Actor) => `${WHO[who]} changed your role.`,
  account_disabled: (who: Actor) => `${WHO[who]} disabled your account.`,
  account_enabled: (who: Actor) => `${WHO[who]} enabled your account.`,
  account_unlocked: (who: Actor) => `${WHO[who]} unlocked your account.`,
  account_deleted: (who: Actor) => `${WHO[who]} deleted your account.`,
  mail_failed: 'A mail to you could not be delivered.',
  house_changed_by_admin: 'An administrator changed one of your houses.',
  house_deleted_by_admin: 'An administrator deleted one of your houses.',
}

/** The same, where more is known. */
export const activityDetails = {
  wrongPassword: 'Somebody entered a wrong password for your account.',
  locked: 'A sign-in was refused, since too many had failed before it.',
  disabled: 'A sign-in was refused, since your account was disabled.',
  sessionLimit: 'Your oldest session ended, since there were too many.',
  firstPassword: 'You set a password.',
  unknown: 'Something happened to your account.',
  times: (message: string, count: number) => `${message} (${count} times)`,
}
