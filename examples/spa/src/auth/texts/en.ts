export const en = {
  // What several pages say
  signIn: 'Sign in',
  signOut: 'Sign out',
  register: 'Create account',
  username: 'Username',
  usernameHint: 'Letters, digits, dots, hyphens and underscores; at least 3.',
  usernameOrEmail: 'Username or e-mail address',
  email: 'E-mail address',
  emailHint: 'We send a code to it, to make sure that it is yours.',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: 'At least 8 characters. A sentence is easy to remember and hard to guess.',
  repeatPassword: 'Repeat the password',
  notTheSame: 'The two passwords are not the same.',
  code: 'Code',
  codeHint: 'Eight digits from the mail.',
  sendCode: 'Send me a code',
  resend: 'Send it again',
  resent: 'The mail is on its way again.',
  codeOver: 'This code was used, guessed at too often, or is too old. Ask for another one.',
  linkOver: 'This link was used, or is too old. Ask for another mail.',
  codeOnItsWay: 'If there is such an account, a code is on its way to its e-mail address.',
  or: 'or',
  goOn: 'Continue',
  back: 'Back',
  toStart: 'To the start page',
  noServerTitle: 'The server cannot be reached',

  // Sign in
  signInWithPasskey: 'Sign in with a passkey',
  signInByMail: 'Sign in with a code by mail',
  signInByMailLead: 'You need no password: we mail you a code.',
  continueWith: (provider: string) => `Continue with ${provider}`,
  otherWay: 'Sign in another way',
  noAccount: 'New here?',
  provider: {
    access_denied: 'You have declined at the provider. Choose another way to sign in.',
    challenge_over: 'That took too long. Please begin again.',
    provider_unavailable:
      'The provider does not answer at the moment. Choose another way to sign in.',
    not_begun_here: 'This sign-in was begun in another tab or browser. Please begin again here.',
  },
  notFinished: 'The sign-in is not finished. Begin again, or choose another way.',
  identityAdded: 'The account is linked: it signs you in from now on.',

  // Register
  haveAccount: 'You have an account?',
  welcome: (name: string) => `Welcome, ${name}!`,

  // Lost password
  forgot: 'Forgot your password?',
  forgotLead: 'We mail you a code, and you choose a new password.',
  chooseNewPassword: 'Choose a new password',
  setPassword: 'Set new password',
  passwordChanged: 'Your password is changed. Sign in with it.',
  backToSignIn: 'Back to the sign-in',

  // Mails
  verify: 'Verify address',
  verifyTitle: 'Verify your address',
  verifyLead: (email: string) => `We mail a code to ${email}. Type it here.`,
  verifyNotice: (email: string) =>
    `${email} is not verified yet. Open the link of our mail, or type its code.`,
  verifiedTitle: 'Your address is verified',
  verified: (email: string) => `${email} is verified.`,
  brokenLink: 'This link is incomplete',
  brokenLinkLead: 'Copy the whole link from the mail into the address bar.',
  links: {
    verify_email: {
      title: 'Verify your address',
      lead: 'Press the button to confirm that this address is yours.',
      submit: 'Verify address',
      done: 'Your address is verified.',
    },
    reset_password: {
      title: 'Choose a new password',
      lead: 'You will be signed out everywhere else.',
      submit: 'Set new password',
      done: 'Your password is changed. Sign in with it.',
    },
    accept_invite: {
      title: 'Welcome! Choose a password',
      lead: 'Somebody has made an account for you. It is yours with a password of your own.',
      submit: 'Set password',
      done: 'Your account is ready. Sign in with your new password.',
    },
    undo_email: {
      title: 'Keep your old address',
      lead: 'Your account gets its old address back. Choose a new password, since the person who changed the address may know the present one. Everybody else is signed out.',
      submit: 'Take my address back',
      done: 'Your account has its old address again. Sign in with your new password.',
    },
  },

  // Proofs
  proof: {
    factorTitle: 'One more step',
    mailTitle: 'Check your mail',
    againTitle: 'Please confirm that it is you',
    verifyTitle: 'Verify your address first',
    otherWays: 'or',
    providerAgain: 'To continue, sign in with your provider once more. Then try again.',
    wrong: (left: number) =>
      left === 1
        ? 'That is not right. You have one more try.'
        : `That is not right. You have ${left} more tries.`,
    ask: {
      passkey: 'Use a passkey of this device, of your phone, or of a security key.',
      totp: 'Open your authenticator app and type the six digits that it shows.',
      mail_code: 'We have sent a mail with a code to your address. Type the code here.',
      password: 'Type your password once more.',
      recovery_code: 'Type one of the recovery codes that you have kept. Each one works once.',
    },
    use: {
      passkey: 'Use a passkey',
      totp: 'Use the authenticator app',
      mail_code: 'Use a code by mail',
      password: 'Use the password',
      recovery_code: 'Use a recovery code',
    },
    label: {
      totp: 'Code of the app',
      mail_code: 'Code of the mail',
      password: 'Password',
      recovery_code: 'Recovery code',
    },
    submit: 'Continue',
    trust: 'Trust this browser',
    trustHint: 'It is not asked for the second step for some time. Not on shared devices.',
  },

  // Goodbye
  goodbye: 'You are signed out',
  goodbyeLead: 'Your session has ended, in all tabs of this browser. See you soon!',
  signInAgain: 'Sign in again',
}
