import { Type } from 'typebox'
import { answer, closed } from '../../http/schemas.ts'

const coordinate = (name: string, example: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9_\\-]{43}$',
    description: `The ${name} coordinate of the point, base64url.`,
    example,
  })

const PublicKey = closed(
  {
    kty: Type.Literal('EC', { description: 'An elliptic curve key.' }),
    crv: Type.Literal('P-256', { description: 'Its curve.' }),
    x: coordinate('x', 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'),
    y: coordinate('y', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'),
    kid: Type.String({
      maxLength: 36,
      description: 'The name of the key, which the header of a token repeats.',
      example: '01a1f864-2b10-7d2c-b5a7-93c0e8f1d264',
    }),
    alg: Type.Literal('ES256', { description: 'The only algorithm that it is used with.' }),
    use: Type.Literal('sig', { description: 'It verifies signatures.' }),
  },
  { title: 'PublicKey', description: 'A public key (RFC 7517).' },
)

const Jwks = closed({ keys: Type.Array(PublicKey, { maxItems: 16 }) }, { title: 'KeySet' })

export const getJwksSchema = {
  operationId: 'getJwks',
  summary: 'Read the public keys that verify access tokens',
  description:
    'With these keys any service verifies access tokens by itself, without a secret and without asking here. Take the key that the header of a token names by `kid`; fetch the set again when there is none, since keys change.',
  tags: ['Keys'],
  'x-memory-only': true,
  response: {
    200: answer(Jwks, 'The keys. A new one is published well before it signs.', {
      'Cache-Control': {
        type: 'string',
        description: 'How long the answer may be kept.',
        example: 'public, max-age=300',
      },
    }),
  },
}
