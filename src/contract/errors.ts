import { defineError, type ErrorDefinition } from '../platform/errors/api-error.ts'

// Errors that several features share. Codes are public and stable; texts may change.

export const WeakPassword = defineError({
  code: 'weak_password',
  status: 400,
  action: 'fix_request',
  title: 'Weak password',
  detail: 'Choose another password; see errors for the reason.',
  explanation:
    'A password must have 8 to 128 characters. It must not be a common password that attackers try first; capitals, symbols for letters, or a year, digits or symbols around it do not help. Where the server has a list of passwords from data breaches, it must not be in that list. It must not contain the username or the name part of the e-mail address. There are no other rules: spaces, emoji and whole sentences are welcome.',
})

export const Unauthenticated = defineError({
  code: 'unauthenticated',
  status: 401,
  action: 'login',
  title: 'Not signed in',
  detail:
    'The request has no token. Send the access token as Authorization: Bearer; POST /refresh takes the refresh token.',
  explanation:
    'The request has no token. Sign in at `POST /login` and send the access token as `Authorization: Bearer …`.',
})

export const InvalidToken = defineError({
  code: 'invalid_token',
  status: 401,
  action: 'login',
  title: 'Invalid token',
  detail: 'The token is not valid.',
  explanation:
    'This server did not issue the token for this purpose. Forged and damaged tokens, tokens of other servers, tokens of the wrong kind and tokens sent in the wrong header or field all get this answer.',
})

export const TokenExpired = defineError({
  code: 'token_expired',
  status: 401,
  action: 'refresh',
  title: 'Token expired',
  detail: 'The access token has expired; get a new one at POST /refresh.',
  explanation:
    'The access token is genuine, but it has expired, the role of the account has changed, or the password was changed after it was issued. The session continues: refresh, then retry the request.',
})

export const SessionEnded = defineError({
  code: 'session_ended',
  status: 401,
  action: 'login',
  title: 'Session ended',
  detail: 'The session has ended; sign in again.',
  explanation:
    'The token is genuine, but its session has ended: by signing out, from another device, because nobody refreshed it in time, by a change of the password, or because a used refresh token came again. A refresh token from before a change of the password gets the same answer.',
})

export const InvalidCredentials = defineError({
  code: 'invalid_credentials',
  status: 401,
  action: 'fix_request',
  title: 'Invalid credentials',
  detail: 'The username or the password is wrong.',
  explanation:
    'The answer does not say which of the two is wrong, so that nobody can find out who has an account. A wrong answer to a challenge gets this error, too: then `attemptsLeft` says how many more guesses the challenge allows.',
})

export const ChallengeOver = defineError({
  code: 'challenge_over',
  status: 410,
  action: 'fix_request',
  title: 'Challenge over',
  detail: 'This challenge cannot be answered any more; begin again.',
  explanation:
    'The code or the link is of no more use: it has expired, it was used, it had five wrong guesses, or the account has changed since. A damaged challenge gets the same answer. Begin again.',
})

export const StepUpRequired = defineError({
  code: 'step_up_required',
  status: 401,
  action: 'step_up',
  title: 'Recent proof required',
  detail: 'Prove who you are before this step: answer the challenge, then repeat the request.',
  explanation:
    'This step is sensitive: it needs a proof that is not older than `max_age` seconds, and a second factor where `acr_values` is `aal2` (RFC 9470). Answer `challenge` at `POST /challenges/answer`, store the tokens of the answer, and repeat the request with them. The session continues.',
})

export const SecondFactorRequired = defineError({
  code: 'second_factor_required',
  status: 401,
  action: 'step_up',
  title: 'Second factor required',
  detail: 'One more proof is needed: answer the challenge with a second factor.',
  explanation:
    'The account has a second factor, so a password, a mailed code or an outside provider alone does not sign in. Answer `challenge` at `POST /challenges/answer` with one of its methods: the answer is the session.',
})

export const SecondFactorMissing = defineError({
  code: 'second_factor_missing',
  status: 403,
  action: 'fix_request',
  title: 'Second factor missing',
  detail: 'This step needs a second factor, and the account has none; add one first.',
  explanation:
    'Only somebody with two factors may take this step, and the account has none beside its password. Add one: begin `add_totp` or `add_passkey` at `POST /challenges`. The session continues.',
})

export const Forbidden = defineError({
  code: 'forbidden',
  status: 403,
  action: 'none',
  title: 'Forbidden',
  detail: 'You may not do this.',
  explanation: 'The session is valid, but the role of the account does not allow this request.',
})

