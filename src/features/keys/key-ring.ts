import type { SigningKey as Row } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database } from '../../platform/database/database.ts'
import type { PublicJwk } from './key-pair.ts'
import { openStoredKey, type RetiredKey, type SigningKey, type StoredKey } from './stored-key.ts'

type Dependencies = { db: Database; clock: Clock; secrets: MasterSecrets }

/** The keys as they were last read, in memory: every request looks here. */
export function createKeyRing({ db, clock, secrets }: Dependencies) {
  let ring: SigningKey[] = []
  let byId = new Map<string, SigningKey>()
  let retired = new Map<string, RetiredKey>()
  /** By the sealed text, so that each is opened once, and again when its row changes. */
  let opened = new Map<string, StoredKey>()

  /** Reads all keys. @throws Error naming SECRET when no listed secret opens them */
  async function load(): Promise<Row[]> {
    const rows = await db.signingKey.findMany({ orderBy: { sequence: 'asc' } })
    const read = new Map<string, StoredKey>()
    const [signing, retiredKeys]: [SigningKey[], RetiredKey[]] = [[], []]
    for (const row of rows) {
      const stored = opened.get(row.encryptedKey) ?? (await open(row))
      read.set(row.encryptedKey, stored)
      if (stored.kind === 'retired') retiredKeys.push(stored.key)
      else signing.push({ ...stored.key, signsFrom: row.signsFrom.getTime() })
    }
    ring = signing
    byId = new Map(signing.map((key) => [key.kid, key]))
    retired = new Map(retiredKeys.map((key) => [key.kid, key]))
    opened = read
    return rows
  }

  /** Opens a row, and seals it under the newest secret unless it has changed meanwhile. */
  async function open(row: Row): Promise<StoredKey> {
    const { id, encryptedKey } = row
    if (secrets.needsReseal(encryptedKey)) {
      const data = { encryptedKey: secrets.seal(secrets.open(encryptedKey, id), id) }
      await db.signingKey.updateMany({ where: { id, encryptedKey }, data })
    }
    return openStoredKey(secrets, row)
  }

  /** The key with the latest date, which may not have come. */
  function last(): SigningKey | undefined {
    return ring.at(-1)
  }

  /** The same of a ring that is loaded. */
  function newest(): SigningKey {
    const key = last()
    if (!key) throw new Error('The key ring is not loaded')
    return key
  }

  /** The key that signs now: the newest whose date has come. */
  function current(): SigningKey {
    return ring.findLast((key) => key.signsFrom <= clock()) ?? ring[0] ?? newest()
  }

  /** The public key of an id, or undefined: the id is what an attacker sent. */
  function publicPem(kid: string): string | undefined {
    return byId.get(kid)?.publicPem
  }

  /** A retired key, by its id. */
  function retiredKey(kid: string): RetiredKey | undefined {
    return retired.get(kid)
  }

  /** The JSON Web Key Set (RFC 7517): the keys that verify, and the next one before it signs. */
  function jwks(): { keys: PublicJwk[] } {
    return { keys: ring.map((key) => key.publicJwk) }
  }

  return { load, last, newest, current, publicPem, retiredKey, jwks }
}
