// Passwords of data breaches are refused wherever an account gets a new one.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { assertNotLogged, call } from '../support/answers.ts'
import { BREACHED, hashOf, lineOf, startRanges, withLines } from '../support/breaches.ts'
import { scratchDirectory } from '../support/databases.ts'
import { askFor, linkTo, press, verifiedPerson } from '../support/email.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertProblem, assertWrongPassword, visible } from '../support/problems.ts'
import { answerReset, mailedReset, resetFor, signInWith } from '../support/resets.ts'

const DETAIL = 'The password is in a list of passwords from data breaches; choose another one.'

async function startWithRanges(t: TestContext, env: Record<string, string> = {}) {
  const ranges = await startRanges(t, withLines(lineOf(BREACHED)))
  const server = await startServer(t, { env: { BREACHED_PASSWORDS: ranges.address, ...env } })
  return { server, ranges }
}

function assertBreached(answer: Parameters<typeof assertProblem>[0], pointer = '/newPassword') {
  assertProblem(answer, 'weak_password', {
    errors: [{ pointer, code: 'breached', detail: DETAIL }],
  })
}

function register(server: TestServer, password: string, more: object = {}) {
  const username = uniqueName()
  const account = { username, email: `${username}@example.com`, password, ...more }
  return call(server, 'POST /register', account)
}

test('a breached password is refused at registration, change, reset and undo, and uses nothing up', async (t) => {
  const { server } = await startWithRanges(t, { METRICS: 'on' })
  const { client: db } = server.database
  const registered = await register(server, BREACHED)
  assertBreached(registered, '/password')
  assert.equal(await db.user.count(), 0)

  const person = await verifiedPerson(server)
  const newPassword = BREACHED
  const body = { currentPassword: PASSWORD, newPassword }
  const changed = await call(server, 'PUT /password', body, bearer(person.access_token))
  assertBreached(changed)

  await askFor(server, person, 'new@example.org')
  await press(server, await linkTo(server, 'new@example.org'))
  const undo = await linkTo(server, person.email, 'undo_email')
  for (let turn = 0; turn < 6; turn++)
    assertBreached(await press(server, undo, { newPassword }, 'k'))
  const { token, code } = await mailedReset(server, { email: 'new@example.org' }, 2)
  for (let turn = 0; turn < 6; turn++)
    assertBreached(await answerReset(server, token, code, { newPassword, key: 'k' }))

  assert.equal((await signInWith(server, person.username, PASSWORD)).statusCode, 200)
  assert.equal((await answerReset(server, token, code)).statusCode, 200)
  const done = await press(server, undo, { newPassword: 'only the owner knows this one' })
  assert.equal(done.statusCode, 200, done.body)
  const text = (await server.metrics?.text()) ?? ''
  assert.deepEqual(text.match(/^latchkey_breach\w+ \d+$/gm), [
    'latchkey_breach_checks_total 17',
    'latchkey_breach_checks_found_total 14',
    'latchkey_breach_checks_failed_total 0',
  ])
  assertNotLogged(server, [BREACHED, hashOf(BREACHED), hashOf(BREACHED).slice(0, 5)])
})

test('nothing is looked up before the other checks, and nobody learns by it who has an account', async (t) => {
  const { server, ranges } = await startWithRanges(t)
  const person = await signedUp(server)
  ranges.asked.length = 0

  const weak = await register(server, 'Password1!')
  const mismatched = await register(server, BREACHED, { passwordConfirm: `${BREACHED}!` })
  const wrong = { currentPassword: 'not the password', newPassword: BREACHED }
  assertWrongPassword(await call(server, 'PUT /password', wrong, bearer(person.access_token)))
  const [known, unknown] = await Promise.all(
    [person.email, 'nobody@example.org'].map(async (login) => {
      const token = await resetFor(server, login)
      return answerReset(server, token, '1234 5678', { newPassword: BREACHED })
    }),
  )

  assert.deepEqual([weak.statusCode, mismatched.statusCode], [400, 400])
  assert.ok(known && unknown)
  assert.equal(known.statusCode, 401)
  assert.deepEqual(visible(unknown), visible(known))
  assert.deepEqual(ranges.asked, [])

  const taken = { username: person.username, email: person.email }
  assertBreached(await register(server, BREACHED, taken), '/password')
  assert.equal(ranges.asked.length, 1)
})

test('while lookups hang others sign in and register; then their passwords pass', async (t) => {
  const { server, ranges } = await startWithRanges(t)
  const person = await signedUp(server)
  let hanging = 0
  const all = new Promise<void>((resolve) => {
    ranges.answering = () => {
      hanging += 1
      if (hanging === 8) resolve()
    }
  })

  let isDone = false
  const slow = Promise.all(Array.from({ length: 8 }, () => register(server, BREACHED))).finally(
    () => {
      isDone = true
    },
  )
  await all
  const signedInAs = await signInWith(server, person.username, PASSWORD)
  const renamed = await call(server, 'PATCH /me', { name: 'Lyn' }, bearer(person.access_token))

  assert.deepEqual([signedInAs.statusCode, renamed.statusCode, isDone], [200, 200, false])
  for (const { statusCode } of await slow) assert.equal(statusCode, 201)
  const reasons = server.logs.filter(({ msg }) => String(msg).includes('was not looked up'))
  assert.equal(reasons.length, 8)
})

test('a file has breached passwords without any network', async (t) => {
  const path = join(scratchDirectory(t), 'hashes.txt')
  const lines = [BREACHED, ...Array.from({ length: 500 }, (_, at) => `listed ${at}`)]
  writeFileSync(
    path,
    lines
      .map((line) => `${hashOf(line)}:1\r\n`)
      .sort()
      .join(''),
  )
  const server = await startServer(t, { env: { BREACHED_PASSWORDS: path } })

  assertBreached(await register(server, BREACHED), '/password')
  assert.equal((await register(server, PASSWORD)).statusCode, 201)
})
