import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

// An authenticator in software, with the browser in front of it. It signs what a test wants, so
// that each field of what a server gets can be forged.

export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export const FLAGS = { present: 1, verified: 4, eligible: 8, backedUp: 16, attested: 64, more: 128 }
const { present, verified } = FLAGS

/** What deviates from an honest answer. */
export type Forgery = {
  /** Of the client data, which the browser writes. */
  client?: Record<string, unknown>
  clientText?: (text: string) => string
  /** Of the authenticator data. */
  rpId?: string
  flags?: number
  counter?: number
  authData?: (data: Buffer) => Buffer
  /** Of the signature, and the key that makes it. */
  signature?: (signature: Buffer) => Buffer
  key?: KeyObject
  /** Of a new credential: its id as the authenticator says, its public key, its attestation. */
  attestedId?: Buffer
  publicKey?: Buffer
  format?: string
  statement?: Record<string, Cbor>
  attestation?: (bytes: Buffer) => Buffer
  /** Of the JSON around it all. */
  credential?: Record<string, unknown>
  response?: Record<string, unknown>
}

type Wish = {
  algorithm?: Algorithm
  /** Whose it is, as 16 bytes in base64url. */
  userHandle?: string | undefined
  flags?: number
  origin?: string
  rpId?: string
}

export type Authenticator = ReturnType<typeof createAuthenticator>

export function createAuthenticator(wish: Wish = {}) {
  const { algorithm = 'ES256', flags: usual = present | verified } = wish
  const { origin = 'http://localhost:3000', rpId: domain = 'localhost', userHandle } = wish
  const keys = keysOf(algorithm)
  const idBytes = randomBytes(16)
  const id = idBytes.toString('base64url')

  function clientData(type: string, challenge: string, forgery: Forgery): Buffer {
    const { client, clientText = (text) => text } = forgery
    const data = { type, challenge, origin, crossOrigin: false, ...client }
    return Buffer.from(clientText(JSON.stringify(data)))
  }

  function authenticatorData(forgery: Forgery, isNew: boolean): Buffer {
    const { rpId = domain, flags = usual, counter = 0, authData = (data) => data } = forgery
    const { attestedId = idBytes, publicKey = cbor(coseKey(keys.publicKey)) } = forgery
    const rest = Buffer.alloc(5)
    rest[0] = isNew ? flags | FLAGS.attested : flags
    rest.writeUInt32BE(counter, 1)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(attestedId.length)
    const attested = isNew ? [Buffer.alloc(16), length, attestedId, publicKey] : []
    return authData(Buffer.concat([sha256(rpId), rest, ...attested]))
  }

  /** A new credential, as `toJSON()` of it. */
  function create(challenge: string, forgery: Forgery = {}) {
    const { format = 'none', statement = {}, attestation = (bytes) => bytes } = forgery
    const authData = authenticatorData(forgery, true)
    const object = cbor(
      new Map(Object.entries({ fmt: format, attStmt: mapOf(statement), authData })),
    )
    return wrapped(forgery, {
      clientDataJSON: clientData('webauthn.create', challenge, forgery).toString('base64url'),
      attestationObject: attestation(object).toString('base64url'),
      transports: ['internal', 'hybrid'],
    })
  }

  /** A use of the credential, as `toJSON()` of it. */
  function use(challenge: string, forgery: Forgery = {}) {
    const { key = keys.privateKey, signature = (bytes) => bytes } = forgery
    const client = clientData('webauthn.get', challenge, forgery)
    const authData = authenticatorData(forgery, false)
    const signed = Buffer.concat([authData, sha256(client)])
    return wrapped(forgery, {
      clientDataJSON: client.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: signature(sign(hashOf(key), signed, key)).toString('base64url'),
      ...(userHandle === undefined ? {} : { userHandle }),
    })
  }

  function wrapped({ credential, response: forged }: Forgery, response: object) {
    return {
      ...{ id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform' },
      response: { ...response, ...forged },
      clientExtensionResults: {},
      ...credential,
    }
  }

  return { id, create, use }
}

function keysOf(algorithm: Algorithm) {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function hashOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
}

/** A public key as COSE writes it (RFC 9053). */
function coseKey(key: KeyObject): Map<number, Cbor> {
  const jwk = key.export({ format: 'jwk' })
  const bytes = (text = '') => Buffer.from(text, 'base64url')
  if (jwk.kty === 'OKP') return numbered([1, 1], [3, -8], [-1, 6], [-2, bytes(jwk.x)])
  if (jwk.kty === 'RSA') return numbered([1, 3], [3, -257], [-1, bytes(jwk.n)], [-2, bytes(jwk.e)])
  return numbered([1, 2], [3, -7], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)])
}

export type Cbor = number | string | Buffer | Cbor[] | Map<string | number, Cbor>

/** Writes CBOR (RFC 8949), as far as authenticators need it. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  return Buffer.concat([head(5, value.size), ...[...value].flat().map((part) => cbor(part))])
}

function head(major: number, size: number): Buffer {
  const type = major << 5
  if (size < 24) return Buffer.from([type | size])
  if (size < 0x100) return Buffer.from([type | 24, size])
  return Buffer.from([type | 25, size >> 8, size & 0xff])
}

function mapOf(entries: Record<string, Cbor>): Map<string, Cbor> {
  return new Map(Object.entries(entries))
}

function numbered(...entries: [number, Cbor][]): Map<number, Cbor> {
  return new Map(entries)
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}
