import { defineError, type ErrorKind } from './errors.ts'

// The whole error table of the service. Codes are public and stable; texts may change.

export const ValidationFailed = defineError({
  code: 'validation_failed',
  status: 400,
  action: 'fix_request',
  title: 'Validation failed',
  detail: 'The request has fields that break the rules; see errors.',
  explanation:
    'Each entry of `errors` names one fault by JSON pointer, code and sentence. All faults come at once. Unknown fields, wrong JSON types and values out of range are faults: nothing is converted and nothing is dropped in silence.',
})

export const MalformedRequest = defineError({
  code: 'malformed_request',
  status: 400,
  action: 'fix_request',
  title: 'Malformed request',
  detail: 'The request could not be read.',
  explanation:
    'The request is not what it says it is: the body is not valid JSON, the length is wrong, the address is not a valid URL, or a header is broken. JSON may have 20 levels and 1,000 members and elements; `Host`, `Authorization` and `Content-Type` come once.',
})

export const WeakPassword = defineError({
  code: 'weak_password',
  status: 400,
  action: 'fix_request',
  title: 'Weak password',
  detail: 'Choose another password; see errors for the reason.',
  explanation:
    'A password has 8 to 128 characters, is not one of the common passwords that attackers try first, and contains neither the username nor the name part of the e-mail address. No other rules apply: spaces, emoji and whole sentences are welcome.',
})

export const Unauthenticated = defineError({
  code: 'unauthenticated',
  status: 401,
  action: 'login',
  title: 'Not signed in',
  detail:
    'No token came with the request. Protected addresses take the access token, as Authorization: Bearer; POST /refresh takes the refresh token.',
  explanation:
    'No credential came with the request. Sign in at `POST /login` and send the access token as `Authorization: Bearer …`.',
})

export const InvalidToken = defineError({
  code: 'invalid_token',
  status: 401,
  action: 'login',
  title: 'Invalid token',
  detail: 'The token is not valid here.',
  explanation:
    'The token was not made by this server for this purpose. Forged, damaged and foreign tokens, tokens of the wrong kind and tokens in the wrong place all get this one answer.',
})

export const TokenExpired = defineError({
  code: 'token_expired',
  status: 401,
  action: 'refresh',
  title: 'Token expired',
  detail: 'The access token is over; get a new one at POST /refresh.',
  explanation:
    'The access token is genuine, and it expired, its owner has another role by now, or the password was changed after it. The session lives: refresh and repeat the request.',
})

export const SessionEnded = defineError({
  code: 'session_ended',
  status: 401,
  action: 'login',
  title: 'Session ended',
  detail: 'The session is over; sign in again.',
  explanation:
    'The token is genuine, and its session has ended: signed out, revoked, expired, ended by a change of password, or ended because a spent refresh token was used again. A refresh token from before a change of the password gets the same answer.',
})

export const InvalidCredentials = defineError({
  code: 'invalid_credentials',
  status: 401,
  action: 'fix_request',
  title: 'Invalid credentials',
  detail: 'The username or the password is wrong.',
  explanation:
    'The answer is the same whether the name or the password is wrong, so that nobody can find out who has an account.',
})

export const StepUpRequired = defineError({
  code: 'step_up_required',
  status: 401,
  action: 'step_up',
  title: 'Recent sign-in required',
  detail: 'Sign in again before this step.',
  explanation:
    'The step is sensitive and asks for a recent sign-in (RFC 9470). The session stays as it is.',
})

export const Forbidden = defineError({
  code: 'forbidden',
  status: 403,
  action: 'none',
  title: 'Forbidden',
  detail: 'You may not do this.',
  explanation: 'The session is valid, and its role does not allow this request.',
})

export const NotOwner = defineError({
  code: 'not_owner',
  status: 403,
  action: 'none',
  title: 'Not the owner',
  detail: 'Only the owner may do this.',
  explanation:
    'The resource belongs to somebody else. Every signed-in user may read it; its owner or an administrator may change it.',
})

export const CsrfRejected = defineError({
  code: 'csrf_rejected',
  status: 403,
  action: 'fix_request',
  title: 'Request origin rejected',
  detail: 'The Origin header is missing or not allowed.',
  explanation:
    'A request that uses the refresh cookie, or asks for one, must come from an allowed origin: the server\'s own, or one listed in `CORS_ORIGINS`. Browsers send `Origin` by themselves; other clients use `"transport": "body"`, which needs no origin.',
})

export const WrongPassword = defineError({
  code: 'wrong_password',
  status: 403,
  action: 'fix_request',
  title: 'Wrong password',
  detail: 'The current password is wrong.',
  explanation:
    'You are signed in, and the `currentPassword` of the request is not the password of your account. The session goes on: ask for the password again. After 10 wrong passwords in a row the session has to wait for 15 minutes, which is answered with `rate_limited`, also for the right password; a new sign-in starts a new count.',
})

export const NotFound = defineError({
  code: 'not_found',
  status: 404,
  action: 'none',
  title: 'Not found',
  detail: 'There is nothing at this address.',
  explanation: 'The address, or the thing that it names, does not exist, or is not yours to see.',
})

export const MethodNotAllowed = defineError({
  code: 'method_not_allowed',
  status: 405,
  action: 'fix_request',
  title: 'Method not allowed',
  detail: 'This address does not serve this method; see the Allow header.',
  explanation: 'The address exists and serves other methods: the `Allow` header lists them.',
})

export const NotAcceptable = defineError({
  code: 'not_acceptable',
  status: 406,
  action: 'fix_request',
  title: 'Not acceptable',
  detail: 'The Accept header excludes everything that this address can answer with.',
  explanation:
    'The `Accept` header of the request excludes each media type that the address can produce. API addresses answer with `application/json`.',
})

