import type { Readable } from 'node:stream'
import { type Static, Type } from 'typebox'
import { exampleIds, SessionId } from '../../contract/ids.ts'
import { cursor, cursorPage, pageSize } from '../../contract/paging.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { nullable, response, strictObject, timestamp } from '../../contract/schema.ts'
import type { Exported } from '../feature.ts'

const ActivityView = strictObject(
  {
    id: Type.String({
      description: 'Id of the event.',
      example: '01a1f866-0d2a-7b1c-8e5f-4a6b0c52d9e7',
    }),
    at: timestamp('When it happened.', '2026-11-20T10:00:00.000Z'),
    type: Type.String({
      description: 'What happened, for programs. New types may come.',
      example: 'signed_in',
    }),
    message: Type.String({
      description: 'What happened, for people. The text may change.',
      example: 'You signed in.',
    }),
    ip: nullable(
      Type.String({
        description: 'The IP address that it came from; null where an administrator acted.',
        example: '192.0.2.17',
      }),
    ),
    userAgent: nullable(
      Type.String({ description: 'The `User-Agent` of the client.', example: 'Firefox/145.0' }),
    ),
    sessionId: nullable({ ...SessionId, description: 'The session that it belongs to.' }),
    current: Type.Boolean({
      description: 'Whether that is the session of this request.',
      example: true,
    }),
  },
  { title: 'ActivityEvent', description: 'An event of the account, as its owner sees it.' },
)
export type ActivityView = Static<typeof ActivityView>

const ActivityList = cursorPage(ActivityView, {
  names: 'events',
  title: 'ActivityList',
  description: 'Events of the account, newest first.',
})

const shared = { tags: ['Activity'], security: signedInOnly }

export const listActivitySchema = {
  ...shared,
  operationId: 'listActivity',
  summary: 'List what happened to your account, newest first',
  description:
    'Sign-ins, failed ones, and changes of your account, for as long as the server keeps them (400 days by default). Many failures of one kind in a day share an entry, which says how many they are and comes some minutes later.',
  querystring: strictObject({
    cursor: cursor('Where the page begins: `nextCursor` of the page before. Newest first without.'),
    size: pageSize('Events'),
  }),
  response: {
    200: response(ActivityList, 'A page of the list.'),
    ...errorResponses(...signedInProblems),
  },
}

const one = (description: string) =>
  Type.Object({}, { additionalProperties: true, description, example: { id: exampleIds.user } })

const many = (description: string) =>
  Type.Array(Type.Object({}, { additionalProperties: true, example: {} }), { description })

/** @param names of the parts that are one object */
export function exportSchema(parts: Exported, names: readonly string[]) {
  const members = Object.entries(parts).map(([name, { description }]) => [
    name,
    names.includes(name) ? one(description) : many(description),
  ])
  const document = Type.Unsafe<Readable | string>(
    strictObject(
      {
        exportedAt: timestamp('When it was made.', '2026-11-20T10:00:00.000Z'),
        ...Object.fromEntries(members),
      },
      { title: 'Export', description: 'Everything that the server holds about a user.' },
    ),
  )
  return {
    ...shared,
    operationId: 'exportMe',
    summary: 'Get everything that is held about you',
    description:
      'Returns one JSON document, as a file to download. It has no password, hash, key or code. It needs a recent proof of identity (`POST /challenges`). Files of photos are not in it; `GET /houses/{id}/photos/{photoId}` has them.',
    response: {
      200: response(document, 'The document.', {
        'Content-Disposition': {
          type: 'string',
          description: 'A name for the file.',
          example: 'attachment; filename="export.json"',
        },
      }),
      ...errorResponses(...signedInProblems, 'step_up_required'),
    },
  }
}
