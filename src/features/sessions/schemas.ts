import { Type } from 'typebox'
import {
  answer,
  closed,
  exampleIds,
  IdempotencyKey,
  nullable,
  Password,
  problems,
  SessionId,
  signedInOnly,
  signedInProblems,
  text,
  timestamp,
  UserId,
} from '../../http/schemas.ts'
import {
  endedHeaders,
  RefreshedSessionBody,
  refreshToken,
  SessionBody,
  sessionExamples,
  sessionHeaders,
  TransportName,
} from '../../http/session-answer.ts'

const Credentials = closed(
  {
    username: text(254, {
      min: 1,
      description: 'The username, or the e-mail address.',
      example: 'lyshark',
    }),
    password: Password,
    transport: Type.Optional(TransportName),
  },
  { title: 'Credentials' },
)

/** A body that may hold a refresh token; its routes take no body at all, too. */
const RefreshTokenBody = closed(
  {
    refresh_token: refreshToken(
      'The refresh token, in body transport. Leave it out where it comes as Bearer or in the cookie.',
    ),
  },
  { title: 'RefreshTokenBody' },
)

const RefreshHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'Names this refresh. A retry with the same key gets the same new refresh token until that one has rotated, even where `REFRESH_UNSEEN=off`.',
    'refresh-8f14e45f',
  ),
})

const SignedOut = closed(
  { message: Type.String({ description: 'For people.', example: 'You are signed out.' }) },
  { title: 'SignedOut' },
)

const authMethods = Type.Array(Type.String({ example: 'pwd' }), {
  description: 'How the user signed in (RFC 8176): `pwd` is a password.',
})

const TokenFacts = closed(
  {
    sub: UserId,
    sid: SessionId,
    role: Type.String({ description: 'The role of the account.', example: 'user' }),
    authTime: timestamp('When the user gave a password last.', '2026-11-20T10:00:00.000Z'),
    amr: authMethods,
    expiresAt: timestamp('When the token is over.', '2026-11-20T10:15:00.000Z'),
  },
  { title: 'TokenFacts', description: 'What a genuine access token says.' },
)

const SessionView = closed(
  {
    id: SessionId,
    current: Type.Boolean({ description: 'Whether it is the session that asks.', example: true }),
    createdAt: timestamp('When it was opened.', '2026-11-20T10:00:00.000Z'),
    lastUsedAt: timestamp('When it was opened or refreshed last.', '2026-11-20T10:13:10.000Z'),
    expiresAt: timestamp(
      'When it is over, unless it is refreshed before.',
      '2026-12-20T10:13:10.000Z',
    ),
    ip: nullable(
      Type.String({
        description: 'The address that it was used from last.',
        example: '192.0.2.17',
      }),
    ),
    userAgent: nullable(
      Type.String({ description: 'What the client calls itself.', example: 'Firefox/145.0' }),
    ),
    transport: TransportName,
  },
  { title: 'SessionInfo', description: 'A live session, as its owner sees it.' },
)

const SessionList = closed(
  { items: Type.Array(SessionView, { maxItems: 100 }) },
  { title: 'SessionList' },
)

const EndedCount = closed(
  { ended: Type.Integer({ minimum: 0, description: 'How many sessions ended.', example: 2 }) },
  { title: 'EndedSessions' },
)

const shared = { tags: ['Sessions'], security: signedInOnly }

export const verifyTokenSchema = {
  ...shared,
  operationId: 'verifyToken',
  summary: 'Check an access token, for gateways and other services',
  description:
    'Says who makes a request, from the token alone: no database is read and nothing changes. nginx (`auth_request`) and Traefik (ForwardAuth) ask here before they pass a request on, and read the two headers.',
  'x-memory-only': true,
  response: {
    200: answer(TokenFacts, 'The token is good.', {
      'X-User-Id': {
        type: 'string',
        description: 'The id of the account.',
        example: exampleIds.user,
      },
      'X-User-Role': { type: 'string', description: 'The role of the account.', example: 'user' },
    }),
    ...problems(...signedInProblems),
  },
}

export const listSessionsSchema = {
  ...shared,
  operationId: 'listSessions',
  summary: 'List your live sessions, last used first',
  description:
    'One entry for each device or browser that is signed in. Sessions that ended are not listed.',
  response: {
    200: answer(SessionList, 'The live sessions of the account.'),
    ...problems(...signedInProblems),
  },
}

