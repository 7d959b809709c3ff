// `latchkey user create`, `list` and `delete`: accounts that an operator makes, finds and removes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import { staffed } from '../support/operator.ts'
import { answerReset, codeIn, linkIn, mailsTo, NEW_PASSWORD } from '../support/resets.ts'

type Account = { id: string; username: string; email: string; role: string; hasPassword: boolean }

test('user create makes the first administrator, also where nobody may register', async (t) => {
  const { server, run } = await staffed(t, { REGISTRATION: 'closed', RATE_LIMITS: 'off' })
  const line = 'user create --username olivia --email olivia@example.com --role admin'

  const made = await run(`${line} --password-stdin`, { input: PASSWORD })
  const again = await run(`${line} --password-stdin`, { input: PASSWORD })

  assert.deepEqual([made.code, made.out], [0, 'olivia has an account.\n'])
  assert.equal((await signedIn(server, { username: 'olivia' })).user.role, 'admin')
  assert.equal(again.code, 1)
  assert.match(again.err, /username/)
})

test('user create --invite mails an invitation, and its owner chooses a password', async (t) => {
  const { server, run, json } = await staffed(t, { RATE_LIMITS: 'off' })
  const line = 'user create --username lyshark --email lyshark@example.com'

  const invited = await run(`${line} --invite`)
  server.clock.advance(120)
  const [mail] = await mailsTo(server, 'lyshark@example.com')
  assert.ok(mail)
  const before = await json<Account>('user show lyshark')
  const accepted = await answerReset(server, String(linkIn(mail).fields.challenge), codeIn(mail))

  assert.equal(
    invited.out,
    'lyshark has an account. An invitation is on its way to lyshark@example.com.\n',
  )
  assert.equal(before.hasPassword, false)
  assert.equal(accepted.statusCode, 200, accepted.body)
  const login = { username: 'lyshark', password: NEW_PASSWORD }
  const opened = await call(server, 'POST /login', login)
  assert.equal(opened.json().user.emailVerified, true)
})

for (const [what, line, input] of [
  ['a bad address', 'user create --username olivia --email nowhere', undefined],
  ['no name', 'user create --email olivia@example.com', undefined],
  ['another role', 'user create --username olivia --email o@example.com --role root', undefined],
  ['both ways', 'user create --username o1 --email o@example.com --invite --password-stdin', 'x'],
  ['no password', 'user create --username olivia --email o@example.com --password-stdin', ''],
  ['a weak one', 'user create --username olivia --email o@example.com --password-stdin', 'short'],
  ['a bad size', 'user list --size 0', undefined],
  ['a bad status', 'user list --status gone', undefined],
] as const) {
  test(`${what} at "${line.split(' --')[0]}" ends with exit code 2, names the option, and makes nothing`, async (t) => {
    const { server, run } = await staffed(t)

    const { code, err } = await run(line, input === undefined ? {} : { input })

    assert.equal(code, 2, err)
    assert.match(err, /--(email|username|role|password-stdin|invite|size|status)/)
    assert.equal(await server.database.client.user.count(), 0)
  })
}

test('user list searches, filters, sorts and continues', async (t) => {
  const { server, run, json } = await staffed(t)
  for (const username of ['ann', 'bob', 'cid']) await signedUp(server, { username })
  await run('user role bob admin')
  const namesOf = async (line: string) =>
    (await json<{ items: Account[] }>(`user list ${line}`)).items.map(({ username }) => username)

  const first = await json<{ nextCursor: string }>('user list --sort username --size 2')
  const plain = await run('user list --q bob')

  assert.deepEqual(await namesOf('--sort username'), ['ann', 'bob', 'cid'])
  assert.deepEqual(await namesOf('--role admin'), ['bob'])
  assert.deepEqual(await namesOf('--q CI'), ['cid'])
  assert.deepEqual(await namesOf(`--sort username --size 2 --cursor ${first.nextCursor}`), ['cid'])
  assert.match(plain.out, /^\S+ {2}bob {2}\S+ {2}admin {2}unverified\n$/)
  assert.equal((await run('user list --q nobody')).out, 'There is no such account.\n')
})

test('user delete asks for the name, deletes, and keeps the last administrator', async (t) => {
  const { server, run } = await staffed(t)
  const person = await signedUp(server, { username: 'mallory' })
  await signedUp(server, { username: 'olivia' })
  await run('user role olivia admin')

  const mistyped = await run('user delete mallory', { answers: ['malory'] })
  const silent = await run('user delete mallory')
  const kept = await server.database.client.user.count({ where: { id: person.user.id } })
  const typed = await run('user delete mallory', { answers: ['mallory'] })
  const last = await run('user delete olivia --yes')

  assert.deepEqual([mistyped.code, silent.code, kept], [1, 2, 1])
  assert.deepEqual([typed.code, typed.out], [0, 'mallory is deleted.\n'])
  assert.equal(await server.database.client.user.count({ where: { id: person.user.id } }), 0)
  assert.equal(last.code, 1)
  assert.match(last.err, /last enabled administrator/)
})
