import { type Static, Type } from 'typebox'
import { AUDIT_TYPES } from '../../contract/audit-type.ts'
import { SessionId, UserId } from '../../contract/ids.ts'
import { cursor, cursorPage, pageSize } from '../../contract/paging.ts'
import { nullable, oneOf, response, strictObject, timestamp } from '../../contract/schema.ts'
import { adminProblems, shared } from './shared-schemas.ts'

const AdminEventView = strictObject(
  {
    id: Type.String({
      description: 'Id of the event.',
      example: '01a1f866-0d00-7c90-9f02-1e8a4b6d3c57',
    }),
    at: timestamp('When it happened.', '2026-11-20T10:00:00.000Z'),
    type: Type.String({ description: 'What happened.', example: 'role_changed' }),
    userId: nullable(UserId),
    username: nullable(
      Type.String({
        description: 'The present username of the account; null once it is deleted.',
        example: 'lyshark',
      }),
    ),
    actorId: nullable(
      Type.String({
        description: 'Who did it, where it was somebody else.',
        example: '01a1f864-6879-7f3e-8a41-6b0c52d9e7f1',
      }),
    ),
    actorUsername: nullable(
      Type.String({ description: 'The present username of who did it.', example: 'ada' }),
    ),
    sessionId: nullable(SessionId),
    ip: nullable(Type.String({ description: 'Where it came from.', example: '192.0.2.17' })),
    userAgent: nullable(
      Type.String({ description: 'The `User-Agent` of the client.', example: 'Firefox/145.0' }),
    ),
    requestId: nullable(
      Type.String({ description: 'The request, as its `X-Request-Id` names it.', example: null }),
    ),
    detail: nullable(Type.String({ description: 'A short fact.', example: 'admin' })),
    count: Type.Integer({
      minimum: 1,
      description: 'How many events of one day the entry tells of.',
      example: 1,
    }),
  },
  { title: 'AdminEvent', description: 'An entry of the audit log.' },
)
export type AdminEventView = Static<typeof AdminEventView>

export const eventsSchema = {
  ...shared,
  operationId: 'listEvents',
  summary: 'List security events, newest first',
  description:
    'The audit log: who did what, and when. An entry appears some moments after its event. `AUDIT_RETENTION` says how long entries are kept.',
  querystring: strictObject({
    userId: Type.Optional(UserId),
    type: Type.Optional(
      oneOf(AUDIT_TYPES, { description: 'Events of this type alone.', example: 'role_changed' }),
    ),
    cursor: cursor(
      'Empty to start, then `nextCursor` of the previous answer, with the same filters.',
    ),
    size: pageSize('Events'),
  }),
  response: {
    200: response(
      cursorPage(AdminEventView, {
        ...{ names: 'events', title: 'AdminEventList' },
        description: 'A part of the audit log.',
      }),
      'The events.',
    ),
    ...adminProblems(),
  },
}

const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, example })

const signInCounts = {
  signIns: count('Sign-ins with a password or a mailed code.', 12),
  failures: count('Wrong passwords and wrong codes.', 3),
}

const SummaryView = strictObject(
  {
    at: timestamp('When the figures were counted.', '2026-11-20T10:00:00.000Z'),
    users: strictObject(
      {
        total: count('Accounts, without those that are being deleted.', 1_024),
        disabled: count('Accounts that cannot sign in.', 3),
        unverified: count('Enabled accounts whose address is not verified.', 40),
        admins: count('Enabled administrators.', 2),
      },
      { description: 'How many accounts there are.' },
    ),
    sessions: strictObject(
      { live: count('Live sessions of everybody.', 830) },
      { description: 'How many sessions there are.' },
    ),
    last24Hours: strictObject(
      {
        ...signInCounts,
        hours: Type.Array(
          strictObject({
            at: timestamp('When the hour began.', '2026-11-20T09:00:00.000Z'),
            ...signInCounts,
          }),
          { maxItems: 24, description: 'By the hour, oldest first.' },
        ),
      },
      { description: 'What the audit log has of the last 24 hours.' },
    ),
    revocationLagSeconds: Type.Number({
      minimum: 0,
      description: 'Since when this server has not looked for ended sessions.',
      example: 0.4,
    }),
    mail: strictObject(
      {
        isOn: Type.Boolean({ description: 'Whether the server sends mails.', example: true }),
        waiting: count('Mails that wait to be sent.', 0),
        oldestSeconds: Type.Number({
          minimum: 0,
          description: 'How long the oldest of them has waited.',
          example: 0,
        }),
      },
      { description: 'The outbox.' },
    ),
  },
  { title: 'AdminSummary', description: 'Figures of the whole service.' },
)
export type SummaryView = Static<typeof SummaryView>

export const summarySchema = {
  ...shared,
  operationId: 'getSummary',
  summary: 'Read figures of the whole service',
  description:
    'Counts of accounts, sessions, sign-ins and waiting mails. The server counts at most once in 30 seconds; `at` says when.',
  response: { 200: response(SummaryView, 'The figures.'), ...adminProblems() },
}
