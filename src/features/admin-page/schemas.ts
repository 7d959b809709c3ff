import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'

export const getAdminPageSchema = {
  operationId: 'getAdminPage',
  summary: 'The page for administrators',
  description:
    'A static page for a browser, in the language of `Accept-Language`. It signs in with cookie transport and shows what the operations below `/admin/` answer. `ADMIN_PAGE=off` leaves it out.',
  tags: ['Administration'],
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

export const adminAssetSchema = {
  hide: true,
  params: strictObject({ name: Type.String({ maxLength: 100, pattern: '^[\\w.-]+$' }) }),
}
