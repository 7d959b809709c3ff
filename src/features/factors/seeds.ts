import { randomBytes } from 'node:crypto'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { UserId } from '../../platform/ids.ts'

/** 160 bits, as RFC 4226 4 asks for. */
const SEED_BYTES = 20

export type Seeds = ReturnType<typeof createSeeds>

/** The secrets of authenticator apps, sealed where they are stored. */
export function createSeeds(secrets: Pick<MasterSecrets, 'seal' | 'open' | 'needsReseal'>) {
  const contextOf = (userId: UserId) => `totp seed of ${userId}`

  const newSeed = () => randomBytes(SEED_BYTES)

  function seal(seed: Buffer, userId: UserId): string {
    return secrets.seal(seed.toString('base64url'), contextOf(userId))
  }

  /** @throws Error where no listed secret has sealed it, and for the seed of somebody else */
  function open(sealed: string, userId: UserId): Buffer {
    return Buffer.from(secrets.open(sealed, contextOf(userId)), 'base64url')
  }

  return { newSeed, seal, open, needsReseal: secrets.needsReseal }
}
