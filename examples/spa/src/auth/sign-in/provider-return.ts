import type { Latchkey } from '@latchkey/client'
import { type Finished, finishSignIn } from '@latchkey/client/providers'
import { PATHS } from '../paths.ts'

/**
 * Sends a browser that comes back from a provider to the page for it. To be called once, before the
 * router reads the address.
 */
export function catchProviderReturn(): void {
  if (!/^#(challenge|error)=[\w-]+$/.test(location.hash)) return
  history.replaceState(null, '', PATHS.provider + location.hash)
}

/** Ends what was begun at a provider. @throws ProviderError, LatchkeyError */
export function finish(latchkey: Latchkey, username?: string): Promise<Finished | undefined> {
  return finishSignIn(latchkey, username ? { username } : {})
}
