// What makes a new passkey, and what does not. Adding one to an account: adding-passkeys.test.ts.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  ALGORITHMS,
  cbor,
  createAuthenticator,
  FLAGS,
  type Forgery,
} from '../../src/testing/authenticator.ts'
import { startServer } from '../support/helper.ts'
import { newNonce, personWithPasskey, prove, proveNew } from '../support/passkeys.ts'

const { present, verified, eligible, backedUp } = FLAGS

test('an authenticator of each algorithm gives a passkey', async (t) => {
  const server = await startServer(t)
  for (const algorithm of ALGORITHMS) {
    const authenticator = createAuthenticator({ algorithm })
    const nonce = newNonce()
    const proven = await proveNew(server, { credential: authenticator.create(nonce), nonce })
    assert.ok(proven?.factor)
    const { secret, ...factor } = proven.factor

    assert.deepEqual(factor, {
      kind: 'passkey',
      counter: 0n,
      credentialKey: createHash('sha256').update(authenticator.id).digest('hex'),
      credentialId: authenticator.id,
      rpId: 'localhost',
      backupEligible: false,
      backedUp: false,
      transports: 'hybrid internal',
      aaguid: '00000000-0000-0000-0000-000000000000',
    })
    assert.match(secret, /^[\w-]{50,500}$/)
  }
})

test('a passkey keeps what its authenticator says of counter and copies', async (t) => {
  const server = await startServer(t)
  const nonce = newNonce()
  const flags = present | verified | eligible | backedUp
  const credential = createAuthenticator().create(nonce, { flags, counter: 2 ** 32 - 1 })
  const proven = await proveNew(server, { credential, nonce })

  const { counter, backupEligible, backedUp: isBackedUp } = proven?.factor ?? {}
  assert.deepEqual([counter, backupEligible, isBackedUp], [2n ** 32n - 1n, true, true])
})

test('without verification of its user a passkey is a second factor all the same', async (t) => {
  const server = await startServer(t)
  const nonce = newNonce()
  const credential = createAuthenticator().create(nonce, { flags: present })

  assert.ok(await proveNew(server, { credential, nonce }))
})

test('only known transports are kept', async (t) => {
  const server = await startServer(t)
  for (const [given, kept] of [
    [['usb', 'nfc', 'usb', 'pigeon', 'x'.repeat(9000), 7, null], 'nfc usb'],
    ['internal', ''],
    [undefined, ''],
    [null, ''],
  ] as const) {
    const nonce = newNonce()
    const credential = createAuthenticator().create(nonce, { response: { transports: given } })

    assert.equal((await proveNew(server, { credential, nonce }))?.factor?.transports, kept)
  }
})

test('a statement on the make of the authenticator is neither asked for nor looked at', async (t) => {
  const server = await startServer(t)
  for (const format of ['packed', 'fido-u2f', 'apple', 'tpm', 'android-key', 'of-tomorrow']) {
    const nonce = newNonce()
    const statement = { alg: -7, sig: randomBytes(70), x5c: [randomBytes(900)] }
    const credential = createAuthenticator().create(nonce, { format, statement })

    assert.ok(await proveNew(server, { credential, nonce }), format)
  }
})

const FORGERIES: Record<string, Forgery> = {
  'another challenge': { client: { challenge: newNonce() } },
  'the type of a use': { client: { type: 'webauthn.get' } },
  'the origin of somebody else': { client: { origin: 'https://evil.example' } },
  'a page in a foreign frame': { client: { crossOrigin: true } },
  'a foreign page around it': { client: { topOrigin: 'https://evil.example' } },
  'another RP ID': { rpId: 'example.org' },
  'nobody present': { flags: verified },
  'a backup of what cannot be backed up': { flags: present | backedUp },
  'another id than the authenticator has': { attestedId: randomBytes(16) },
  'an empty id': { attestedId: Buffer.alloc(0), credential: { id: '', rawId: '' } },
  'an id of 1024 bytes': withId(Buffer.alloc(1024, 7)),
  'a raw id of its own': { credential: { rawId: 'AAAA' } },
  'an unknown algorithm': {
    publicKey: cbor(
      new Map([
        [1, 2],
        [3, -35],
      ]),
    ),
  },
  'an algorithm that is a text': {
    publicKey: cbor(
      new Map<number, string | number>([
        [1, 2],
        [3, 'ES256'],
      ]),
    ),
  },
  'no public key': { publicKey: Buffer.alloc(0) },
  'a public key that is no map': { publicKey: cbor([1, 2]) },
  'a huge public key': {
    publicKey: cbor(
      new Map<number, number | Buffer>([
        [1, 3],
        [3, -257],
        [-1, Buffer.alloc(1600, 9)],
      ]),
    ),
  },
  'a truncated attestation': { attestation: (bytes) => bytes.subarray(0, 80) },
  'an attestation that is no map': { attestation: () => cbor([1]) },
  'an attestation without data': { attestation: () => cbor(new Map([['fmt', 'none']])) },
  'data that are a number of bytes': {
    attestation: () =>
      cbor(
        new Map<string, string | number>([
          ['fmt', 'none'],
          ['authData', 65_535],
        ]),
      ),
  },
  'data that claim two thousand million bytes': {
    attestation: () => Buffer.from('a1686175746844617461' + '1a7fffffff', 'hex'),
  },
  'an attestation that is nested': { attestation: () => Buffer.alloc(30_000, 0x81) },
  'random bytes': { attestation: () => randomBytes(500) },
  'an attestation that is a number': { response: { attestationObject: 1 } },
  'no attestation': { response: { attestationObject: undefined } },
  'no response': { credential: { response: null } },
  'another type of credential': { credential: { type: 'password' } },
}

test('what deviates in one point makes no passkey, and does no harm', async (t) => {
  const server = await startServer(t)
  for (const [title, forgery] of Object.entries(FORGERIES)) {
    const nonce = newNonce()
    const credential = createAuthenticator().create(nonce, forgery)
    const start = performance.now()

    assert.equal(await proveNew(server, { credential, nonce }), undefined, title)
    assert.ok(performance.now() - start < 1000, title)
  }
})

test('an id of 1023 bytes is the longest', async (t) => {
  const server = await startServer(t)
  const nonce = newNonce()
  const credential = createAuthenticator().create(nonce, withId(Buffer.alloc(1023, 7)))

  assert.ok(await proveNew(server, { credential, nonce }))
})

test('a credential that an account has cannot be added again, by anybody', async (t) => {
  const server = await startServer(t)
  const { passkey } = await personWithPasskey(server)
  const nonce = newNonce()

  assert.equal(await proveNew(server, { credential: passkey.create(nonce), nonce }), undefined)
  assert.ok(await prove(server, { credential: passkey.use(nonce), nonce }))
})

/** An authenticator and a browser that agree on another id. */
function withId(bytes: Buffer): Forgery {
  const id = bytes.toString('base64url')
  return { attestedId: bytes, credential: { id, rawId: id } }
}
