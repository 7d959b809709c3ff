import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const FORMAT = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

export type MasterSecrets = ReturnType<typeof createMasterSecrets>

/**
 * Everything that is derived from the master secret. The secret itself is never used as a key:
 * each purpose has a key of its own (HKDF with SHA-256, RFC 5869).
 * @param secrets the listed secrets, newest first, each at least 32 bytes
 * @throws Error when none is listed or one is too short
 */
export function createMasterSecrets(secrets: readonly Buffer[]) {
  if (secrets.length === 0) throw new Error('SECRET: at least one master secret is needed')
  for (const secret of secrets) {
    if (secret.length < KEY_BYTES) throw new Error(`SECRET: needs at least ${KEY_BYTES} bytes`)
  }
  const sealKeys = deriveKeys('latchkey key ring encryption')

  /** The keys for one purpose, newest first; each has an id that tells nothing about it. */
  function deriveKeys(purpose: string): DerivedKey[] {
    return secrets.map((secret) => {
      const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES))
      return { id: createHash('sha256').update(key).digest('hex').slice(0, 12), key }
    })
  }

  /**
   * Encrypts with the newest secret (AES-256-GCM, a random 96-bit nonce each time).
   * @param context what the text belongs to; opening it asks for the same context
   */
  function seal(plaintext: string, context: string): string {
    const { id, key } = newest(sealKeys)
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(context))
    const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
    return [FORMAT, id, ...[nonce, sealed, cipher.getAuthTag()].map(toBase64url)].join('.')
  }

  /**
   * Opens what `seal` made under any listed secret.
   * @throws Error when no listed secret fits, or when the text or its context was changed
   */
  function open(sealed: string, context: string): string {
    const [format, id, nonce = '', body = '', tag = ''] = sealed.split('.')
    const found = sealKeys.find((candidate) => candidate.id === id)
    if (format !== FORMAT || !found) {
      throw new Error('SECRET: none of the listed secrets opens the stored signing keys')
    }
    const options = { authTagLength: TAG_BYTES }
    const decipher = createDecipheriv(CIPHER, found.key, Buffer.from(nonce, 'base64url'), options)
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(Buffer.from(tag, 'base64url'))
    return (
      decipher.update(Buffer.from(body, 'base64url'), undefined, 'utf8') + decipher.final('utf8')
    )
  }

  /** Whether the text was sealed under an older secret, so that it should be sealed again. */
  function isStale(sealed: string): boolean {
    return sealed.split('.')[1] !== newest(sealKeys).id
  }

  return { deriveKeys, seal, open, isStale }
}

export type DerivedKey = { id: string; key: Buffer }

/** The first of a list that is known to have one. */
export function newest<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw new Error('The list is empty')
  return first
}

function toBase64url(bytes: Buffer): string {
  return bytes.toString('base64url')
}
