import type { Browsers } from '../../../config/browsers.ts'
import type { RelyingParty } from '../../../config/relying-party.ts'
import type { Audit } from '../../audit/service.ts'
import type { Notices } from '../../mail/notices.ts'
import type { Users } from '../../users/service.ts'
import type { FactorStore } from '../store.ts'
import { createNewPasskeyProof } from './new-passkey-proof.ts'
import { createPasskeyOptions } from './options.ts'
import { createPasskeyProof } from './passkey-proof.ts'
import { createVerification } from './verification.ts'

/** The one domain that pages of every port of this machine may use, where nothing is at stake. */
const LOCAL = 'localhost'

export type Passkeys = ReturnType<typeof createPasskeys>
type Dependencies = {
  relyingParty: RelyingParty
  browsers: Pick<Browsers, 'isAllowed'>
  /** What authenticators call this server. */
  site: string
  store: Pick<FactorStore, 'findByKey' | 'keepUse'>
  users: Pick<Users, 'findOpen'>
  audit: Pick<Audit, 'record'>
  notices: Pick<Notices, 'add'>
}

/** Passkeys: what to ask browsers for, and what their answers prove. */
export function createPasskeys(dependencies: Dependencies) {
  const { relyingParty, browsers, site, store, users, audit, notices } = dependencies
  const { rpIds, origins } = relyingParty
  const [rpId = ''] = rpIds
  const options = createPasskeyOptions({ rpIds, site })
  const verification = createVerification({ rpId, isExpected })

  /** By what is configured alone: the `Origin` of a request says nothing. */
  function isExpected(origin: string, domain: string): boolean {
    return origins.includes(origin) || (domain === LOCAL && browsers.isAllowed(origin))
  }

  return {
    isOn: rpIds.length > 0,
    options,
    proof: createPasskeyProof({ store, options, verification, users, audit, notices }),
    newProof: createNewPasskeyProof({ store, verification }),
    /** The pages that the RP IDs may be used by (WebAuthn 3, 5.11). */
    webOrigins: origins.filter((origin) => /^https?:/.test(origin)),
  }
}
