import { v7 as uuidv7 } from 'uuid'
import type { Clock } from '../../platform/clock.ts'
import { type Database, isUniqueViolation } from '../../platform/database.ts'
import type { MasterSecrets } from '../../platform/master-secret.ts'
import {
  accessTokenSigner,
  generatePrivatePem,
  type PublicJwk,
  publicHalf,
  SIGNING_ALGORITHM,
} from './key-pair.ts'

const DAY = 86_400_000
/** How long a key signs before the next one takes over. */
const SIGNING_PERIOD = 30 * DAY
/** How long a key is published before it signs, at least: longer than anyone caches the JWKS. */
const PUBLISH_LEAD = 3_600_000
/** How long a key verifies after its last token is over: room for clocks that differ. */
const SPARE = DAY

export type SigningKey = {
  kid: string
  sequence: number
  signsFrom: number
  publicJwk: PublicJwk
  publicPem: string
  sign: (claims: object) => string
}

export type Keys = ReturnType<typeof createKeys>
type Needs = { db: Database; clock: Clock; secrets: MasterSecrets; accessSeconds: number }

/**
 * The key ring for access tokens. Each key signs from its date until the next key's date, and
 * verifies until its last token is over; dates are the same on every server that reads the ring.
 */
export function createKeys({ db, clock, secrets, accessSeconds }: Needs) {
  let ring: SigningKey[] = []
  let byId = new Map<string, SigningKey>()

  /**
   * Reads the ring, and makes the keys that it lacks: the first ones ever, or the next one.
   * Servers that do so at once agree, since the sequence number is unique.
   * @throws Error naming SECRET when no listed secret opens the stored keys
   */
  async function refresh(): Promise<void> {
    await load()
    while (ring.length === 0 || newestKey().signsFrom <= clock()) {
      await addKey()
      await load()
    }
    await prune()
  }

  async function load(): Promise<void> {
    const rows = await db.signingKey.findMany({ orderBy: { sequence: 'asc' } })
    const loaded: SigningKey[] = []
    for (const row of rows) {
      const known = byId.get(row.id) ?? (await unsealed(row))
      loaded.push({ ...known, signsFrom: row.signsFrom.getTime() })
    }
    ring = loaded
    byId = new Map(loaded.map((key) => [key.kid, key]))
  }

  type Row = Awaited<ReturnType<typeof db.signingKey.findMany>>[number]

  async function unsealed(row: Row): Promise<SigningKey> {
    const privatePem = secrets.open(row.encryptedKey, row.id)
    if (secrets.isStale(row.encryptedKey)) {
      const encryptedKey = secrets.seal(privatePem, row.id)
      await db.signingKey.updateMany({ where: { id: row.id }, data: { encryptedKey } })
    }
    return {
      kid: row.id,
      sequence: row.sequence,
      signsFrom: row.signsFrom.getTime(),
      ...publicHalf(row.id, privatePem),
      sign: accessTokenSigner(row.id, privatePem),
    }
  }

  async function addKey(): Promise<void> {
    const now = clock()
    const last = ring.at(-1)
    const id = uuidv7()
    const signsFrom = last ? Math.max(last.signsFrom + SIGNING_PERIOD, now + PUBLISH_LEAD) : now
    try {
      await db.signingKey.create({
        data: {
          id,
          sequence: (last?.sequence ?? 0) + 1,
          algorithm: SIGNING_ALGORITHM,
          encryptedKey: secrets.seal(generatePrivatePem(), id),
          createdAt: new Date(now),
          signsFrom: new Date(signsFrom),
        },
      })
    } catch (error) {
      // Another server was faster; its key is as good.
      if (!isUniqueViolation(error)) throw error
    }
  }

  /** Removes the keys whose last token is over. */
  async function prune(): Promise<void> {
    const over = ring.filter((_, index) => {
      const successor = ring[index + 1]
      return successor && successor.signsFrom + accessSeconds * 1000 + SPARE < clock()
    })
    if (over.length === 0) return
    await db.signingKey.deleteMany({ where: { id: { in: over.map((key) => key.kid) } } })
    await load()
  }

  function newestKey(): SigningKey {
    const last = ring.at(-1)
    if (!last) throw new Error('The key ring is not loaded')
    return last
  }

  /** The key that signs now: the newest whose date has come. */
  function current(): SigningKey {
    return ring.findLast((key) => key.signsFrom <= clock()) ?? ring[0] ?? newestKey()
  }

  /**
   * Lets the next key sign as soon as every verifier can have it. The present one verifies until its
   * last token is over.
   * @returns when it takes over, in milliseconds since 1970
   */
  async function rotate(): Promise<number> {
    await refresh()
    const { kid, signsFrom } = newestKey()
    const soon = Math.min(signsFrom, clock() + PUBLISH_LEAD)
    await db.signingKey.updateMany({ where: { id: kid }, data: { signsFrom: new Date(soon) } })
    await refresh()
    return soon
  }

  /** The public key of an id, or undefined: the id is what an attacker sent. */
  function publicPem(kid: string): string | undefined {
    return byId.get(kid)?.publicPem
  }

  /** The JSON Web Key Set (RFC 7517): the keys that verify, and the next one before it signs. */
  function jwks(): { keys: PublicJwk[] } {
    return { keys: ring.map((key) => key.publicJwk) }
  }

  return { refresh, current, rotate, publicPem, jwks }
}