export const revokeSessionSchema = {
  ...shared,
  operationId: 'revokeSession',
  summary: 'End one of your sessions',
  description:
    'Signs one device out. Its refresh token is refused from now on, and so is its access token: at once on this server, within 2 seconds on every other. Ending the session that asks is allowed.',
  params: closed({ id: SessionId }),
  response: {
    204: { description: 'The session is over.', type: 'null' },
    ...problems(...signedInProblems, 'not_found'),
  },
}

export const revokeOtherSessionsSchema = {
  ...shared,
  operationId: 'revokeOtherSessions',
  summary: 'End all your sessions but this one',
  description:
    'Signs out every other device of the account. Their tokens are refused at once on this server, within 2 seconds on every other. The session that asks goes on.',
  response: {
    200: answer(EndedCount, 'The other sessions are over.'),
    ...problems(...signedInProblems),
  },
}

export const loginSchema = {
  operationId: 'login',
  summary: 'Sign in with a username or an e-mail address',
  description:
    'Opens a session and answers with its tokens; other sessions of the account go on. A wrong name and a wrong password get the same answer. Repeated wrong passwords lock the account for devices that have not signed in before.',
  tags: ['Sessions'],
  consumes: ['application/json', 'application/x-www-form-urlencoded'],
  body: Credentials,
  'x-examples': {
    request: {
      body: { summary: 'An app, a server, a command line', omit: ['transport'] },
      cookie: { summary: 'A browser', set: { transport: 'cookie' } },
    },
    200: sessionExamples,
  },
  response: {
    200: answer(SessionBody, 'The session, with its tokens.', sessionHeaders),
    ...problems('invalid_credentials', 'csrf_rejected'),
  },
}

const goesOn = { message: 'Your session goes on, lyshark.' }

export const refreshSchema = {
  operationId: 'refresh',
  summary: 'Trade a refresh token for new tokens',
  description:
    'The refresh token comes in the body, as `Authorization: Bearer`, or in the cookie. Store the new one in its place. A session rotates at most once in 30 seconds; until then the current token and the one before get the same answer (`replayed`). The one before gets it later, too, as long as nobody has used the new tokens, so parallel tabs and lost answers sign nobody out. Any other spent token ends the session, since it may be stolen.',
  tags: ['Sessions'],
  security: [{ refreshToken: [] }, { cookie: [] }, {}],
  body: RefreshTokenBody,
  headers: RefreshHeaders,
  'x-examples': {
    request: {
      body: { summary: 'Body transport' },
      elsewhere: { summary: 'The token comes as Bearer or in the cookie', omit: ['refresh_token'] },
    },
    200: {
      rotated: { summary: 'A new refresh token', set: goesOn },
      replayed: {
        summary: 'A repeated refresh: the same new refresh token again',
        set: { ...goesOn, refreshed: 'replayed' },
      },
      cookie: { ...sessionExamples.cookie, set: goesOn },
    },
  },
  response: {
    200: answer(RefreshedSessionBody, 'The session goes on, with these tokens.', {
      'Set-Cookie': {
        ...sessionHeaders['Set-Cookie'],
        description: 'In cookie transport, the new refresh token.',
      },
    }),
    ...problems('unauthenticated', 'invalid_token', 'session_ended', 'csrf_rejected'),
  },
}

export const logoutSchema = {
  operationId: 'logout',
  summary: 'End the session',
  description:
    'Ends the session that an access token or a refresh token names, over or not; the refresh token may come in any of its three places. All tokens of the session are refused from now on. A bad token, or none, is no error: there is nothing to end, and the answer is the same.',
  tags: ['Sessions'],
  security: [{ bearer: [] }, { refreshToken: [] }, { cookie: [] }, {}],
  body: RefreshTokenBody,
  'x-examples': {
    request: {
      elsewhere: { summary: 'A token comes as Bearer or in the cookie', omit: ['refresh_token'] },
      body: { summary: 'A refresh token in the body' },
    },
  },
  response: {
    200: answer(SignedOut, 'The session is over.', endedHeaders),
    ...problems('csrf_rejected'),
  },
}
