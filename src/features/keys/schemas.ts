import { Type } from 'typebox'
import { closed } from '../../http/schemas.ts'

const coordinate = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })

const PublicKey = closed({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: coordinate,
  y: coordinate,
  kid: Type.String({ maxLength: 36 }),
  alg: Type.Literal('ES256'),
  use: Type.Literal('sig'),
})

const Jwks = closed({ keys: Type.Array(PublicKey, { maxItems: 16 }) })

export const getJwksSchema = {
  operationId: 'getJwks',
  summary: 'Read the public keys that verify access tokens',
  tags: ['Service'],
  response: { 200: Jwks },
}
