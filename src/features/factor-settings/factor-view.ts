import type { FactorView } from '../../contract/factor.ts'
import type { Factor } from '../factors/factor.ts'

export function factorView(factor: Factor, isUsable: (factor: Factor) => boolean): FactorView {
  const { id, kind, name, rpId, credentialId, backedUp, createdAt, lastUsedAt } = factor
  return {
    ...{ id, kind: kind === 'passkey' ? kind : 'totp', name },
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    usable: isUsable(factor),
    backedUp,
    ...(credentialId !== null && rpId !== null ? { credentialId, rpId } : {}),
  }
}
