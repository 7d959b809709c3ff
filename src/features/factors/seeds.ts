import { randomBytes } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { UserId } from '../../platform/ids.ts'
import { totpStep } from './totp.ts'

/** 160 bits, as RFC 4226 4 asks for. */
const SEED_BYTES = 20

export type Seeds = ReturnType<typeof createSeeds>
type Dependencies = {
  secrets: Pick<MasterSecrets, 'seal' | 'open' | 'needsReseal'>
  clock: Clock
}

/** The secrets of authenticator apps, sealed where they are stored. */
export function createSeeds({ secrets, clock }: Dependencies) {
  const contextOf = (userId: UserId) => `totp seed of ${userId}`

  const newSeed = () => randomBytes(SEED_BYTES)

  function seal(seed: Buffer, userId: UserId): string {
    return secrets.seal(seed.toString('base64url'), contextOf(userId))
  }

  /** @throws Error where no listed secret has sealed it, and for the seed of somebody else */
  function open(sealed: string, userId: UserId): Buffer {
    return Buffer.from(secrets.open(sealed, contextOf(userId)), 'base64url')
  }

  /** The time step that a typed code is of; undefined for a wrong one. @throws as `open` */
  function stepOf(sealed: string, userId: UserId, typed: string): number | undefined {
    return totpStep(open(sealed, userId), typed, clock())
  }

  return { newSeed, seal, open, stepOf, needsReseal: secrets.needsReseal }
}
