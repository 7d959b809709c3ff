// Texts of the document, in Markdown.

export const description = `Accounts and sessions for your application: sign-up, sign-in, refresh, sign-out, and a protected resource to copy.

## Getting started

1. **Create an account:** \`POST /register\` with a username, an e-mail address and a password. The answer holds an \`access_token\` and a \`refresh_token\`. If you have an account, \`POST /login\` gives the same answer.
2. **Call a protected operation:** \`GET /me\` with the header \`Authorization: Bearer <access_token>\`.
3. **Stay signed in:** after \`refreshAfter\` seconds, send the refresh token to \`POST /refresh\`. Replace the old tokens with both new ones.
4. **Sign out:** \`POST /logout\` with either token. Both are refused from then on.

## Tokens

| | access token | refresh token |
|---|---|---|
| used for | every protected request | \`POST /refresh\` and \`POST /logout\` only |
| lifetime | 15 minutes (\`expires_in\`) | 30 days since the last refresh (\`refresh_expires_in\`), 90 days in all |
| used | any number of times | once: each refresh gives a new one |
| store it | in memory | where other programs cannot read it; in a browser, the cookie |

These are the default lifetimes. Each sign-in opens its own session, with its own tokens. A session ends when you sign out, end it from another device, do not refresh it in time, or change the password in another session. Its access tokens stop working too.

Other services verify access tokens themselves, with the keys at \`/.well-known/jwks.json\`, or ask \`GET /verify\`.

## Two transports

You choose the transport of a session with \`transport\` at \`POST /register\` or \`POST /login\`. The session keeps it.

- **\`body\`**, the default, for apps, servers and command lines: the refresh token is in the body of the answer. Send it back in the body or as \`Authorization: Bearer\`.
- **\`cookie\`**, for browsers: the refresh token is in the cookie \`__Host-latchkey-refresh\`, which no script can read. (On a development server at \`http://localhost\` its name is \`latchkey-refresh\`, without \`Secure\`.) The browser sends it automatically. Requests that use the cookie, or ask for one, need an \`Origin\` that the server allows: its own, one listed in the setting \`CORS_ORIGINS\`, or, outside production, any port of \`http://localhost\`. Otherwise the answer is 403 \`csrf_rejected\`. From another origin, each call needs \`credentials: 'include'\`.

With both transports, send the access token as \`Authorization: Bearer\`.

## Errors

Every error is \`application/problem+json\` (RFC 9457). A program reads two members: \`code\` is the stable name of the error, and \`action\` says what to do.

| \`action\` | what a client does |
|---|---|
| \`fix_request\` | Correct the request: the same request fails again. Where there is \`errors\`, it lists every problem, each with a JSON pointer. |
| \`refresh\` | \`POST /refresh\`, then retry the request. |
| \`login\` | The session has ended: forget the tokens and sign in again. **No other action means that.** |
| \`step_up\` | Ask for the password again. The session continues. |
| \`retry\` | Wait, then retry the request. The session continues. |
| \`none\` | Nothing: a retry gets the same answer. |

A 401 has the header \`WWW-Authenticate\`. A known path with an unsupported method answers 405 \`method_not_allowed\` and lists the supported methods in \`Allow\`. An unknown path answers 404 \`not_found\`. These two errors belong to no operation, so the operations below do not list them. \`GET /problems\` explains every code.

## Languages

\`title\`, \`detail\` and \`errors[].detail\` of an error and every \`message\` are for people, in the language of \`Accept-Language\`, or in the server's first one. Such an answer names its language in \`Content-Language\`, and \`Accept-Language\` in \`Vary\`. No value of it is refused, and codes are the same in every language. Mails follow the \`locale\` of the account.

## Retries

429 and 503 say in \`Retry-After\` how many seconds to wait. Add a random delay, so that not all clients retry at the same moment. After a network error or any 5xx, you can safely retry every \`GET\`, and the \`PUT\` and \`DELETE\` of a house (a second \`DELETE\` answers 404). Two operations accept an \`Idempotency-Key\`, a name that the client chooses for one request. With it you can safely retry them too:

- \`POST /refresh\`: the same key gives the same new refresh token, until that token is used.
- \`POST /houses\`: for 24 hours, the same key gives the first answer again. With another body the answer is 422 \`idempotency_mismatch\`.

## Rate limits

Every kind of request has a rate limit: a number of requests in a number of seconds. Above it, the answer is 429 \`rate_limited\`; \`violated-policies\` and the headers \`RateLimit\` and \`RateLimit-Policy\` name the limit. The session continues. After ten wrong values of \`currentPassword\` in a row, a session also gets 429 for 15 minutes; that answer names no limit.

## Versions

A house has a \`version\`, and its \`ETag\` names it. With that ETag in \`If-Match\`, the server changes the house only if nobody else has changed it in the meantime. Otherwise the answer is 412 \`precondition_failed\`: read the house again, then decide again. With the ETag in \`If-None-Match\`, a house that has not changed is answered without a body (304). Both headers also accept the ETag as a compressing proxy changes it, such as \`W/"3"\` or \`"3-gzip"\`.

## Lists

There are two ways to read the list of \`GET /houses\`. Pages (\`page\`, \`size\`) have totals and a \`Link\` header; they suit people. A cursor (\`cursor=\` to start, then \`nextCursor\`) is equally fast at any depth and skips nothing while others write; it suits programs.

## Conventions

- Bodies are JSON in UTF-8; \`POST /register\`, \`POST /login\` and \`POST /refresh\` also accept forms. Photos are sent as \`multipart/form-data\`. An empty body of any type counts as no body.
- Unknown fields, wrong types and values out of range are refused: the server converts nothing and drops nothing silently. You may send members marked \`readOnly\` back; the server ignores them.
- An operation with query parameters refuses unknown and repeated ones. An operation without any ignores the query. A slash at the end of a path makes no difference.
- The server removes white space around a \`username\` or an \`email\`, never around a password. White space is what \`trim()\` of JavaScript removes: spaces of every kind, tabs, line breaks and a byte order mark. A zero-width space is not white space, and is refused.
- Text must be well-formed Unicode without control characters. A password may have control characters.
- Times are RFC 3339 in UTC, durations are whole seconds, ids are lower-case UUIDv7.
- Every answer has a request id in \`X-Request-Id\`, and an error repeats it in \`instance\`. The server's log has it too.
- \`HEAD\` works wherever \`GET\` does.`
