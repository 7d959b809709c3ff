import { setTimeout as sleep } from 'node:timers/promises'
import type { SigningKey as Row } from '../../generated/sqlite/client.ts'
import type { Clock } from '../../platform/clock.ts'
import type { MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { Database } from '../../platform/database/database.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Statements } from '../../platform/database/statements.ts'
import type { PublicJwk } from './key-pair.ts'
import { openStoredKey, type RetiredKey, type SigningKey, type StoredKey } from './stored-key.ts'

/** Ids name the time when they were made. Older keys were read by the interval long ago. */
const NEW_KEY_MS = 60_000
/** Strangers may send ids of keys, so the ring is read ten times a second at most. */
const PAUSE_MS = 100

type Dependencies = {
  db: Database
  statements: Pick<Statements, 'select'>
  clock: Clock
  secrets: MasterSecrets
}

/** The keys as they were last read, in memory: every request looks here. */
export function createKeyRing({ db, statements, clock, secrets }: Dependencies) {
  let ring: SigningKey[] = []
  let byId = new Map<string, SigningKey>()
  let retired = new Map<string, RetiredKey>()
  /** By the sealed text, so that each is opened once, and again when its row changes. */
  let opened = new Map<string, StoredKey>()
  let nextLook: Promise<unknown> | undefined

  /** Reads all keys. @throws Error naming SECRET when no listed secret opens them */
  async function load(): Promise<Row[]> {
    const rows = await statements.select<Row>(sql`
      SELECT id, sequence, algorithm, encryptedKey, createdAt, signsFrom FROM SigningKey
      ORDER BY sequence`)
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

  /**
   * Reads the ring for an id that may be of a new key of another server. The read begins after the
   * call, and serves all who call until then. @throws what the database throws
   */
  async function lookFor(kid: string): Promise<void> {
    const isNew = Math.abs(clock() - madeAt(kid)) <= NEW_KEY_MS
    if (publicPem(kid) !== undefined || !isNew) return
    nextLook ??= sleep(PAUSE_MS).then(() => {
      nextLook = undefined
      return load()
    })
    await nextLook
  }

  /** A retired key, by its id. */
  function retiredKey(kid: string): RetiredKey | undefined {
    return retired.get(kid)
  }

  /** The JSON Web Key Set (RFC 7517): the keys that verify, and the next one before it signs. */
  function jwks(): { keys: PublicJwk[] } {
    return { keys: ring.map((key) => key.publicJwk) }
  }

  return { load, last, newest, current, publicPem, lookFor, retiredKey, jwks }
}

/** The time in a UUID of version 7 (RFC 9562 5.7); of anything else some other time, or NaN. */
function madeAt(kid: string): number {
  return Number.parseInt(kid.slice(0, 8) + kid.slice(9, 13), 16)
}
