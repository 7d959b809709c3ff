// Recovery codes: how they look, what one is good for, and how often (ASVS 5.0
// 6.3.7, 6.5.1, 6.5.2, 6.5.3, 6.5.4).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainRecoveryCode, spelledCode } from '../../src/features/factors/recovery-code.ts'
import { assertNotLogged, auditEntries, call } from '../support/answers.ts'
import { asked, enrolled, FREE, factorsOf, prove, signedInFully } from '../support/enrolment.ts'
import { bearer } from '../support/factories.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { assertProblem } from '../support/problems.ts'
import { crowd, statuses } from '../support/races.ts'
import { mailsTo } from '../support/resets.ts'

const env = FREE
const CODE = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/
const by = { method: 'recovery_code' }

test('80 bits become a code and nothing gets lost, however it is typed', () => {
  assert.equal(spelledCode(Buffer.alloc(10)), '0000-0000-0000-0000')
  assert.equal(spelledCode(Buffer.alloc(10, 255)), 'ZZZZ-ZZZZ-ZZZZ-ZZZZ')
  assert.equal(spelledCode(Buffer.from('00443214c74254b635cf', 'hex')), '0123-4567-89AB-CDEF')
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 }).map((one) => Buffer.from(one))
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const code = spelledCode(one)
      assert.match(code, CODE)
      const plain = plainRecoveryCode(code)
      assert.equal(plain, code.replaceAll('-', ''))
      assert.equal(plainRecoveryCode(` ${code.toLowerCase().replaceAll('-', ' ')}\t`), plain)
      const misread = code.replaceAll('0', 'o').replace('1', 'l').replaceAll('1', 'I')
      assert.equal(plainRecoveryCode(misread), plain)
      assert.equal(one.equals(other), spelledCode(other) === code)
    }),
  )
  for (const typed of ['', '0'.repeat(15), '0'.repeat(17), 'UUUU-0000-0000-0000', '０'.repeat(16)])
    assert.equal(plainRecoveryCode(typed), undefined, typed)
})

