import { type Static, Type } from 'typebox'
import { errorResponses } from '../../contract/problem.ts'
import { strictObject, timestamp } from '../../contract/schema.ts'

const sample = {
  id: '019a3c5e-7c1a-7b3e-9d1f-2a4b6c8d0e1f',
  to: 'lyshark@example.com',
  subject: 'Your code for localhost:3000',
  text: 'Type this code where you are signing in:\n\n1234 5678\n',
  html: '<!doctype html><html lang="en">…</html>',
}

const OutboxMail = strictObject(
  {
    id: Type.String({ description: 'The id of the mail.', example: sample.id }),
    to: Type.String({ description: 'Its one recipient.', example: sample.to }),
    subject: Type.String({ description: 'The subject.', example: sample.subject }),
    text: Type.String({ description: 'The mail as plain text.', example: sample.text }),
    html: Type.String({ description: 'The same as HTML.', example: sample.html }),
    sentAt: timestamp('When it was put there.', '2026-11-29T08:15:23.123Z'),
  },
  { title: 'OutboxMail', description: 'A mail that would have been sent.' },
)
const Outbox = strictObject(
  { items: Type.Array(OutboxMail, { maxItems: 100, description: 'The mails, newest first.' }) },
  { title: 'Outbox', description: 'The newest mails of a server in development.' },
)
export type Outbox = Static<typeof Outbox>

const OutboxQuery = strictObject({
  to: Type.Optional(
    Type.String({
      maxLength: 254,
      description: 'Only mails to this address, written as in the mail.',
      example: sample.to,
    }),
  ),
})

export const getOutboxSchema = {
  operationId: 'getOutbox',
  summary: 'The mails of a server in development',
  description:
    'What the server would have mailed, newest first, as JSON for tests, or as a page for people if `Accept` asks for HTML. Only outside production and without `SMTP_URL`, and only for requests from the same machine to `localhost`; everybody else gets 404.',
  tags: ['Service'],
  'x-memory-only': true,
  querystring: OutboxQuery,
  response: {
    200: {
      description: 'The mails.',
      content: {
        'application/json': { schema: Outbox },
        'text/html': {
          schema: Type.String({
            description: 'The same for people.',
            example: '<!doctype html><html lang="en"><title>Outbox · Latchkey</title>…</html>',
          }),
        },
      },
    },
    ...errorResponses('not_found'),
  },
}
