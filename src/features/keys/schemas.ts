import { Type } from 'typebox'
import { response, strictObject } from '../../contract/schema.ts'

const coordinate = (name: string, example: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9_\\-]{43}$',
    description: `The ${name} coordinate of the point, base64url.`,
    example,
  })

const PublicKey = strictObject(
  {
    kty: Type.Literal('EC', { description: 'An elliptic curve key.' }),
    crv: Type.Literal('P-256', { description: 'Its curve.' }),
    x: coordinate('x', 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'),
    y: coordinate('y', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'),
    kid: Type.String({
      maxLength: 36,
      description: 'The id of the key. The header of a token repeats it.',
      example: '01a1f864-2b10-7d2c-b5a7-93c0e8f1d264',
    }),
    alg: Type.Literal('ES256', { description: 'The only algorithm that the key is used with.' }),
    use: Type.Literal('sig', { description: 'It verifies signatures.' }),
  },
  { title: 'PublicKey', description: 'A public key (RFC 7517).' },
)

const Jwks = strictObject({ keys: Type.Array(PublicKey, { maxItems: 16 }) }, { title: 'KeySet' })

const cacheable = {
  'Cache-Control': {
    type: 'string',
    description: 'How long the answer may be cached.',
    example: 'public, max-age=300',
  },
} as const

export const getJwksSchema = {
  operationId: 'getJwks',
  summary: 'Read the public keys that verify access tokens',
  description:
    'With these keys, any service can verify access tokens itself, without a secret and without a request to this server. Use the key whose `kid` is in the header of the token. If there is none, fetch the keys again, since keys change.',
  tags: ['Keys'],
  'x-memory-only': true,
  response: {
    200: response(Jwks, 'The keys. A new key is published well before it is used.', cacheable),
  },
}

const address = (description: string, path: string) =>
  Type.String({ format: 'uri', description, example: `http://localhost:3000${path}` })

const words = (description: string, example: string) =>
  Type.Array(Type.String({ example }), { description })

const Metadata = strictObject(
  {
    issuer: address('`iss` of every token: the URL of this server.', ''),
    jwks_uri: address('URL of the public keys.', '/.well-known/jwks.json'),
    token_endpoint: address('Accepts a name and a password, as a form.', '/login'),
    grant_types_supported: words('What the token endpoint accepts.', 'password'),
    token_endpoint_auth_methods_supported: words('Clients need no secret.', 'none'),
    response_types_supported: words('There is no authorization endpoint.', 'none'),
    subject_types_supported: words('`sub` is the same for every service.', 'public'),
    id_token_signing_alg_values_supported: words(
      'The algorithm that signs access tokens. There are no ID tokens.',
      'ES256',
    ),
  },
  { title: 'ServerMetadata', description: 'What a service needs to verify tokens (RFC 8414).' },
)

const metadata = {
  tags: ['Keys'],
  'x-memory-only': true,
  response: { 200: response(Metadata, 'The metadata of this server.', cacheable) },
}

export const getOAuthMetadataSchema = {
  ...metadata,
  operationId: 'getOAuthMetadata',
  summary: 'Read the metadata of the authorization server',
  description:
    'For services that know only the issuer (RFC 8414): the URL of the keys, and the algorithm of the tokens. Latchkey is not an OAuth 2 server: there is no authorization endpoint.',
}

export const getOpenIdMetadataSchema = {
  ...metadata,
  operationId: 'getOpenIdMetadata',
  summary: 'Read the same metadata where OpenID Connect looks for it',
  description:
    'The same as `/.well-known/oauth-authorization-server`, for libraries that look here first. Latchkey is not an OpenID provider: it issues no ID tokens.',
}
