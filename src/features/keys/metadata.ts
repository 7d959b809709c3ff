import { SIGNING_ALGORITHM } from './key-pair.ts'

/**
 * What a service that knows the issuer alone needs (RFC 8414 2, OpenID Connect Discovery 1.0 3). Latchkey is
 * no OpenID provider: it has no authorization endpoint and makes no ID tokens, so only what can be said
 * truly is there. `id_token_signing_alg_values_supported` is where verifiers look for the algorithm.
 */
export function metadataOf(issuer: string) {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: `${issuer}/login`,
    grant_types_supported: ['password'],
    token_endpoint_auth_methods_supported: ['none'],
    response_types_supported: ['none'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
  }
}
