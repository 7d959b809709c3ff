import { createHash, hkdfSync } from 'node:crypto'
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts'

const FORMAT = 'v1'
const KEY_BYTES = 32

export type MasterSecrets = ReturnType<typeof createMasterSecrets>

/**
 * Derives keys from the master secrets, newest first (HKDF with SHA-256, RFC 5869).
 * @throws Error when there is none, or one is shorter than 32 bytes
 */
export function createMasterSecrets(secrets: readonly Buffer[]) {
  if (secrets.length === 0) throw new Error('SECRET: at least one master secret is needed')
  for (const secret of secrets) {
    if (secret.length < KEY_BYTES) throw new Error(`SECRET: needs at least ${KEY_BYTES} bytes`)
  }
  const sealKeys = deriveKeys('latchkey key ring encryption')

  function deriveKeys(purpose: string): DerivedKey[] {
    return secrets.map((secret) => {
      const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES))
      return { id: createHash('sha256').update(key).digest('hex').slice(0, 12), key }
    })
  }

  /** Encrypts with the newest secret (AES-256-GCM). `open` needs the same context. */
  function seal(plaintext: string, context: string): string {
    const { id, key } = currentKey(sealKeys)
    const bytes = encrypt(key, plaintext, context)
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
    const tag = bytes.subarray(-TAG_BYTES)
    return [FORMAT, id, ...[nonce, sealed, tag].map(toBase64url)].join('.')
  }

  /** @throws Error when no listed secret fits, or text or context changed */
  function open(sealed: string, context: string): string {
    const [format, id, nonce = '', body = '', tag = ''] = sealed.split('.')
    const found = sealKeys.find((candidate) => candidate.id === id)
    if (format !== FORMAT || !found) {
      throw new Error(
        'SECRET: none of the listed secrets opens what is stored sealed; list the one that sealed it as well, as in SECRET=new,old',
      )
    }
    const bytes = [nonce, body, tag].map((part) => Buffer.from(part, 'base64url'))
    return decrypt(found.key, Buffer.concat(bytes), context)
  }

  function needsReseal(sealed: string): boolean {
    return sealed.split('.')[1] !== currentKey(sealKeys).id
  }

  return { count: secrets.length, deriveKeys, seal, open, needsReseal }
}

export type DerivedKey = { id: string; key: Buffer }

/** The key that seals and signs new texts. */
export function currentKey<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw new Error('The list is empty')
  return first
}

function toBase64url(bytes: Buffer): string {
  return bytes.toString('base64url')
}
