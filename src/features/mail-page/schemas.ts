import { Type } from 'typebox'

export const getMailPageSchema = {
  operationId: 'getMailPage',
  summary: 'The page that mailed links lead to',
  description:
    'A static page, in the language of `Accept-Language`. It reads the fragment of a mailed link (`#purpose=…&challenge=…&code=…`) and answers the challenge when its button is pressed, never before. An application can take its place with `MAIL_LINKS`.',
  tags: ['Accounts'],
  'x-memory-only': true,
  response: {
    200: {
      description: 'The page.',
      content: {
        'text/html': {
          schema: Type.String({ example: '<!doctype html><html lang="en">…</html>' }),
        },
      },
    },
  },
}
