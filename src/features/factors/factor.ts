import type { FactorKind } from '../../contract/factor.ts'
import type { Factor as FactorRow } from '../../generated/sqlite/client.ts'
import type { Id, UserId } from '../../platform/ids.ts'

export type FactorId = Id<'Factor'>

/** A row of the Factor table. */
export type Factor = Omit<FactorRow, 'id' | 'userId' | 'kind'> & {
  id: FactorId
  userId: UserId
  kind: FactorKind
}
