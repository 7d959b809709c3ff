// What is no proof by a passkey. Sign-ins with them: passkey-sign-in.test.ts.
import assert from 'node:assert/strict'
import { createECDH, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { ALGORITHMS, FLAGS, type Forgery } from '../../src/testing/authenticator.ts'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import {
  givePasskey,
  handleOf,
  newNonce,
  personWithPasskey,
  prove,
  type WithPasskey,
} from '../support/passkeys.ts'

const { present, verified, eligible, backedUp } = FLAGS
const both = present | verified
const foreignKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

test('a passkey of each algorithm proves alone, and beside a password', async (t) => {
  const server = await startServer(t)
  for (const algorithm of ALGORITHMS) {
    const { passkey, user } = await personWithPasskey(server, { algorithm })
    for (const userId of [null, user.id]) {
      const nonce = newNonce()
      const proven = await prove(server, { credential: passkey.use(nonce), nonce, userId })

      assert.deepEqual(proven?.amr, ['hwk', 'user'], algorithm)
      assert.equal(proven?.userId, userId === null ? user.id : undefined)
    }
  }
})

test('amr says whether the passkey may be copied to other devices, and whether it has verified its user', async (t) => {
  const server = await startServer(t)
  const { passkey, user } = await personWithPasskey(server)
  for (const [flags, amr] of [
    [present, ['hwk']],
    [both, ['hwk', 'user']],
    [both | eligible, ['swk', 'user']],
    [present | eligible | backedUp, ['swk']],
  ] as const) {
    const nonce = newNonce()
    const credential = passkey.use(nonce, { flags })

    assert.deepEqual((await prove(server, { credential, nonce, userId: user.id }))?.amr, amr)
  }
})

test('an authenticator that names no user proves for a user who is known, and not alone', async (t) => {
  const server = await startServer(t)
  const { passkey, user } = await personWithPasskey(server)
  for (const userHandle of [undefined, null, '']) {
    const nonce = newNonce()
    const credential = passkey.use(nonce, { response: { userHandle } })

    assert.ok(await prove(server, { credential, nonce, userId: user.id }))
    assert.equal(await prove(server, { credential, nonce }), undefined)
  }
})

/** What is wrong for every account. */
const FORGERIES: Record<string, Forgery> = {
  'another key': { key: foreignKey },
  'another challenge': { client: { challenge: newNonce() } },
  'no challenge': { client: { challenge: undefined } },
  'the type of a new credential': { client: { type: 'webauthn.create' } },
  'the type of a payment': { client: { type: 'payment.get' } },
  'the origin of somebody else': { client: { origin: 'https://evil.example' } },
  'an origin that begins alike': { client: { origin: 'http://localhost.evil.example:3000' } },
  'an origin with a path': { client: { origin: 'http://localhost:3000/' } },
  'an origin in capitals': { client: { origin: 'HTTP://LOCALHOST:3000' } },
  'https for http': { client: { origin: 'https://localhost:3000' } },
  'no origin': { client: { origin: undefined } },
  'a list of origins': { client: { origin: ['http://localhost:3000'] } },
  'a page in a foreign frame': { client: { crossOrigin: true } },
  'a foreign frame, written otherwise': { client: { crossOrigin: 'true' } },
  'a foreign page around it': { client: { topOrigin: 'https://evil.example' } },
  'both of them': { client: { crossOrigin: true, topOrigin: 'https://evil.example' } },
  'its own page around it': { client: { topOrigin: 'http://localhost:3000' } },
  'an unknown token binding': { client: { tokenBinding: { status: 'odd' } } },
  'client data that are null': { clientText: () => 'null' },
  'client data that are no JSON': { clientText: (text) => text.slice(1) },
  'client data that are empty': { clientText: () => '' },
  'another RP ID': { rpId: 'example.org' },
  'a subdomain as RP ID': { rpId: 'app.localhost' },
  'nobody present': { flags: verified },
  'no flag at all': { flags: 0 },
  'a backup of what cannot be backed up': { flags: both | backedUp },
  'a flag of credential data that are missing': { flags: both | FLAGS.attested },
  'a flag of extensions that are missing': { flags: both | FLAGS.more },
  'no authenticator data': { authData: () => Buffer.alloc(0) },
  'truncated authenticator data': { authData: (data) => data.subarray(0, 36) },
  'more authenticator data': { authData: (data) => Buffer.concat([data, Buffer.from([0])]) },
  'extensions that are no CBOR': {
    flags: both | FLAGS.more,
    authData: (data) => Buffer.concat([data, Buffer.from([0xff])]),
  },
  'extensions that are nested': {
    flags: both | FLAGS.more,
    authData: (data) => Buffer.concat([data, Buffer.alloc(20_000, 0x81)]),
  },
  'extensions that claim four thousand million items': {
    flags: both | FLAGS.more,
    authData: (data) => Buffer.concat([data, Buffer.from('9affffffff00', 'hex')]),
  },
  'no signature': { signature: () => Buffer.alloc(0) },
  'half a signature': { signature: (bytes) => bytes.subarray(0, 30) },
  'a signature of zeros': { signature: () => Buffer.from('3006020100020100', 'hex') },
  'a huge signature': { signature: () => Buffer.alloc(30_000, 7) },
  'another raw id': { credential: { rawId: 'AAAA' } },
  'no raw id': { credential: { rawId: undefined } },
  'another type of credential': { credential: { type: 'password' } },
  'no response': { credential: { response: undefined } },
  'a response that is a text': { credential: { response: 'x' } },
  'an empty response': { credential: { response: {} } },
  'an id that nobody has': { credential: { id: 'AAAA', rawId: 'AAAA' } },
  'no id': { credential: { id: undefined, rawId: undefined } },
  'an id that is a number': { credential: { id: 1, rawId: 1 } },
  'an id that is a list': { credential: { id: [], rawId: [] } },
  'a huge id': { credential: { id: 'A'.repeat(40_000), rawId: 'A'.repeat(40_000) } },
  'client data that are a number': { response: { clientDataJSON: 1 } },
  'authenticator data that are a list': { response: { authenticatorData: ['AAAA'] } },
  'authenticator data that are no base64url': { response: { authenticatorData: '***' } },
  'a signature that is null': { response: { signature: null } },
  'a user handle that is a number': { response: { userHandle: 1 } },
  'a user handle that is a list': { response: { userHandle: [] } },
  'the user handle of nobody': { response: { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' } },
}

test('what deviates in one point proves nothing, and does no harm', async (t) => {
  const server = await startServer(t)
  const { passkey, user } = await personWithPasskey(server)
  for (const [title, forgery] of Object.entries(FORGERIES)) {
    for (const userId of [null, user.id]) {
      const nonce = newNonce()
      const credential = passkey.use(nonce, forgery)
      const start = performance.now()

      assert.equal(await prove(server, { credential, nonce, userId }), undefined, title)
      assert.ok(performance.now() - start < 1000, title)
    }
  }
  const nonce = newNonce()
  assert.ok(await prove(server, { credential: passkey.use(nonce), nonce }))
})

test('text that is not a credential proves nothing', async (t) => {
  const server = await startServer(t)
  await personWithPasskey(server)
  for (const credential of [
    '',
    'x',
    'null',
    '1',
    '"x"',
    '[]',
    '{}',
    '{"id":{}}',
    '[['.repeat(9000),
  ]) {
    assert.equal(await prove(server, { credential, nonce: newNonce() }), undefined, credential)
  }
})

test('a passkey proves nothing about anybody else', async (t) => {
  const server = await startServer(t)
  const one = await personWithPasskey(server)
  const other = await personWithPasskey(server)
  const nonce = newNonce()
  const attempt = (passkey: WithPasskey['passkey'], forgery: Forgery, userId: string | null) =>
    prove(server, { credential: passkey.use(nonce, forgery), nonce, userId })
  const otherHandle = { response: { userHandle: handleOf(other) } }
  const otherId = { credential: { id: other.passkey.id, rawId: other.passkey.id } }

  // The passkey of one user at the challenge of the other; it names either of them.
  assert.equal(await attempt(one.passkey, {}, other.user.id), undefined)
  assert.equal(await attempt(one.passkey, otherHandle, other.user.id), undefined)
  assert.equal(
    await attempt(one.passkey, { response: { userHandle: null } }, other.user.id),
    undefined,
  )
  // Alone, it names the other.
  assert.equal(await attempt(one.passkey, otherHandle, null), undefined)
  // The id of the other with a signature of one's own.
  assert.equal(await attempt(one.passkey, otherId, null), undefined)
  assert.equal(await attempt(one.passkey, { ...otherId, ...otherHandle }, null), undefined)
  assert.equal(await attempt(one.passkey, { ...otherId, ...otherHandle }, other.user.id), undefined)
  assert.ok(await attempt(other.passkey, {}, other.user.id))
})

test('without verification of its user a passkey alone does not sign in', async (t) => {
  const server = await startServer(t)
  const { passkey, user } = await personWithPasskey(server)
  const nonce = newNonce()
  const credential = passkey.use(nonce, { flags: present })

  assert.equal(await prove(server, { credential, nonce }), undefined)
  assert.ok(await prove(server, { credential, nonce, userId: user.id }))
})

test('the passkey of a disabled account, and of one that is gone, is like an unknown one', async (t) => {
  const server = await startServer(t)
  const { passkey, user } = await personWithPasskey(server)
  const { client } = server.database
  const nonce = newNonce()
  const credential = passkey.use(nonce)

  await client.user.update({ where: { id: user.id }, data: { disabledAt: new Date() } })
  assert.equal(await prove(server, { credential, nonce }), undefined)
  await client.user.update({ where: { id: user.id }, data: { disabledAt: null } })
  assert.ok(await prove(server, { credential, nonce }))
  await client.user.delete({ where: { id: user.id } })
  assert.equal(await prove(server, { credential, nonce }), undefined)
})

test('a stored key that is damaged proves nothing', async (t) => {
  const server = await startServer(t)
  const { passkey } = await personWithPasskey(server)
  const nonce = newNonce()
  for (const secret of [
    '',
    'AAAA',
    'oA',
    createECDH('prime256v1').generateKeys('base64url' as 'hex'),
  ]) {
    await server.database.client.factor.updateMany({ data: { secret } })

    assert.equal(await prove(server, { credential: passkey.use(nonce), nonce }), undefined)
  }
})

test('a second passkey of the same account is as good as the first', async (t) => {
  const server = await startServer(t)
  const first = await givePasskey(server, await signedUp(server))
  const second = await givePasskey(server, first)
  const nonce = newNonce()
  for (const { passkey } of [first, second]) {
    const credential = passkey.use(nonce)

    assert.equal((await prove(server, { credential, nonce }))?.userId, first.user.id)
  }
})
