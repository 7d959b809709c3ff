import { type Static, Type } from 'typebox'
import { oneOf, RARE, strictObject } from './schema.ts'

/** The ways to prove something. */
export const METHODS = [
  'passkey',
  'totp',
  'recovery_code',
  'mail_code',
  'password',
  'oidc',
] as const
export type Method = (typeof METHODS)[number]

/** A challenge as a client gets it. */
export const ChallengeView = strictObject(
  {
    token: Type.String({
      description: 'Send it back with the answer. Nobody but the server can read it.',
      example: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ',
    }),
    purpose: Type.String({ description: 'What the proof is for.', example: 'verify_email' }),
    methods: Type.Array(oneOf(METHODS, { example: 'mail_code' }), {
      description: 'The ways to answer: one of them is enough.',
    }),
    expiresIn: Type.Integer({
      minimum: 0,
      description: 'Seconds until it expires.',
      example: 86_400,
    }),
    passkey: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        additionalProperties: true,
        [RARE]: true,
        description:
          'Where `methods` has `passkey`: give it to `navigator.credentials` (WebAuthn 3), through `parseRequestOptionsFromJSON`, or `parseCreationOptionsFromJSON` for `add_passkey`.',
      }),
    ),
    totp: Type.Optional(
      strictObject(
        {
          secret: Type.String({
            description: 'The secret in Base32, to be typed into an app by hand. It is shown once.',
            example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
          }),
          uri: Type.String({
            description: 'The same for a QR code, which the page draws.',
            example: 'otpauth://totp/localhost:lyshark?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
          }),
        },
        { [RARE]: true, description: 'What an authenticator app takes, for `add_totp`.' },
      ),
    ),
  },
  { title: 'Challenge', description: 'What has to be proved, and how.' },
)
export type ChallengeView = Static<typeof ChallengeView>

/** What a client gets instead where an outside provider proves it. */
export const ProviderRedirect = strictObject(
  {
    url: Type.String({
      description: 'Send the browser there. It comes back to `returnTo`.',
      example: 'https://accounts.example.com/authorize?client_id=latchkey&state=q83vEjRW',
    }),
    expiresIn: Type.Integer({
      minimum: 0,
      description: 'Seconds until the browser has to be back at this server.',
      example: 600,
    }),
  },
  { title: 'ProviderRedirect', description: 'Where an outside provider asks the user.' },
)
export type ProviderRedirect = Static<typeof ProviderRedirect>