test('the first factor brings ten codes, of which the database has only hashes', async (t) => {
  const server = await startServer(t, { env })
  const { recoveryCodes, ...person } = await enrolled(server)

  assert.equal(new Set(recoveryCodes).size, 10)
  for (const code of recoveryCodes) assert.match(code, CODE)
  const { client } = server.database
  const rows = await client.recoveryCode.findMany()
  assert.equal(rows.length, 10)
  const stored = JSON.stringify([rows, await client.factor.findMany()], (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  for (const code of recoveryCodes) {
    assert.ok(!stored.includes(code) && !stored.includes(code.replaceAll('-', '')))
  }
  for (const { hash } of rows) assert.match(hash, /^[\w-]{43}$/)
  assertNotLogged(server, recoveryCodes)
  const { recoveryCodesLeft, items } = (await factorsOf(server, person)).json()
  assert.deepEqual([recoveryCodesLeft, items.length], [10, 1])
})

test('a code signs in once, also when it is typed carelessly, and the owner is told', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const [code = '', other = ''] = person.recoveryCodes
  const first = await asked(server, person)
  const typed = ` ${code.toLowerCase().replaceAll('-', ' ')} `

  const answer = await prove(server, first.token, typed, by)
  const second = await asked(server, person)
  const again = await prove(server, second.token, code, by)
  const next = await prove(server, second.token, other, by)

  assert.equal(answer.statusCode, 200, answer.body)
  const { access_token } = answer.json()
  const claims = (await call(server, 'GET /verify', undefined, bearer(access_token))).json()
  assert.deepEqual([claims.amr, claims.acr], [['pwd', 'mfa'], 'aal2'])
  assertProblem(again, 'invalid_credentials', {
    ...{ detail: 'The proof is wrong.', members: { attemptsLeft: 4 } },
  })
  assert.equal(next.statusCode, 200, next.body)
  const { recoveryCodesLeft } = (await factorsOf(server, answer.json())).json()
  assert.equal(recoveryCodesLeft, 8)
  const used = (await auditEntries(server)).filter(({ type }) => type === 'recovery_code_used')
  assert.deepEqual(
    used.map(({ userId, detail }) => [userId, detail]),
    [
      [person.user.id, '9 left'],
      [person.user.id, '8 left'],
    ],
  )
  await outboxEmpty(server)
  const told = (await mailsTo(server, person.email, 3)).filter(({ subject }) =>
    subject.startsWith('A recovery code'),
  )
  assert.deepEqual(told.map(({ text }) => /Codes left: \d/.exec(text)?.[0]).toSorted(), [
    'Codes left: 8',
    'Codes left: 9',
  ])
  for (const { text } of told) assert.ok(!text.includes(code) && !text.includes(person.username))
})

test('of one code on 20 challenges at once, on two servers, one signs in', async (t) => {
  const url = await freshDatabase(t)
  const first = await startServer(t, { url, env })
  const second = await startServer(t, { url, env, clock: first.clock })
  const person = await enrolled(first)
  const [code = ''] = person.recoveryCodes
  const challenges = []
  for (let count = 0; count < 20; count++) challenges.push(await asked(first, person))

  const answers = await Promise.all(
    challenges.map(({ token }, index) => prove(index % 2 ? second : first, token, code, by)),
  )

  assert.deepEqual(statuses(answers), { 200: 1, '401 invalid_credentials': 19 })
  assert.equal(await first.database.client.recoveryCode.count(), 9)
})

test('of 50 equal right answers with a key all get the same session, and one code is used', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  const [code = ''] = person.recoveryCodes
  const { token } = await asked(server, person)

  const answers = await Promise.all(crowd(() => prove(server, token, code, { ...by, key: 'k' })))

  // A full queue of hashes sends some away; they may retry.
  const { 200: good = 0, '503 overloaded': busy = 0, ...others } = statuses(answers)
  assert.deepEqual([others, good + busy], [{}, 50])
  assert.ok(good > 0)
  const sessions = answers.filter(({ statusCode }) => statusCode === 200)
  assert.equal(new Set(sessions.map((answer) => answer.json().sessionId)).size, 1)
  assert.equal(await server.database.client.recoveryCode.count(), 9)
})

test('new codes are dead ends for the old ones, and for nobody else', async (t) => {
  const server = await startServer(t, { env })
  const [person, other] = [await enrolled(server), await enrolled(server)]
  const session = await signedInFully(server, person)
  const [old = ''] = person.recoveryCodes
  const open = await asked(server, person)

  const answer = await call(
    server,
    'POST /factors/recovery-codes',
    undefined,
    bearer(session.access_token),
  )

  assert.equal(answer.statusCode, 201, answer.body)
  const { recoveryCodes } = answer.json<{ recoveryCodes: string[] }>()
  assert.equal(new Set([...recoveryCodes, ...person.recoveryCodes]).size, 20)
  assertProblem(await prove(server, open.token, recoveryCodes[0] ?? '', by), 'challenge_over')
  const { token } = await asked(server, person)
  assert.equal((await prove(server, token, old, by)).statusCode, 401)
  const theirs = await prove(server, token, other.recoveryCodes[0] ?? '', by)
  assert.equal(theirs.statusCode, 401)
  assert.equal((await prove(server, token, recoveryCodes[0] ?? '', by)).statusCode, 200)
  const { token: others } = await asked(server, other)
  const untouched = await prove(server, others, other.recoveryCodes[0] ?? '', by)
  assert.equal(untouched.statusCode, 200)
})

test('all ten work, and then there is no such method any more', async (t) => {
  const server = await startServer(t, { env })
  const person = await enrolled(server)
  for (const code of person.recoveryCodes) {
    const { token } = await asked(server, person)
    assert.equal((await prove(server, token, code, by)).statusCode, 200)
  }
  const { methods, token } = await asked(server, person)
  const [code = ''] = person.recoveryCodes

  assert.deepEqual(methods, ['totp'])
  const answer = await prove(server, token, code, by)
  assert.equal(answer.json().errors[0].pointer, '/method')
})
