import { Type } from 'typebox'
import { endedHeaders, sessionHeaders } from '../../contract/cookies.ts'
import { IdempotencyKey, SessionId } from '../../contract/ids.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { response, strictObject } from '../../contract/schema.ts'
import { RefreshedSessionBody, refreshToken, sessionExamples } from '../../contract/session.ts'
import { EndedSessions, SessionList } from '../../contract/session-list.ts'

/** Its routes also accept no body. */
const RefreshTokenBody = strictObject(
  {
    refresh_token: refreshToken(
      'The refresh token, in body transport. Leave it out if you send it as Bearer or in the cookie.',
    ),
  },
  { title: 'RefreshTokenBody' },
)

const RefreshHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'Names this refresh. A retry with the same key gets the same new refresh token until that token has rotated, even with `REFRESH_UNSEEN=off`.',
    'refresh-8f14e45f',
  ),
})

const SignedOut = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: 'You are signed out.',
    }),
  },
  { title: 'SignedOut' },
)

const shared = { tags: ['Sessions'], security: signedInOnly }

export const listSessionsSchema = {
  ...shared,
  operationId: 'listSessions',
  summary: 'List your live sessions, last used first',
  description:
    'One entry for each device or browser that is signed in. Ended sessions are not listed.',
  response: {
    200: response(SessionList, 'The live sessions of the account.'),
    ...errorResponses(...signedInProblems),
  },
}

export const revokeSessionSchema = {
  ...shared,
  operationId: 'revokeSession',
  summary: 'End one of your sessions',
  description:
    'Signs one device out. The server refuses its tokens immediately, every other server within 2 seconds. You may also end the session of this request.',
  params: strictObject({ id: SessionId }),
  response: {
    204: { description: 'The session has ended.', type: 'null' },
    ...errorResponses(...signedInProblems, 'not_found'),
  },
}

export const revokeOtherSessionsSchema = {
  ...shared,
  operationId: 'revokeOtherSessions',
  summary: 'End all your sessions but this one',
  description:
    'Signs out every other device of your account. The server refuses their tokens immediately, every other server within 2 seconds. The session of this request continues.',
  response: {
    200: response(EndedSessions, 'The other sessions have ended.'),
    ...errorResponses(...signedInProblems),
  },
}

const goesOn = { message: 'Your session continues, lyshark.' }

export const refreshSchema = {
  operationId: 'refresh',
  summary: 'Exchange a refresh token for new tokens',
  description:
    'Send the refresh token in the body, as `Authorization: Bearer`, or in the cookie. Replace it with the new one. A session rotates at most once in 30 seconds. Until then, the current and the previous token get the same answer (`replayed`). The previous token gets it later too, as long as nobody has used the new tokens, so parallel tabs and lost answers sign nobody out. Any other used token ends the session, since it may be stolen.',
  tags: ['Sessions'],
  security: [{ refreshToken: [] }, { cookie: [] }, {}],
  body: RefreshTokenBody,
  headers: RefreshHeaders,
  'x-examples': {
    request: {
      body: { summary: 'Body transport' },
      elsewhere: {
        summary: 'The token is sent as Bearer or in the cookie',
        omit: ['refresh_token'],
      },
    },
    200: {
      rotated: { summary: 'A new refresh token', set: goesOn },
      replayed: {
        summary: 'A retry: the same new refresh token again',
        set: { ...goesOn, refreshed: 'replayed' },
      },
      cookie: { ...sessionExamples.cookie, set: goesOn },
    },
  },
  response: {
    200: response(RefreshedSessionBody, 'The session continues, with these tokens.', {
      'Set-Cookie': {
        ...sessionHeaders['Set-Cookie'],
        description: 'In cookie transport, the new refresh token.',
      },
    }),
    ...errorResponses('unauthenticated', 'invalid_token', 'session_ended', 'csrf_rejected'),
  },
}

export const logoutSchema = {
  operationId: 'logout',
  summary: 'End the session',
  description:
    'Ends the session of an access token or a refresh token, even if the token has expired. You may send the refresh token in the body, as `Authorization: Bearer`, or in the cookie. From now on the server refuses all tokens of the session. A bad or missing token is not an error: there is nothing to end, and the answer is the same. The body is read as JSON or as a form; its Content-Type is ignored. Other fields, and a body over 64 KiB, are ignored.',
  tags: ['Sessions'],
  security: [{ bearer: [] }, { refreshToken: [] }, { cookie: [] }, {}],
  body: RefreshTokenBody,
  'x-examples': {
    request: {
      elsewhere: { summary: 'A token is sent as Bearer or in the cookie', omit: ['refresh_token'] },
      body: { summary: 'A refresh token in the body' },
    },
  },
  response: {
    200: response(SignedOut, 'The session has ended.', endedHeaders),
    ...errorResponses('csrf_rejected'),
  },
}
