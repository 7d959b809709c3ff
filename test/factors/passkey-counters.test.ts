// Counters and copies of passkeys (ASVS 5.0 6.3.5).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FLAGS } from '../../src/testing/authenticator.ts'
import { auditEntries } from '../support/answers.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import {
  answerByPasskey,
  begunByPasskey,
  newNonce,
  passkeysOf,
  personWithPasskey,
  prove,
  spend,
  type WithPasskey,
} from '../support/passkeys.ts'
import { assertProblem } from '../support/problems.ts'
import { subjectsTo } from '../support/resets.ts'

const { present, verified, eligible, backedUp } = FLAGS
const both = present | verified

for (const [stored, given, isRight] of [
  [0, 0, true],
  [0, 1, true],
  [5, 6, true],
  [5, 2 ** 32 - 1, true],
  [5, 5, false],
  [5, 4, false],
  [5, 0, false],
  [2 ** 32 - 1, 1, false],
] as const) {
  test(`a counter of ${given} behind ${stored} is ${isRight ? 'kept' : 'that of a copy'}`, async (t) => {
    const server = await startServer(t)
    const person = await personWithPasskey(server, { first: { counter: stored } })

    const answer = await signInWith(server, person, { counter: given })

    assert.equal(answer.statusCode, isRight ? 200 : 401, answer.body)
    const [row] = await passkeysOf(server, person)
    assert.equal(row?.counter, BigInt(isRight ? given : stored))
    assert.equal(await clones(server), isRight ? 0 : 1)
  })
}

test('the owner of a copied passkey hears of it', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server, { first: { counter: 9 } })

  const refused = await signInWith(server, person, { counter: 8 })

  assertProblem(refused, 'invalid_credentials', {
    ...{ detail: 'The proof is wrong.', members: { attemptsLeft: 4 } },
  })
  const subjects = await subjectsTo(server, person.email, 2)
  assert.ok(subjects.includes('A passkey for localhost:3000 may have been copied'))
})

test('a copy is told of once, also when a conflict repeats its transaction', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server, { first: { counter: 9 } })
  const nonce = newNonce()
  const proven = await prove(server, {
    credential: person.passkey.use(nonce, { counter: 8 }),
    nonce,
  })

  const conflict = new Error('deadlock')
  const repeated = server.database.client.$transaction(async (tx) => {
    assert.equal(await proven?.spend?.(tx), false)
    throw conflict
  })
  await assert.rejects(repeated, conflict)
  assert.equal(await spend(server, proven), false)

  assert.equal(await clones(server), 1)
  const copied = 'A passkey for localhost:3000 may have been copied'
  const subjects = await subjectsTo(server, person.email, 2)
  assert.equal(subjects.filter((subject) => subject === copied).length, 1)
})

test('only a genuine signature tells of a copy', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server, { first: { counter: 9 } })
  const signature = (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index ? byte : 1)))

  const refused = await signInWith(server, person, { counter: 8, signature })

  assert.equal(refused.statusCode, 401)
  assert.equal(await clones(server), 0)
})

test('of two proofs with the same counter one is used, in either order and at once', async (t) => {
  const server = await startServer(t)
  const { passkey } = await personWithPasskey(server, { first: { counter: 1 } })
  const proofs = await Promise.all(
    [2, 2, 2, 2].map((counter) => {
      const nonce = newNonce()
      return prove(server, { credential: passkey.use(nonce, { counter }), nonce })
    }),
  )

  const spent = await Promise.all(proofs.map((proven) => spend(server, proven)))

  assert.equal(spent.filter(Boolean).length, 1)
})

test('the proof of a passkey that is removed meanwhile is not used, and not taken for a copy', async (t) => {
  const server = await startServer(t)
  const { passkey } = await personWithPasskey(server)
  const nonce = newNonce()
  const proven = await prove(server, { credential: passkey.use(nonce), nonce })
  await server.database.client.factor.deleteMany()

  assert.equal(await spend(server, proven), false)
  assert.equal(await clones(server), 0)
})

test('each use says again whether the passkey may be copied, and is', async (t) => {
  const server = await startServer(t)
  const person = await personWithPasskey(server)
  for (const [flags, expected] of [
    [both | eligible | backedUp, [true, true]],
    [both | eligible, [true, false]],
    [both, [false, false]],
  ] as const) {
    assert.equal((await signInWith(server, person, { flags })).statusCode, 200)
    const [row] = await passkeysOf(server, person)
    assert.deepEqual([row?.backupEligible, row?.backedUp], expected)
  }
})

async function signInWith(
  server: TestServer,
  { passkey }: WithPasskey,
  forgery: Parameters<WithPasskey['passkey']['use']>[1],
) {
  const begun = await begunByPasskey(server)
  return answerByPasskey(server, begun.token, passkey.use(begun.passkey.challenge, forgery))
}

async function clones(server: TestServer): Promise<number> {
  return (await auditEntries(server)).filter(({ type }) => type === 'factor_cloned').length
}
