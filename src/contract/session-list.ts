import { type Static, Type } from 'typebox'
import { SessionId } from './ids.ts'
import { nullable, strictObject, timestamp } from './schema.ts'
import { Transport } from './session.ts'

export const SessionView = strictObject(
  {
    id: SessionId,
    current: Type.Boolean({
      description: 'Whether it is the session of this request.',
      example: true,
    }),
    createdAt: timestamp('When it was opened.', '2026-11-20T10:00:00.000Z'),
    lastUsedAt: timestamp('When it was opened or last refreshed.', '2026-11-20T10:13:10.000Z'),
    expiresAt: timestamp(
      'When it ends, unless it is refreshed before then.',
      '2026-12-20T10:13:10.000Z',
    ),
    ip: nullable(
      Type.String({
        description: 'The IP address that last used it.',
        example: '192.0.2.17',
      }),
    ),
    userAgent: nullable(
      Type.String({ description: 'The `User-Agent` of the client.', example: 'Firefox/145.0' }),
    ),
    transport: Transport,
  },
  { title: 'SessionInfo', description: 'A live session, as its owner sees it.' },
)
export type SessionView = Static<typeof SessionView>

export const SessionList = strictObject(
  { items: Type.Array(SessionView, { maxItems: 100 }) },
  { title: 'SessionList' },
)

export const EndedSessions = strictObject(
  { ended: Type.Integer({ minimum: 0, description: 'How many sessions ended.', example: 2 }) },
  { title: 'EndedSessions' },
)
