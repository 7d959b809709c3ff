// Accounts without a password: a recent proof stands for `currentPassword`, and for nobody else.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, refresh, signedUp } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { signInBy, withProvider } from '../support/providers.ts'
import { subjectsTo } from '../support/resets.ts'

const ADA = { email: 'ada@example.com', email_verified: true, preferred_username: 'ada' }
const NEW = 'a wholly different phrase'
const LATE = 601

/** What `currentPassword` confirms elsewhere. */
const CHANGES: Record<string, object> = {
  'DELETE /me': {},
  'PUT /password': { newPassword: NEW },
  'PATCH /me': { username: 'countess' },
  'PATCH /me ': { email: 'countess@example.com' },
}

async function scene(t: TestContext) {
  const { server, provider } = await withProvider(t, { one: ADA })
  const signIn = async () => {
    const answer = await signInBy(server, provider, 'one')
    assert.ok(answer.statusCode < 300, answer.body)
    return answer.json<{ access_token: string; refresh_token: string; user: { id: string } }>()
  }
  return { server, signIn, person: await signIn() }
}

const rowOf = ({ database }: TestServer, id: string) =>
  database.client.user.findUniqueOrThrow({ where: { id } })

for (const [line, body] of Object.entries(CHANGES)) {
  test(`${line} ${Object.keys(body)} needs a recent proof of an account without a password`, async (t) => {
    const { server, signIn, person } = await scene(t)
    const before = await rowOf(server, person.user.id)
    server.clock.advance(LATE)
    const stolen = (await refresh(server, person.refresh_token)).json()

    const refused = await call(server, line.trim(), body, bearer(stolen.access_token))

    assert.equal(refused.statusCode, 401, refused.body)
    const { code, detail, challenge } = refused.json()
    assert.deepEqual(
      [code, detail, challenge.methods],
      ['step_up_required', 'Sign in with your provider once more.', []],
    )
    const after = await rowOf(server, person.user.id)
    assert.deepEqual([after.passwordHash, after.version], [null, before.version])
    const { access_token } = await signIn()
    const done = await call(server, line.trim(), body, bearer(access_token))
    assert.ok(done.statusCode < 300, done.body)
  })

  test(`${line} ${Object.keys(body)} of an account with a password takes no proof instead`, async (t) => {
    const { server } = await withProvider(t, {})
    const person = await signedUp(server)
    const before = await rowOf(server, person.user.id)

    assertFaults(await call(server, line.trim(), body, bearer(person.access_token)), [
      '/currentPassword required',
    ])

    assert.deepEqual(await rowOf(server, person.user.id), before)
  })
}

test('the first password signs in, ends the other sessions, and is asked for from then on', async (t) => {
  const { server, signIn, person } = await scene(t)
  const other = await signIn()
  const key = { ...bearer(person.access_token), 'idempotency-key': 'first' }

  const set = await call(server, 'PUT /password', { newPassword: NEW }, key)
  const retried = await call(server, 'PUT /password', { newPassword: NEW }, key)

  assert.equal(set.statusCode, 200, set.body)
  assert.equal(set.json().message, 'Your password is set. Your other sessions have ended.')
  assert.equal(retried.json().refresh_token, set.json().refresh_token)
  assertProblem(await refresh(server, other.refresh_token), 'session_ended')
  const signedIn = await call(server, 'POST /login', { username: 'ada', password: NEW })
  assert.equal(signedIn.statusCode, 200)
  const live = { ...bearer(signedIn.json().access_token), 'idempotency-key': 'first' }
  for (const line of ['PUT /password', 'DELETE /me']) {
    const body = line.startsWith('PUT') ? { newPassword: PASSWORD } : {}
    assertFaults(await call(server, line, body, live), ['/currentPassword required'])
  }
})

test('a first password is told as one', async (t) => {
  const { server, person } = await scene(t)
  const headers = bearer(person.access_token)

  const set = await call(server, 'PUT /password', { newPassword: NEW }, headers)

  const [newest] = await subjectsTo(server, ADA.email, 1)
  assert.equal(newest, 'Your account for localhost:3000 has a password now')
  const { access_token } = set.json()
  await server.services.audit.written()
  const activity = await call(server, 'GET /me/activity', undefined, bearer(access_token))
  assert.equal(activity.json().items[0].message, 'You set a password.')
})

test('all that is wrong is said at once to the owner of a password, as before', async (t) => {
  const { server } = await withProvider(t, {})
  const person = await signedUp(server)
  const put = (body?: object) => call(server, 'PUT /password', body, bearer(person.access_token))

  assertFaults(await put({ newPassword: 1, more: 1 }), [
    '/currentPassword required',
    '/more unknown_field',
    '/newPassword wrong_type',
  ])
  assertFaults(await put(), ['/currentPassword required', '/newPassword required'])
})

test('a password that comes meanwhile ends a change that was proved without one', async (t) => {
  const { server, person } = await scene(t)
  const [first, second] = await Promise.all(
    [NEW, PASSWORD].map((newPassword) =>
      call(server, 'PUT /password', { newPassword }, bearer(person.access_token)),
    ),
  )

  const codes = [first, second].map((answer) => answer?.statusCode).sort()
  assert.equal(codes[0], 200)
  assert.notEqual(codes[1], 200)
  const { credentialVersion } = await rowOf(server, person.user.id)
  assert.equal(credentialVersion, 2)
})

test('an account without a password that sends one is told that it is wrong', async (t) => {
  const { server, person } = await scene(t)

  for (const [line, body] of Object.entries(CHANGES)) {
    const given = { ...body, currentPassword: PASSWORD }
    const answer = await call(server, line.trim(), given, bearer(person.access_token))
    assert.equal(answer.json().code, 'wrong_password', answer.body)
  }
})

test('DELETE /me of an account without a password needs no body', async (t) => {
  const { server, person } = await scene(t)

  const { statusCode } = await call(server, 'DELETE /me', undefined, bearer(person.access_token))

  assert.equal(statusCode, 204)
})
