import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from '../../platform/crypto/aes-gcm.ts'
import {
  currentKey,
  type DerivedKey,
  type MasterSecrets,
} from '../../platform/crypto/master-secret.ts'
import type { Challenge } from './challenge.ts'

const CONTEXT = 'challenge'
const ID_BYTES = 16
/**
 * Room for every challenge, and for one with what a provider has said of a person. All of a kind
 * have this size, so that the token does not tell what is inside.
 */
const ROOMS = [512, 2048] as const
/** 720 and 2768 characters, multiples of four, so that each token has one spelling. */
const LENGTHS = ROOMS.map((room) => ((NONCE_BYTES + room + TAG_BYTES) / 3) * 4)
const TOKEN = new RegExp(`^(?:${LENGTHS.map((length) => `[\\w-]{${length}}`).join('|')})$`)
const CODES = 100_000_000n
const CODE_DIGITS = 8

/** A genuine challenge, with the place of its secret in the list. */
export type OpenedChallenge = Challenge & { secret: number }

export type ChallengeSeal = ReturnType<typeof createChallengeSeal>

/**
 * Turns challenges into tokens and back, and derives their codes. Nothing is stored: a code is a
 * function of the id of its challenge, so a stolen database holds none, the code of one challenge
 * is of no use for another (ASVS 5.0 6.6.2), and a second mail brings the same code.
 */
export function createChallengeSeal(secrets: MasterSecrets) {
  const sealKeys = secrets.deriveKeys('latchkey challenges')
  const codeKeys = secrets.deriveKeys('latchkey challenge codes')
  const nonceKeys = secrets.deriveKeys('latchkey challenge nonces')
  const hashKeys = secrets.deriveKeys('latchkey challenge hashes')

  const newId = () => randomBytes(ID_BYTES).toString('base64url')

  /** The id of the challenge that another one depends on; nobody else can make it. */
  function idOfPart(id: string): string {
    const digest = Buffer.from(hmac(hashKeys[0], `part of ${id}`), 'hex')
    return digest.subarray(0, ID_BYTES).toString('base64url')
  }

  function seal(challenge: Challenge): string {
    const json = JSON.stringify(listed(challenge))
    const size = Buffer.byteLength(json)
    const room = ROOMS.find((one) => one >= size)
    if (room === undefined) throw new Error('The challenge is larger than its token')
    const { key } = currentKey(sealKeys)
    return encrypt(key, json + ' '.repeat(room - size), CONTEXT).toString('base64url')
  }

  /** Tries every secret, newest first. @returns undefined for a token that was not made here */
  function open(token: string): OpenedChallenge | undefined {
    if (!TOKEN.test(token)) return undefined
    const bytes = Buffer.from(token, 'base64url')
    for (const [secret, { key }] of sealKeys.entries()) {
      const json = tryDecrypt(key, bytes)
      if (json !== undefined) return { ...fromList(JSON.parse(json)), secret }
    }
    return undefined
  }

  /** 8 digits, by the secret that sealed the challenge. */
  function codeOf({ id, secret }: OpenedChallenge): string {
    const digest = hmac(codeKeys[secret], id)
    // Of 256 bits: no code is likelier than another by more than one part in 2^229.
    return (BigInt(`0x${digest}`) % CODES).toString().padStart(CODE_DIGITS, '0')
  }

  /** The 32 bytes that a passkey has to sign, in base64url. @param secret of an opened challenge */
  function nonceOf(id: string, secret = 0): string {
    return Buffer.from(hmac(nonceKeys[secret], id), 'hex').toString('base64url')
  }

  /** Whether it is the code that was mailed. Constant-time, and as long where none was mailed. */
  function isMailedCode(challenge: OpenedChallenge, given: string): boolean {
    const isSame = isEqual(plainCode(given), codeOf(challenge))
    return isSame && challenge.address !== null
  }

  /**
   * A hash of what was sent, which tells a reader of the database nothing of passwords and codes.
   */
  function hashOf({ secret }: OpenedChallenge, parts: readonly unknown[]): string {
    return hmac(hashKeys[secret], JSON.stringify(parts))
  }

  return { newId, idOfPart, seal, open, codeOf, nonceOf, isMailedCode, hashOf }
}

/** A code without the spaces and hyphens that people and mail programs put into it. */
export function plainCode(typed: string): string {
  return typed.replaceAll(/[\s\p{Pd}]/gu, '')
}

/** Without the names, which would take a third of the room. */
function listed(challenge: Challenge): unknown[] {
  const { id, purpose, userId, credentialVersion, sessionId } = challenge
  const { methods, proved, transport, address, data, endsAt } = challenge
  return [
    ...[id, purpose, userId, credentialVersion, sessionId],
    ...[methods, proved, transport, address, data, endsAt],
  ]
}

type Listed = [
  ...[string, string, Challenge['userId'], Challenge['credentialVersion'], Challenge['sessionId']],
  ...[Challenge['methods'], string[], Challenge['transport'], string | null, string | null, number],
]

function fromList(list: Listed): Challenge {
  const [id, purpose, userId, credentialVersion, sessionId] = list
  const [, , , , , methods, proved, transport, address, data, endsAt] = list
  return {
    ...{ id, purpose, userId, credentialVersion, sessionId },
    ...{ methods, proved, transport, address, data, endsAt },
  }
}

function hmac(derived: DerivedKey | undefined, text: string): string {
  if (derived === undefined) throw new Error('The challenge names a secret that is not listed')
  return createHmac('sha256', derived.key).update(text).digest('hex')
}

function tryDecrypt(key: Buffer, bytes: Buffer): string | undefined {
  try {
    return decrypt(key, bytes, CONTEXT)
  } catch {
    return undefined
  }
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