export const RegistrationClosed = defineError({
  code: 'registration_closed',
  status: 403,
  action: 'none',
  title: 'Registration closed',
  detail: 'New accounts need an invitation; ask the operator of this site.',
  explanation:
    'Not everybody may create an account here (`REGISTRATION`): an administrator creates it, or invites by mail.',
})

export const LastCredential = defineError({
  code: 'last_credential',
  status: 409,
  action: 'fix_request',
  title: 'Last way to sign in',
  detail: 'This is the last way to sign in to the account; add another one first.',
  explanation:
    'Without it nobody could sign in to the account any more. Set a password (`reset_password` at `POST /challenges`), or add a passkey or another provider.',
})

export const LastAdmin = defineError({
  code: 'last_admin',
  status: 409,
  action: 'fix_request',
  title: 'Last administrator',
  detail: 'This is the last enabled administrator; give the role to another account first.',
  explanation:
    'The last administrator who can sign in is not demoted, disabled or deleted: nobody could administer the accounts any more.',
})

export const NotOwner = defineError({
  code: 'not_owner',
  status: 403,
  action: 'none',
  title: 'Not the owner',
  detail: 'Only the owner may do this.',
  explanation:
    'The resource belongs to somebody else. Only its owner or an administrator may change it.',
})

export const CsrfRejected = defineError({
  code: 'csrf_rejected',
  status: 403,
  action: 'fix_request',
  title: 'Request origin rejected',
  detail: 'The Origin header is missing or not allowed.',
  explanation:
    'A request that uses the refresh cookie, or asks for one, must come from an allowed origin: the server\'s own, or one listed in `CORS_ORIGINS`. Browsers send `Origin` automatically. Other clients use `"transport": "body"`, which needs no origin.',
})

export const accessErrors: readonly ErrorDefinition[] = [
  WeakPassword.definition,
  Unauthenticated.definition,
  InvalidToken.definition,
  TokenExpired.definition,
  SessionEnded.definition,
  InvalidCredentials.definition,
  ChallengeOver.definition,
  StepUpRequired.definition,
  SecondFactorRequired.definition,
  SecondFactorMissing.definition,
  Forbidden.definition,
  NotOwner.definition,
  CsrfRejected.definition,
]

export const UsernameTaken = defineError({
  code: 'username_taken',
  status: 409,
  action: 'fix_request',
  title: 'Username taken',
  detail: 'This username is already taken.',
  explanation: 'Usernames are unique; upper and lower case count as equal.',
})

export const EmailTaken = defineError({
  code: 'email_taken',
  status: 409,
  action: 'fix_request',
  title: 'E-mail address taken',
  detail: 'An account with this e-mail address already exists.',
  explanation:
    'E-mail addresses are unique; upper and lower case count as equal. Sign in instead, or use another address.',
})

export const LimitReached = defineError({
  code: 'limit_reached',
  status: 409,
  action: 'fix_request',
  title: 'Limit reached',
  detail: 'The limit is reached; remove something first.',
  explanation: 'You have as many of these as the documentation allows. Remove one first.',
})

export const PreconditionFailed = defineError({
  code: 'precondition_failed',
  status: 412,
  action: 'fix_request',
  title: 'Precondition failed',
  detail: 'The resource does not have the version that the request asks for.',
  explanation:
    '`If-Match` does not name the current version, or `If-None-Match` does. Somebody may have changed the resource since you read it. Read it again, then decide again.',
})

export const resourceErrors: readonly ErrorDefinition[] = [
  LimitReached.definition,
  PreconditionFailed.definition,
]

/** By code: what the page of a common error says in this API, instead of its own explanation. */
export const explanations: Readonly<Record<string, string>> = {
  payload_too_large:
    'The body of the request is larger than the limit. JSON bodies may have at most 64 KiB. Photos may have at most 5 MiB, and 20 MiB after re-encoding.',
  unsupported_media_type:
    'Bodies are `application/json` in UTF-8. `POST /register`, `POST /login` and `POST /refresh` also take `application/x-www-form-urlencoded` and `multipart/form-data`. Photos come as `multipart/form-data`. Their content must be JPEG, PNG or WebP, and not animated.',
  rate_limited:
    'The rate limit for this kind of request is used up; `violated-policies` names it. It is missing where a session had too many wrong passwords, or a user has too many uploads in progress. The session continues. Wait for as many seconds as `Retry-After` says, then retry. The header `RateLimit-Policy` says how many requests are allowed in how many seconds (draft-ietf-httpapi-ratelimit-headers).',
}
