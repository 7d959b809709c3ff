import { type Static, Type } from 'typebox'
import { exampleIds, SessionId, UserId } from '../../contract/ids.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { oneOf, response, strictObject, timestamp } from '../../contract/schema.ts'

const authMethods = Type.Array(Type.String({ example: 'pwd' }), {
  description:
    'How the user signed in (RFC 8176): `pwd` is a password, `otp` a code, `hwk` or `swk` a passkey, `user` its unlocking, `mfa` more than one factor.',
})

export const TokenView = strictObject(
  {
    sub: UserId,
    sid: SessionId,
    role: Type.String({ description: 'The role of the account.', example: 'user' }),
    authTime: timestamp('When the user last proved who he is.', '2026-11-20T10:00:00.000Z'),
    amr: authMethods,
    acr: oneOf(['aal1', 'aal2'], {
      description: 'How sure it is (NIST SP 800-63B-4): `aal2` is two factors.',
      example: 'aal1',
    }),
    expiresAt: timestamp('When the token expires.', '2026-11-20T10:15:00.000Z'),
  },
  { title: 'TokenFacts', description: 'The claims of a genuine access token.' },
)
export type TokenView = Static<typeof TokenView>

export const verifyTokenSchema = {
  tags: ['Sessions'],
  security: signedInOnly,
  operationId: 'verifyToken',
  summary: 'Check an access token, for gateways and other services',
  description:
    'Says who makes a request, from the token alone: it reads no database and changes nothing. Gateways call it before they forward a request, and read the two headers: nginx (`auth_request`), Traefik (ForwardAuth), Caddy (`forward_auth`), Envoy (`ext_authz`). `/verify` and every path below it give the same answer to every method, and ignore the query and the body. Bad tokens have a rate limit, which never affects genuine ones.',
  'x-memory-only': true,
  response: {
    200: response(TokenView, 'The token is valid.', {
      'X-User-Id': {
        type: 'string',
        description: 'The id of the account.',
        example: exampleIds.user,
      },
      'X-User-Role': { type: 'string', description: 'The role of the account.', example: 'user' },
    }),
    ...errorResponses(...signedInProblems, 'rate_limited'),
  },
}
