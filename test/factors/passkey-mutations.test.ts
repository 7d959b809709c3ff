// runs once
// Changes of single bytes, at random. Chosen forgeries: passkey-forgeries.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ALGORITHMS, createAuthenticator } from '../../src/testing/authenticator.ts'
import { startServer } from '../support/helper.ts'
import { newNonce, personWithPasskey, prove, proveNew } from '../support/passkeys.ts'

const PARTS = ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle', 'id'] as const
const change = fc.record({
  part: fc.constantFrom(...PARTS),
  place: fc.nat(),
  by: fc.integer({ min: 1, max: 255 }),
})

test('an answer with one other byte, wherever it is, proves nothing', async (t) => {
  const server = await startServer(t)
  for (const algorithm of ALGORITHMS) {
    const { passkey, user } = await personWithPasskey(server, { algorithm })
    const nonce = newNonce()
    const honest = passkey.use(nonce)
    assert.ok(await prove(server, { credential: honest, nonce }))

    await fc.assert(
      fc.asyncProperty(change, fc.boolean(), async (given, isAlone) => {
        fc.pre(!isFrame(algorithm, honest, given))
        const credential = changed(honest, given)
        const userId = isAlone ? null : user.id
        assert.equal(await prove(server, { credential, nonce, userId }), undefined)
      }),
      { numRuns: 200 },
    )
  }
})

test('any JSON instead of a field proves nothing, and does no harm', async (t) => {
  const server = await startServer(t)
  const { passkey } = await personWithPasskey(server)
  const nonce = newNonce()
  const honest = passkey.use(nonce)
  const fields = [...PARTS, 'rawId', 'type', 'response'] as const

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...fields), fc.jsonValue(), async (field, value) => {
      const isOuter = field in honest
      const credential = isOuter
        ? { ...honest, [field]: value }
        : { ...honest, response: { ...honest.response, [field]: value } }
      assert.equal(await prove(server, { credential, nonce }), undefined)
    }),
    { numRuns: 300 },
  )
})

test('a new credential with one other byte of its attestation is that of the challenge, or none', async (t) => {
  const server = await startServer(t)
  const nonce = newNonce()
  const authenticator = createAuthenticator()
  const honest = authenticator.create(nonce)
  const bytes = Buffer.from(honest.response.attestationObject as string, 'base64url')

  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, by) => {
      const attestationObject = flipped(bytes, place, by).toString('base64url')
      const credential = { ...honest, response: { ...honest.response, attestationObject } }
      const proven = await proveNew(server, { credential, nonce })
      if (!proven) return
      assert.equal(proven.factor?.credentialId, authenticator.id)
      assert.equal(proven.factor?.rpId, 'localhost')
    }),
    { numRuns: 500 },
  )
})

/** Whether it is a byte of DER around the two numbers of an ECDSA signature: they stay the same. */
function isFrame(algorithm: string, { response }: Honest, { part, place }: Change): boolean {
  if (algorithm !== 'ES256' || part !== 'signature') return false
  const bytes = Buffer.from(String((response as Record<string, string>).signature), 'base64url')
  const second = 4 + (bytes[3] ?? 0)
  return [0, 1, 2, 3, second, second + 1].includes(place % bytes.length)
}

type Change = { part: (typeof PARTS)[number]; place: number; by: number }
type Honest = ReturnType<ReturnType<typeof createAuthenticator>['use']>

function changed(honest: Honest, { part, place, by }: Change): object {
  if (part === 'id') {
    const id = flippedText(honest.id, place, by)
    return { ...honest, id, rawId: id }
  }
  const response = honest.response as Record<string, string>
  const other = flippedText(String(response[part]), place, by)
  return { ...honest, response: { ...response, [part]: other } }
}

function flippedText(text: string, place: number, by: number): string {
  return flipped(Buffer.from(text, 'base64url'), place, by).toString('base64url')
}

function flipped(bytes: Buffer, place: number, by: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = place % copy.length
  copy[index] = (copy[index] ?? 0) ^ by
  return copy
}
