import { randomBytes } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log/log.ts'
import { totpStep } from './totp.ts'

/** 160 bits, as RFC 4226 4 asks for. */
const SEED_BYTES = 20

export type Seeds = ReturnType<typeof createSeeds>
type Dependencies = {
  secrets: Pick<MasterSecrets, 'seal' | 'open' | 'needsReseal'>
  clock: Clock
  log: Pick<Log, 'error'>
}

/** The secrets of authenticator apps, sealed where they are stored. */
export function createSeeds({ secrets, clock, log }: Dependencies) {
  const contextOf = (userId: UserId) => `totp seed of ${userId}`

  const newSeed = () => randomBytes(SEED_BYTES)

  function seal(seed: Buffer, userId: UserId): string {
    return secrets.seal(seed.toString('base64url'), contextOf(userId))
  }

  /** @throws Error where no listed secret has sealed it, and for the seed of somebody else */
  function open(sealed: string, userId: UserId): Buffer {
    return Buffer.from(secrets.open(sealed, contextOf(userId)), 'base64url')
  }

  /**
   * The time step that a typed code is of. @returns undefined for a wrong one, and where the secret
   * of the seed is not listed any more: its owner needs another factor, and the operator an error
   */
  function stepOf(sealed: string, userId: UserId, typed: string): number | undefined {
    try {
      return totpStep(open(sealed, userId), typed, clock())
    } catch (err) {
      log.error({ err, userId }, 'the seed of an app cannot be opened')
      return undefined
    }
  }

  return { newSeed, seal, open, stepOf, needsReseal: secrets.needsReseal }
}
