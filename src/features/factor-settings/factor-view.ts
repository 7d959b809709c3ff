import type { FactorView } from '../../contract/factor.ts'
import type { Factor } from '../factors/factor.ts'

/** @param rpIds the domains whose passkeys this server takes */
export function factorView(factor: Factor, rpIds: readonly string[]): FactorView {
  const { id, kind, name, rpId, credentialId, backedUp, createdAt, lastUsedAt } = factor
  const isPasskey = kind === 'passkey'
  return {
    ...{ id, kind: isPasskey ? kind : 'totp', name },
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    usable: !isPasskey || rpIds.includes(rpId ?? ''),
    backedUp,
    ...(credentialId !== null && rpId !== null ? { credentialId, rpId } : {}),
  }
}
