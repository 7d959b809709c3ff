/** By code: errors of accounts, sessions and proofs. */
export const accountErrors = {
  weak_password: {
    title: 'Weak password',
    detail: 'Choose another password; see errors for the reason.',
    explanation:
      'A password must have 8 to 128 characters. It must not be a common password that attackers try first; capitals, symbols for letters, or a year, digits or symbols around it do not help. Where the server has a list of passwords from data breaches, it must not be in that list. It must not contain the username or the name part of the e-mail address. There are no other rules: spaces, emoji and whole sentences are welcome.',
  },
  unauthenticated: {
    title: 'Not signed in',
    detail:
      'The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.',
    explanation:
      'The request has no token. Sign in at `POST /login` and send the access token as `Authorization: Bearer …`.',
  },
  invalid_token: {
    title: 'Invalid token',
    detail: 'The token is not valid.',
    explanation:
      'This server did not issue the token for this purpose. Forged and damaged tokens, tokens of other servers, tokens of the wrong kind and tokens sent in the wrong header or field all get this answer.',
  },
  token_expired: {
    title: 'Token expired',
    detail: 'The access token has expired; get a new one at POST /refresh.',
    explanation:
      'The access token is genuine, but it has expired, the role of the account has changed, or the password was changed after it was issued. The session continues: refresh, then retry the request.',
  },
  session_ended: {
    title: 'Session ended',
    detail: 'The session has ended; sign in again.',
    explanation:
      'The token is genuine, but its session has ended: by signing out, from another device, because nobody refreshed it in time, by a change of the password, or because a used refresh token came again. A refresh token from before a change of the password gets the same answer.',
  },
  invalid_credentials: {
    title: 'Invalid credentials',
    detail: 'The username or the password is wrong.',
    explanation:
      'The answer does not say which of the two is wrong, so that nobody can find out who has an account. A wrong answer to a challenge gets this error, too: then `attemptsLeft` says how many more guesses the challenge allows.',
  },
  step_up_required: {
    title: 'Recent proof required',
    detail: 'Prove who you are before this step: answer the challenge, then repeat the request.',
    explanation:
      'This step is sensitive: it needs a proof that is not older than `max_age` seconds, and a second factor where `acr_values` is `aal2` (RFC 9470). Answer `challenge` at `POST /challenges/answer`, store the tokens of the answer, and repeat the request with them. The session continues.',
  },
  second_factor_required: {
    title: 'Second factor required',
    detail: 'One more proof is needed: answer the challenge with a second factor.',
    explanation:
      'The account has a second factor, so a password, a mailed code or an outside provider alone does not sign in. Answer `challenge` at `POST /challenges/answer` with one of its methods: the answer is the session.',
  },
  verification_required: {
    title: 'Address not verified',
    detail:
      'The e-mail address is not verified yet; answer the challenge with the code of the mail.',
    explanation:
      'The password is right, but this server signs in nobody whose e-mail address is not verified. A mail with a code is on its way to the address. Send the code with the `challenge` of this answer to `POST /challenges/answer`: that verifies the address and signs in.',
  },
  second_factor_missing: {
    title: 'Second factor missing',
    detail: 'This step needs a second factor, and the account has none; add one first.',
    explanation:
      'Only somebody with two factors may take this step, and the account has none beside its password. Add one: begin `add_totp` or `add_passkey` at `POST /challenges`. The session continues.',
  },
  forbidden: {
    title: 'Forbidden',
    detail: 'You may not do this.',
    explanation: 'The session is valid, but the role of the account does not allow this request.',
  },
  not_owner: {
    title: 'Not the owner',
    detail: 'Only the owner may do this.',
    explanation:
      'The resource belongs to somebody else. Only its owner or an administrator may change it.',
  },
  csrf_rejected: {
    title: 'Request origin rejected',
    detail: 'The Origin header is missing or not allowed.',
    explanation: `A request that uses the refresh cookie, or asks for one, must come from an allowed origin: the server's own, or one listed in \`CORS_ORIGINS\`. Browsers send \`Origin\` automatically. Other clients use \`"transport": "body"\`, which needs no origin.`,
  },
  registration_closed: {
    title: 'Registration closed',
    detail: 'New accounts need an invitation; ask the operator of this site.',
    explanation:
      'Not everybody may create an account here (`REGISTRATION`): an administrator creates it, or invites by mail.',
  },
  wrong_password: {
    title: 'Wrong password',
    detail: 'The current password is wrong.',
    explanation:
      'You are signed in, but `currentPassword` is not the password of your account. The session continues: ask for the password again. After 10 wrong passwords in a row, the session must wait for 15 minutes. Until then even the right password gets `rate_limited`. A new sign-in starts a new count.',
  },
  email_unverified: {
    title: 'Address not verified by the provider',
    detail: 'The provider gave no address that this server can take as verified.',
    explanation:
      'A new account needs an address that is verified. The provider has sent no address, or one that it has not verified on a server that sends no mails to do so. Add or verify the address at the provider, or sign in another way and add the provider to your account.',
  },
  username_taken: {
    title: 'Username taken',
    detail: 'This username is already taken.',
    explanation: 'Usernames are unique; upper and lower case count as equal.',
  },
  email_taken: {
    title: 'E-mail address taken',
    detail: 'An account with this e-mail address already exists.',
    explanation:
      'E-mail addresses are unique; upper and lower case count as equal. Sign in instead, or use another address.',
  },
  last_admin: {
    title: 'Last administrator',
    detail: 'This is the last enabled administrator; give the role to another account first.',
    explanation:
      'The last administrator who can sign in is not demoted, disabled or deleted: nobody could administer the accounts any more.',
  },
  last_credential: {
    title: 'Last way to sign in',
    detail: 'This is the last way to sign in to the account; add another one first.',
    explanation:
      'Without it nobody could sign in to the account any more. Set a password (`reset_password` at `POST /challenges`), or add a passkey or another provider.',
  },
  identity_taken: {
    title: 'Identity taken',
    detail: 'This identity belongs to another account.',
    explanation:
      'Somebody has added this account at the provider to another account here. Sign in with it and remove it there first.',
  },
  challenge_over: {
    title: 'Challenge over',
    detail: 'This challenge cannot be answered any more; begin again.',
    explanation:
      'The code or the link is of no more use: it has expired, it was used, it had five wrong guesses, or the account has changed since. A damaged challenge gets the same answer. Begin again.',
  },
  provider_unavailable: {
    title: 'Provider unavailable',
    detail: 'The provider cannot be used now; retry later, or sign in another way.',
    explanation:
      'The outside provider does not answer, or answers what this server cannot accept. Other ways to sign in still work. The log of the server has the reason.',
  },
}
