import { bundleClient } from '../../scripts/client-module.mjs'

type Bundle = Awaited<ReturnType<typeof bundleClient>>

/**
 * The client in one minified file, as an application would ship it; as `iife` it is the global
 * `client`.
 */
export function bundledClient(format: 'esm' | 'iife'): Promise<Bundle> {
  return bundleClient('index.ts', format === 'iife' ? { format, globalName: 'client' } : {})
}

/** What a server answers at `/client.js`. */
export function servedClient(): Promise<Bundle> {
  return bundleClient('served.ts')
}

/** The entry for providers, likewise. */
export function bundledProviders(): Promise<Bundle> {
  return bundleClient('providers.ts')
}

/** The entry for passkeys, as it is served and as an application would ship it. */
export function bundledPasskeys(): Promise<Bundle> {
  return bundleClient('passkeys.ts')
}
