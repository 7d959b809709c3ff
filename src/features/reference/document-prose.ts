// The texts of the document, in Markdown.

export const description = `Accounts and sessions for your application: sign-up, sign-in, refresh, sign-out, and a protected resource to copy.

## Getting started

1. **Create an account:** \`POST /register\` with a username, an e-mail address and a password. The answer holds an \`access_token\` and a \`refresh_token\`. With an account, \`POST /login\` answers with the same.
2. **Call something protected:** \`GET /me\` with the header \`Authorization: Bearer <access_token>\`.
3. **Stay signed in:** after \`refreshAfter\` seconds send the refresh token to \`POST /refresh\`, and store both new tokens in place of the old ones.
4. **Sign out:** \`POST /logout\` with either token. Both are refused from then on.

## Tokens

| | access token | refresh token |
|---|---|---|
| what for | every protected request | \`POST /refresh\` and \`POST /logout\`, nothing else |
| how long | 15 minutes (\`expires_in\`) | 30 days since the last refresh (\`refresh_expires_in\`), 90 days in all |
| how often | any number of times | once: each refresh gives a new one |
| where to keep it | in memory | where other programs cannot read it; in a browser, the cookie |

The times are those of a server that nobody has configured. Each sign-in opens a session of its own, with tokens of its own. A session is over when it is signed out, ended from another device, not refreshed in time, or when the password is changed elsewhere; its access tokens stop then, too.

Other services verify access tokens by themselves, with the keys at \`/.well-known/jwks.json\`, or ask \`GET /verify\`.

## Two transports

A session has one of two transports, chosen with \`transport\` at \`POST /register\` or \`POST /login\`, and keeps it.

- **\`body\`**, the default, for apps, servers and command lines: the refresh token is a member of the answer, and goes back in the body or as \`Authorization: Bearer\`.
- **\`cookie\`**, for browsers: the refresh token is in the cookie \`__Host-latchkey-refresh\`, which no script can read (\`latchkey-refresh\`, without \`Secure\`, where a server for development is at \`http://localhost\`). The browser sends it by itself. Requests that use the cookie, or ask for one, need an \`Origin\` that the server allows: its own, one listed in the setting \`CORS_ORIGINS\`, or, outside production, any port of \`http://localhost\`. Otherwise the answer is 403 \`csrf_rejected\`. From another origin each call needs \`credentials: 'include'\`.

The access token is sent as \`Authorization: Bearer\` in both.

## Errors

Every error is \`application/problem+json\` (RFC 9457). A program looks at two members: \`code\` is the stable name of the error, and \`action\` says what to do.

| \`action\` | what a client does |
|---|---|
| \`fix_request\` | Correct the request: the same one fails again. With \`errors\` each fault is named by JSON pointer, all at once. |
| \`refresh\` | \`POST /refresh\`, then repeat the request. |
| \`login\` | The session is over: forget the tokens and sign in again. **No other action means that.** |
| \`step_up\` | Ask for the password again; the session goes on. |
| \`retry\` | Wait, then repeat the request; the session goes on. |
| \`none\` | Nothing: the answer stays the same. |

A 401 carries \`WWW-Authenticate\`. Any address that is served with another method answers 405 \`method_not_allowed\`, with the methods that it serves in \`Allow\`; an unknown address answers 404 \`not_found\`. Those two belong to no operation, so the operations below do not list them. \`GET /problems\` explains every code.

## Waiting and repeating

429 and 503 say in \`Retry-After\` how many seconds to wait; add a little chance, so that not all clients come back at once. After a network error or any 5xx, \`GET\` can be repeated as it is, and so can the \`PUT\` and the \`DELETE\` of a house (a second \`DELETE\` answers 404). Two operations take an \`Idempotency-Key\`, a name that the client makes up for one request, so that they can be repeated, too:

- \`POST /refresh\`: the same key gives the same new refresh token, until that one is used.
- \`POST /houses\`: for 24 hours the same key gives the first answer again. With another body it is 422 \`idempotency_mismatch\`.

## Request budgets

Every kind of request has a budget: so many in so many seconds. Beyond it the answer is 429 \`rate_limited\`; \`violated-policies\` and the headers \`RateLimit\` and \`RateLimit-Policy\` name the budget. Nobody is signed out by it. A session in which a wrong \`currentPassword\` was given ten times in a row is answered so, too, for 15 minutes; it names no budget.

## Versions

A house has a \`version\`, and its \`ETag\` names it. \`If-Match\` with that ETag makes a change only if nobody else has made one meanwhile; otherwise the answer is 412 \`precondition_failed\`: read the house again, and decide anew. \`If-None-Match\` saves the body of what has not changed (304). Both also take what a proxy that compresses makes of the tag, such as \`W/"3"\` or \`"3-gzip"\`.

## Lists

\`GET /houses\` has two ways through a list. Pages (\`page\`, \`size\`) come with totals and a \`Link\` header, and suit people. A cursor (\`cursor=\` to start, then \`nextCursor\`) costs the same at any depth and skips nothing while others write; it suits programs.

## Conventions

- Bodies are JSON in UTF-8; \`POST /register\`, \`POST /login\` and \`POST /refresh\` also take forms, and photos come as \`multipart/form-data\`. A body of no bytes is no body, whatever its type.
- Unknown fields, wrong types and values out of range are refused; nothing is converted and nothing dropped in silence. Members marked \`readOnly\` may come back with what was read, and are passed over.
- Query parameters are strict where an operation has some; where it has none, a query is passed over. A slash at the end of a path means the same path.
- White space around a \`username\` or an \`email\` is taken off, never around a password: spaces of every kind, tabs, line ends and a byte order mark, as \`trim()\` of JavaScript does. A zero width space is none, and is refused.
- Text is well-formed Unicode, and has no control characters; a password may have them.
- Times are RFC 3339 in UTC, durations whole seconds, ids lower-case UUIDv7.
- Every answer has a request id in \`X-Request-Id\`; an error repeats it in \`instance\`. The server's log has it, too.
- \`HEAD\` works wherever \`GET\` does.`

export const tags = [
  {
    name: 'Accounts',
    description: 'Making an account; reading, changing and deleting your own; its password.',
  },
  {
    name: 'Sessions',
    description:
      'Signing in, staying signed in, signing out. Each device that signs in has a session of its own.',
  },
  {
    name: 'Houses',
    description:
      'A protected resource, to copy for your own: whoever is signed in reads, owners and admins write.',
  },
  { name: 'Photos', description: 'Images of houses, encoded anew and without metadata.' },
  { name: 'Keys', description: 'What other services need to verify access tokens by themselves.' },
  { name: 'Errors', description: 'Every error of the server, explained.' },
  { name: 'Service', description: 'The server itself: health, figures and this reference.' },
]
