/** The page that mailed links lead to. */
export const mailPage = {
  title: 'Your account',
  noScript:
    'This page needs JavaScript. You can also type the code of the mail where you asked for it.',
  newPassword: 'New password',
  newPasswordAgain: 'New password again',
  confirm: 'Confirm',
  /** What its script says. */
  script: {
    verify_email: {
      title: 'Confirm your e-mail address',
      text: 'Press the button to confirm that this address is yours.',
      action: 'Confirm address',
    },
    reset_password: {
      title: 'Choose a new password',
      text: 'You will be signed out everywhere else.',
      action: 'Set new password',
    },
    accept_invite: {
      title: 'Choose a password',
      text: 'Somebody has made an account for your address. It is yours with a password of your own.',
      action: 'Set password',
    },
    undo_email: {
      title: 'Keep your old e-mail address',
      text: 'Your account gets its old address back. Choose a new password: the person who changed the address may know the present one. Everybody else is signed out.',
      action: 'Take my address back',
    },
    incomplete: 'This link is incomplete. Copy the whole link from the mail into the address bar.',
    failed: 'Something went wrong. Please try again.',
    offline: 'There is no connection to the server. Please try again.',
  },
}
