import { type Static, Type } from 'typebox'
import { ID_PATTERN } from './ids.ts'
import { nullable, strictObject, timestamp } from './schema.ts'

const exampleId = '01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c'

/** In a path. */
export const IdentityId = Type.String({
  pattern: ID_PATTERN,
  description: 'Id of the identity.',
  example: exampleId,
})

export const ProviderId = Type.String({
  description: 'As the server names the provider.',
  example: 'google',
})

export const IdentityView = strictObject(
  {
    id: Type.String({ description: 'Names it in `/identities/:id`.', example: exampleId }),
    provider: ProviderId,
    email: nullable(
      Type.String({
        description: 'The address that the provider has named last, for people.',
        example: 'lyshark@example.com',
      }),
    ),
    createdAt: timestamp('When it was added.', '2026-11-20T10:00:00.000Z'),
    lastUsedAt: nullable(timestamp('The last sign-in with it.', '2026-11-21T08:30:00.000Z')),
  },
  { title: 'Identity', description: 'An account at an outside provider that signs its user in.' },
)
export type IdentityView = Static<typeof IdentityView>

/** With what tells two of them apart. */
export const AdminIdentityView = strictObject(
  {
    ...IdentityView.properties,
    issuer: Type.String({
      description: 'The address of the provider, as its tokens name it.',
      example: 'https://accounts.google.com',
    }),
    subject: Type.String({
      description: 'What the provider calls the person. No other account there has it.',
      example: '110169484474386276334',
    }),
  },
  { title: 'AdminIdentity', description: 'An identity, as administrators see it.' },
)
export type AdminIdentityView = Static<typeof AdminIdentityView>

type Shown = Pick<IdentityView, 'id' | 'provider' | 'email'> & {
  createdAt: Date
  lastUsedAt: Date | null
}

export function identityView({ id, provider, email, ...times }: Shown): IdentityView {
  const createdAt = times.createdAt.toISOString()
  return { id, provider, email, createdAt, lastUsedAt: times.lastUsedAt?.toISOString() ?? null }
}