export const RequestTimeout = defineError({
  code: 'request_timeout',
  status: 408,
  action: 'retry',
  title: 'Request timeout',
  detail: 'The request did not arrive in time.',
  explanation: 'The headers or the body took too long to arrive, and the connection was closed.',
})

export const UsernameTaken = defineError({
  code: 'username_taken',
  status: 409,
  action: 'fix_request',
  title: 'Username taken',
  detail: 'Somebody has this username already.',
  explanation: 'Usernames are unique without regard to case.',
})

export const EmailTaken = defineError({
  code: 'email_taken',
  status: 409,
  action: 'fix_request',
  title: 'E-mail address taken',
  detail: 'An account with this e-mail address exists already.',
  explanation:
    'E-mail addresses are unique without regard to case. Sign in instead, or use another address.',
})

export const ProjectNoTaken = defineError({
  code: 'project_no_taken',
  status: 409,
  action: 'fix_request',
  title: 'Project number taken',
  detail: 'A house with this project number exists already.',
  explanation: 'Project numbers are unique.',
})

export const LimitReached = defineError({
  code: 'limit_reached',
  status: 409,
  action: 'fix_request',
  title: 'Limit reached',
  detail: 'There is no room for another one.',
  explanation: 'A documented limit is reached. Remove something first.',
})

export const PreconditionFailed = defineError({
  code: 'precondition_failed',
  status: 412,
  action: 'fix_request',
  title: 'Precondition failed',
  detail: 'The resource is not in the state that the request asks for.',
  explanation:
    '`If-Match` names no version that is current, or `If-None-Match` names it: somebody may have changed the resource since you read it. Read it again, and decide anew.',
})

export const PayloadTooLarge = defineError({
  code: 'payload_too_large',
  status: 413,
  action: 'fix_request',
  title: 'Payload too large',
  detail: 'The body is larger than this address accepts.',
  explanation:
    'The body of the request is over the limit. JSON bodies may have 64 KiB, photos 5 MiB, and 20 MiB once they are encoded anew.',
})

export const UriTooLong = defineError({
  code: 'uri_too_long',
  status: 414,
  action: 'fix_request',
  title: 'Address too long',
  detail: 'The address of the request is too long.',
  explanation: 'The path and the query string together may have 8,192 characters.',
})

export const UnsupportedMediaType = defineError({
  code: 'unsupported_media_type',
  status: 415,
  action: 'fix_request',
  title: 'Unsupported media type',
  detail: 'Send the body as application/json.',
  explanation:
    'Bodies are `application/json` in UTF-8. `POST /register` and `POST /login` also take `application/x-www-form-urlencoded`; photos come as `multipart/form-data` and are JPEG, PNG or WebP by their content.',
})

export const IdempotencyMismatch = defineError({
  code: 'idempotency_mismatch',
  status: 422,
  action: 'fix_request',
  title: 'Idempotency key used before',
  detail: 'This Idempotency-Key belongs to a different request.',
  explanation:
    'An `Idempotency-Key` names one request. Use a new key for a new request, and the same key only to repeat the same one.',
})

export const RateLimited = defineError({
  code: 'rate_limited',
  status: 429,
  action: 'retry',
  title: 'Too many requests',
  detail: 'Too many requests; wait as long as Retry-After says.',
  explanation:
    'The budget for this kind of request is used up; `violated-policies` names it. A session in which the password was given wrong too often names no budget. Nobody is signed out by this: wait for as many seconds as `Retry-After` says, and repeat. The header `RateLimit-Policy` says how many requests in how many seconds there are (draft-ietf-httpapi-ratelimit-headers).',
})

export const HeadersTooLarge = defineError({
  code: 'headers_too_large',
  status: 431,
  action: 'fix_request',
  title: 'Headers too large',
  detail: 'The headers of the request are too large.',
  explanation:
    'All headers together, with the request line, may have 16 KiB, and there may be 100 of them.',
})

export const Internal = defineError({
  code: 'internal',
  status: 500,
  action: 'retry',
  title: 'Internal error',
  detail: 'Something went wrong on the server; it is in the log under this request id.',
  explanation:
    'A fault of the server. Its log has the details under the request id that `instance` names.',
})

export const Overloaded = defineError({
  code: 'overloaded',
  status: 503,
  action: 'retry',
  title: 'Overloaded',
  detail: 'The server is busy; try again soon.',
  explanation:
    'The server has more work than it can do in time, and refuses some of it early. Nobody is signed out by this: wait as long as `Retry-After` says and repeat.',
})

export const Unavailable = defineError({
  code: 'unavailable',
  status: 503,
  action: 'retry',
  title: 'Unavailable',
  detail: 'The database cannot be reached; try again soon.',
  explanation:
    'The database is away or locked. Nobody is signed out by this: wait as long as `Retry-After` says and repeat.',
})

/** Every row of the table, by status. */
export const errorTable: readonly ErrorKind[] = [
  ValidationFailed,
  MalformedRequest,
  WeakPassword,
  Unauthenticated,
  InvalidToken,
  TokenExpired,
  SessionEnded,
  InvalidCredentials,
  StepUpRequired,
  Forbidden,
  NotOwner,
  CsrfRejected,
  WrongPassword,
  NotFound,
  MethodNotAllowed,
  NotAcceptable,
  RequestTimeout,
  UsernameTaken,
  EmailTaken,
  ProjectNoTaken,
  LimitReached,
  PreconditionFailed,
  PayloadTooLarge,
  UriTooLong,
  UnsupportedMediaType,
  IdempotencyMismatch,
  RateLimited,
  HeadersTooLarge,
  Internal,
  Overloaded,
  Unavailable,
].map((factory) => factory.kind)
