import type { Factor as FactorRow } from '../../generated/sqlite/client.ts'
import type { Id, UserId } from '../../platform/ids.ts'

export type FactorKind = 'totp' | 'passkey' | 'recovery'

export type FactorId = Id<'Factor'>

/** A row of the Factor table. */
export type Factor = Omit<FactorRow, 'id' | 'userId' | 'kind'> & {
  id: FactorId
  userId: UserId
  kind: FactorKind
}

/** What a new factor consists of, beside whose it is and when it was added. */
export type NewFactor = Pick<Factor, 'kind' | 'secret' | 'counter'> &
  Partial<
    Pick<
      Factor,
      | 'name'
      | 'credentialKey'
      | 'credentialId'
      | 'rpId'
      | 'backupEligible'
      | 'backedUp'
      | 'transports'
      | 'aaguid'
    >
  >
