// What `latchkey user` does to accounts while a server runs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEntries, call } from '../support/answers.ts'
import { enrolled, FREE, logIn } from '../support/enrolment.ts'
import { bearer, type Opened, PASSWORD, signedIn, signedUp } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { newAdmin } from '../support/houses.ts'
import { staffed } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { mailsTo } from '../support/resets.ts'

async function verify(server: TestServer, { access_token }: Opened) {
  // The server would read it by itself within two seconds.
  await server.services.keys.refresh()
  await server.services.revocations.poll()
  return call(server, 'GET /verify', undefined, bearer(access_token))
}

test('user show has the account by its name or address, and nothing secret', async (t) => {
  const { server, run, json } = await staffed(t)
  const { user, username, email } = await signedUp(server)

  const shown = await json<Record<string, unknown>>(`user show ${email.toUpperCase()}`)
  const plain = await run(`user show ${username}`)

  const { id, createdAt } = user
  assert.deepEqual(shown, {
    ...{ ...user, disabledAt: null, lockedUntil: null, lastSignInAt: createdAt },
    ...{ hasPassword: true, identities: 0, version: 1 },
  })
  assert.equal(plain.code, 0)
  assert.match(plain.out, new RegExp(`^id +${id}\nusername +${username}\n`))
  assert.match(plain.out, /\nname +-\n/)
})

test('user sessions lists live sessions, last used first, without their tokens', async (t) => {
  const { server, run, json } = await staffed(t)
  const person = await signedUp(server)
  server.clock.advance(1)
  const second = await signedIn(server, person)

  const { items } = await json<{ items: { id: string }[] }>(`user sessions ${person.username}`)
  const plain = await run(`user sessions ${person.username}`)
  const { ended } = await json<{ ended: number }>(`user end-sessions ${person.username}`)
  const none = await run(`user sessions ${person.username}`)

  assert.deepEqual(
    items.map(({ id }) => id),
    [second.sessionId, person.sessionId],
  )
  assert.ok(items.every((item) => !('current' in item)))
  assert.equal(plain.out.trim().split('\n').length, 2)
  assert.equal(ended, 2)
  assert.equal(none.out, `${person.username} has no live session.\n`)
  assertProblem(await verify(server, second), 'session_ended')
})

test('user role, disable, enable and unlock do what they say, and name the database', async (t) => {
  const { server, url, run, json } = await staffed(t)
  const { username, access_token } = await signedUp(server)
  // The last administrator could not be disabled.
  await newAdmin(server)

  const role = await run(`user role ${username} admin`)
  const refused = await verify(server, { access_token } as Opened)
  assert.deepEqual(await json(`user disable ${username}`), { user: username, disabled: true })
  const disabled = await call(server, 'POST /login', { username, password: PASSWORD })
  assert.deepEqual(await json(`user enable ${username}`), { user: username, disabled: false })
  assert.deepEqual(await json(`user unlock ${username}`), { user: username })

  const { pathname, host } = new URL(url)
  const place = url.startsWith('mysql')
    ? `MySQL ${pathname.slice(1)} at ${host}`
    : `SQLite file ${pathname}`
  assert.deepEqual(role, {
    code: 0,
    out: `${username} has the role admin. Clients must refresh their access tokens.\n`,
    err: `Database: ${place}\n`,
  })
  assertProblem(refused, 'token_expired')
  assert.notEqual(disabled.statusCode, 200)
  assert.equal((await signedIn(server, { username })).user.role, 'admin')
  const types = (await auditEntries(server)).map(({ type }) => type)
  for (const type of ['role_changed', 'account_disabled', 'account_enabled', 'account_unlocked'])
    assert.ok(types.includes(type), type)
})

test('user verify-email and reset-mail reach the owner', async (t) => {
  const { server, run, json } = await staffed(t, { EMAIL_VERIFICATION: 'off' })
  const { username, email } = await signedUp(server)

  const first = await json(`user verify-email ${username}`)
  const again = await json(`user verify-email ${username}`)
  const reset = await run(`user reset-mail ${email}`)

  assert.deepEqual(
    [first, again],
    [true, false].map((changed) => ({ user: username, changed })),
  )
  assert.equal(reset.out, `A code for a new password is on its way to the address of ${email}.\n`)
  // The server sends what the command line has only begun to send.
  server.clock.advance(120)
  const mails = await mailsTo(server, email, 2)
  assert.ok(mails.some(({ text }) => /\b\d{8}\b/.test(text)))
})

test('user remove-factors asks, and leaves the password', async (t) => {
  const { server, run, json } = await staffed(t, FREE)
  const { username } = await enrolled(server)
  const line = `user remove-factors ${username}`
  const question = `This takes all factors and recovery codes of ${username} away, and ends its sessions.`

  const alone = await run(line)
  const no = await run(line, { answers: ['n'] })
  const empty = await run(line, { answers: [''] })
  const kept = await logIn(server, username)
  const yes = await run(line, { answers: ['y'] })
  const again = await run(line)
  const document = await json(line)
  const older = await run(`remove-second-factor ${username}`)
  const mistyped = await run(`user remove-factors ${username}x`, { answers: [] })

  const [database, ...asked] = alone.err.split('\n')
  assert.match(database ?? '', /^Database: /)
  assert.deepEqual(asked, [question, 'Nobody can answer here: add --yes if that is meant.', ''])
  assert.deepEqual([alone.code, alone.out], [2, ''])
  for (const { code, err } of [no, empty]) {
    assert.deepEqual([code, err], [1, `${database}\n${question} [y/N] \nNothing was done.\n`])
  }
  assert.match(mistyped.err, /\nThere is no account with this name\.\n$/)
  assert.equal(kept.json().code, 'second_factor_required')
  assert.equal(
    yes.out,
    `${username} signs in with the password alone. All its sessions have ended.\n`,
  )
  const nothing = `${username} has no second factor: there is nothing to remove.\n`
  assert.deepEqual([again.code, again.out], [0, nothing])
  assert.deepEqual(document, { user: username, changed: false })
  assert.deepEqual(older, { code: 1, out: '', err: 'The account has no factor.\n' })
  assert.equal((await logIn(server, username)).statusCode, 200)
})

test('user end-sessions --everybody asks; the older name does not', async (t) => {
  const { server, run, json } = await staffed(t)
  const [one, other] = [await signedUp(server), await signedUp(server)]

  const alone = await run('user end-sessions --everybody')
  const live = await verify(server, one)
  assert.deepEqual(await json('user end-sessions --everybody --yes'), { user: null, ended: 2 })
  for (const person of [one, other]) assertProblem(await verify(server, person), 'session_ended')
  const older = await run('end-all-sessions')

  assert.equal(alone.code, 2)
  assert.equal(live.statusCode, 200)
  assert.deepEqual(older, {
    code: 0,
    out: 'All sessions have ended (0 were live). Everybody must sign in again.\n',
    err: '',
  })
})

test('a command on an unknown account ends with exit code 1, and the code of the error', async (t) => {
  const { run } = await staffed(t)
  const detail = 'There is no account with this name.'

  for (const line of ['show', 'sessions', 'disable', 'unlock', 'end-sessions', 'reset-mail']) {
    const { code, out, err } = await run(`user ${line} nobody --json`)

    assert.deepEqual({ code, out }, { code: 1, out: '' })
    assert.deepEqual(JSON.parse(err), { code: 'not_found', detail }, line)
  }
  assert.deepEqual(await run('disable nobody'), { code: 1, out: '', err: `${detail}\n` })
})
