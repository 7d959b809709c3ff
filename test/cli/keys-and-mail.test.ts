// What `latchkey keys` and `latchkey mail` do while a server runs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { OUTBOX_MAX } from '../../src/features/mail/store.ts'
import { call } from '../support/answers.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { staffed } from '../support/operator.ts'
import { fillOutbox, sentTo } from '../support/outbox.ts'
import { assertProblem } from '../support/problems.ts'

type Key = { kid: string; algorithm: string; signsFrom: string; state: string }

test('keys list says which key signs and which is next; rotate brings the next one closer', async (t) => {
  const { server, run, json } = await staffed(t)
  const before = await json<{ items: Key[] }>('keys list')
  const plain = await run('keys list')

  const { signsFrom } = await json<{ signsFrom: string }>('keys rotate')

  const after = await json<{ items: Key[] }>('keys list')
  assert.deepEqual(
    before.items.map(({ algorithm, state }) => [algorithm, state]),
    [
      ['ES256', 'signs'],
      ['ES256', 'next'],
    ],
  )
  assert.deepEqual(
    plain.out.trim().split('\n'),
    before.items.map((key) => `${key.kid}  ES256  from: ${key.signsFrom}  ${key.state}`),
  )
  assert.equal(after.items[1]?.signsFrom, signsFrom)
  assert.ok(Date.parse(signsFrom) - server.clock() < 3_700_000)
})

test('keys rotate --now asks, and retires every key', async (t) => {
  const { server, run, json } = await staffed(t)
  const { access_token } = await signedUp(server)
  const { items: before } = await json<{ items: Key[] }>('keys list')

  const alone = await run('keys rotate --now')
  const no = await run('keys rotate --now', { answers: ['no'] })
  const same = await json<{ items: Key[] }>('keys list')
  const yes = await run('keys rotate --now', { answers: ['yes'] })

  assert.deepEqual([alone.code, no.code, yes.code], [2, 1, 0])
  assert.deepEqual(same.items, before)
  assert.equal(yes.out, 'New keys are in use. Clients must refresh their access tokens.\n')
  const { items } = await json<{ items: Key[] }>('keys list')
  assert.deepEqual(
    items.map(({ state }) => state),
    ['retired', 'retired', 'signs', 'next'],
  )
  await server.services.keys.refresh()
  assertProblem(await call(server, 'GET /verify', undefined, bearer(access_token)), 'token_expired')
})

test('older names of the keys ask nothing, and print what they always did', async (t) => {
  const { run } = await staffed(t)

  const replaced = await run('rotate-keys --now')
  const sealed = await run('reseal')

  assert.deepEqual(replaced, {
    code: 0,
    out: 'New keys are in use. Clients must refresh their access tokens.\n',
    err: '',
  })
  assert.deepEqual(sealed, {
    code: 0,
    out: 'All seeds of apps have the newest secret (0 had another one).\nSo have all days of the audit log (0 had another one).\n',
    err: '',
  })
})

test('mail outbox lists what waits, hurries it, and drops one after a question', async (t) => {
  const { server, run, json } = await staffed(t)
  const empty = await run('mail outbox')
  await fillOutbox(server.database.client, server.clock(), OUTBOX_MAX - 2)

  const plain = await run('mail outbox')
  const { items } = await json<{ items: { id: string; attempts: number }[] }>('mail outbox list')
  const alone = await run('mail outbox drop 0')
  const mistyped = await run('mail outbox drop 00', { answers: [] })
  const dropped = await run('mail outbox drop 0', { answers: ['y'] })
  const again = await run('mail outbox drop 0 --yes --json')
  const older = await run('outbox drop 0')
  const retried = await json<{ due: number }>('mail outbox retry')

  assert.equal(empty.out, 'No mail waits to be sent.\n')
  assert.match(plain.out, /^0 {2}none {4}attempts: 0 {2}due: \S+Z {2}expires: \S+Z\n1 /)
  assert.deepEqual(
    items.map(({ id, attempts }) => [id, attempts]),
    [
      ['0', 0],
      ['1', 0],
    ],
  )
  assert.deepEqual([alone.code, dropped.code, dropped.out], [2, 0, '0 is deleted.\n'])
  assert.match(dropped.err, /\nThis deletes one mail: none for \. \[y\/N\] \n$/)
  assert.equal(mistyped.code, 1)
  assert.match(mistyped.err, /\nThere is no such mail\.\n$/)
  const code = JSON.parse(again.err)
  assert.deepEqual([again.code, code], [1, { code: 'not_found', detail: 'There is no such mail.' }])
  assert.deepEqual(older, { code: 0, out: 'There is no such mail.\n', err: '' })
  assert.deepEqual(retried, { due: 1 })
})

test('mail test sends a mail at once, or says where it lies', async (t) => {
  const { server, run, json } = await staffed(t)
  const address = 'operator@example.org'

  const older = await run(`test-mail ${address}`)
  const sent = await json<{ sent: string; file: string }>(`mail test ${address}`)
  const plain = await run(`mail test ${address}`)
  const wrong = await run('mail test nope')

  assert.deepEqual(older, {
    code: 0,
    out: `A test mail for ${address} is handed over.\n`,
    err: '',
  })
  assert.equal(sent.sent, address)
  assert.match(readFileSync(sent.file, 'utf8'), /^To: operator@example\.org\r$/m)
  assert.match(plain.out, /^A test mail for \S+ lies in \S+\.eml: SMTP_URL is not set\.\n$/)
  assert.deepEqual(wrong, {
    ...{ code: 2, out: '' },
    err: '<address>: This is not a valid e-mail address.\n',
  })
  assert.equal((await sentTo(server, address)).length, 3)
})
