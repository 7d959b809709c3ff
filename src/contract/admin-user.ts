import { type Static, Type } from 'typebox'
import { nullable, strictObject, timestamp } from './schema.ts'
import { UserView } from './user.ts'

/** An account, as administrators see it: never a hash, a token or a secret. */
export const AdminUserView = strictObject(
  {
    ...UserView.properties,
    disabledAt: nullable(timestamp('Since when nobody can sign in to it.', null)),
    lockedUntil: nullable(
      timestamp('Until when unknown devices cannot sign in, after too many failures.', null),
    ),
    lastSignInAt: nullable(timestamp('The last sign-in.', '2026-11-20T10:00:00.000Z')),
    hasPassword: Type.Boolean({
      description: 'False where only an outside provider signs in, or an invitation waits.',
      example: true,
    }),
    identities: Type.Integer({
      minimum: 0,
      description: 'Accounts of outside providers that sign in to it.',
      example: 0,
    }),
    version: Type.Integer({
      minimum: 1,
      description: 'Increases with each change. The ETag names it; send it as `If-Match`.',
      example: 1,
    }),
  },
  { title: 'AdminUser', description: 'An account, as administrators see it.' },
)
export type AdminUserView = Static<typeof AdminUserView>
