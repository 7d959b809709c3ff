import type { Device } from '../device.ts'
import { networkOf, siteOf } from '../network.ts'
import type { Asker } from './fair-queue.ts'

/**
 * Who a password check claims to be: a `name` that anybody typed, an `owner` on a known device or
 * in a session, or a `newcomer` without an account. Strangers cannot use up an owner's share.
 */
type Claim = 'name' | 'owner' | 'newcomer'

export function askerOf({ ip }: Device, claim: Claim, account: string): Asker {
  const address = ip ?? ''
  return {
    ...{ site: siteOf(address), network: networkOf(address) },
    account: `${claim} ${account}`,
  }
}
