import { type Static, Type } from 'typebox'
import { nullable, oneOf, RARE, strictObject, text, timestamp } from './schema.ts'

/** What people call a factor, to tell it from others. */
export const FactorName = text(100, {
  min: 1,
  description: 'What you call it, such as the device that it is on.',
  example: 'Phone',
})

/** Shortened; the real one is longer. */
export const exampleCredential = {
  id: 'q83vEjRWeJCrze8SNFZ4kA',
  rawId: 'q83vEjRWeJCrze8SNFZ4kA',
  type: 'public-key',
  response: {
    clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
    authenticatorData: 'SZYN5YgOjGh0',
  },
  clientExtensionResults: {},
} as const

/** A second factor or a passkey, as its owner sees it. */
export const FactorView = strictObject(
  {
    id: Type.String({
      description: 'Names it in `/factors/:id`.',
      example: '01a1f867-5e10-7c3a-9f10-3f5d1f0a7b6c',
    }),
    kind: oneOf(['totp', 'passkey'], {
      description: '`totp`: codes of an authenticator app (RFC 6238). `passkey`: WebAuthn.',
      example: 'totp',
    }),
    name: nullable(FactorName),
    createdAt: timestamp('When it was added.', '2026-11-20T10:00:00.000Z'),
    lastUsedAt: nullable(timestamp('When it was last used.', '2026-11-21T08:30:00.000Z')),
    usable: Type.Boolean({
      description: 'Whether it can be used here: a passkey of an earlier domain cannot.',
      example: true,
    }),
    backedUp: Type.Boolean({
      description: 'Whether the passkey is kept on several devices.',
      example: false,
    }),
    credentialId: Type.Optional(
      Type.String({
        [RARE]: true,
        description:
          'The id of the passkey in WebAuthn, for `PublicKeyCredential.signalAllAcceptedCredentials`.',
        example: 'q83vEjRWeJCrze8SNFZ4kA',
      }),
    ),
    rpId: Type.Optional(
      Type.String({
        [RARE]: true,
        description: 'The domain that the passkey belongs to.',
        example: 'example.com',
      }),
    ),
  },
  { title: 'Factor', description: 'What proves a person beside the password.' },
)
export type FactorView = Static<typeof FactorView>

export type FactorKind = 'totp' | 'passkey' | 'recovery'

/** What a new factor consists of, beside whose it is and when it was added. */
export type NewFactor = {
  kind: FactorKind
  name?: string | null
  /** The sealed seed, the public key, or the salt of recovery codes. */
  secret: string
  counter: bigint
} & Partial<PasskeyFacts>

type PasskeyFacts = {
  /** SHA-256 of the credential id, in hex. */
  credentialKey: string
  credentialId: string
  rpId: string
  backupEligible: boolean
  backedUp: boolean
  transports: string
  aaguid: string
}
