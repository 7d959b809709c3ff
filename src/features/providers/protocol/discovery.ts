import type { ClientAuth, Configuration, ServerMetadata } from 'openid-client'
import type { Provider } from '../../../config/provider.ts'
import { loadCode } from '../../../platform/load-code.ts'
import { type Caller, callable, isPlain } from './addresses.ts'
import type { BoundedFetch } from './bounded-fetch.ts'
import { isDocumentOf } from './tenants.ts'
import { printable, Unusable } from './unusable.ts'

type Library = typeof import('openid-client')

/** A provider whose discovery document is known and can be used. */
export type Discovered = {
  library: Library
  config: Configuration
  metadata: Readonly<ServerMetadata>
}

/** Reads the discovery document. The library is loaded here, so that no start waits for it. */
export async function discover(
  provider: Provider,
  caller: Caller,
  fetch: BoundedFetch,
): Promise<Discovered> {
  const library = await loadCode(() => import('openid-client'))
  const { issuer, clientId } = provider
  const execute = [library.enableNonRepudiationChecks]
  if (isPlain(issuer, caller.isProduction)) execute.push(library.allowInsecureRequests)
  const config = await library.discovery(new URL(issuer), clientId, {}, authentication(provider), {
    execute,
    [library.customFetch]: (address, init) => fetch(address, init as RequestInit),
  })
  const metadata = config.serverMetadata()
  requireUsable(metadata, caller)
  return { library, config, metadata }
}

/** Before anybody is sent there: the library would find some of it only after the sign-in. */
function requireUsable(metadata: Readonly<ServerMetadata>, caller: Caller): void {
  if (!isDocumentOf(caller.issuer, metadata.issuer))
    throw new Unusable(
      `the discovery document is of another issuer: ${printable(metadata.issuer)} instead of ${printable(caller.issuer)}`,
    )
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = metadata
  const needed = { authorization_endpoint, token_endpoint, jwks_uri }
  for (const [name, address] of Object.entries({ ...needed, userinfo_endpoint })) {
    if (address === undefined && !(name in needed)) continue
    if (typeof address !== 'string') throw new Unusable(`the discovery document has no ${name}`)
    callable(address, caller)
  }
}

/** Basic, also where a document lists nothing (OpenID Connect Discovery 3); else by the form. */
function authentication({ clientId, clientSecret }: Provider): ClientAuth {
  return ({ token_endpoint_auth_methods_supported: ways }, _client, body, headers) => {
    const isBasic = !Array.isArray(ways) || ways.includes('client_secret_basic')
    if (clientSecret !== undefined && isBasic) {
      headers.set('authorization', `Basic ${btoa(`${encoded(clientId)}:${encoded(clientSecret)}`)}`)
      return
    }
    body.set('client_id', clientId)
    if (clientSecret !== undefined) body.set('client_secret', clientSecret)
  }
}

/** As forms encode (RFC 6749 2.3.1); plain ids and secrets stay what they are. */
function encoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length)
}
