/** What an answer says to people: `message`. */
export const messages = {
  welcome: (username: string) => `Welcome, ${username}!`,
  welcomeBack: (username: string) => `Welcome back, ${username}!`,
  dashboard: (username: string) => `Welcome to your dashboard, ${username}!`,
  sessionContinues: (username: string) => `Your session continues, ${username}.`,
  thankYou: (username: string) => `Thank you, ${username}.`,
  signedOut: 'You are signed out.',
  passwordSet: 'Your password is set. Your other sessions have ended.',
  passwordChanged: 'Your password is changed. Your other sessions have ended.',
  passwordReset: 'Your password is changed. All sessions have ended: sign in with it.',
  verified: 'Your e-mail address is verified.',
  emailChangeUndone:
    'Your account has its old address again, and a new password. All sessions have ended: sign in with it.',
  invitationAccepted: 'Your account is ready: sign in with your new password.',
  codeSent: 'A code is on its way to your address. Send it to sign in.',
  codeSentAgain: 'If there is such an account, the code is on its way again.',
  resetMailSent: 'The mail is on its way to the address of the account.',
}
