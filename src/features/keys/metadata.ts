import { SIGNING_ALGORITHM } from './key-pair.ts'

/**
 * Metadata for services that know only the issuer (RFC 8414 2, OpenID Connect Discovery 1.0 3).
 * Latchkey is not an OpenID provider, but verifiers look for the algorithm in
 * `id_token_signing_alg_values_supported`.
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
