// Races between sign-ins and changes of the password. No matter who wins, the state is the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearer, type Opened, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import {
  assertAllDead,
  beside,
  changePassword,
  liveRows,
  NEW_PASSWORD,
  removeAccount,
  statuses,
  tryLogIn,
  tryLogInRaw,
} from '../support/races.ts'

test('POST /login that checked the old password opens nothing once the password has changed', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const hold = holdSignIns(server)

  const signIn = tryLogInRaw(server, person.username, PASSWORD)
  await hold.reached
  const changed = await changePassword(server, person, NEW_PASSWORD)
  hold.release()

  assert.equal(changed.statusCode, 200, changed.body)
  const refused = await signIn
  assert.equal(refused.statusCode, 401, refused.body)
  assert.equal(refused.json().code, 'invalid_credentials')
  assert.equal(await liveRows(server, person.user.id), 1)
})

test('POST /login that checked a password opens nothing once the account is disabled or deleted', async (t) => {
  const server = await startServer(t)

  for (const close of [
    (person: Opened) => operator(server).disable(person.user.username),
    (person: Opened) => removeAccount(server, person),
  ]) {
    const person = await signedUp(server)
    const hold = holdSignIns(server)
    const signIn = tryLogInRaw(server, person.username, PASSWORD)
    await hold.reached
    await close(person)
    hold.release()

    const refused = await signIn

    assert.equal(refused.json().code, 'invalid_credentials')
    assert.equal(await liveRows(server, person.user.id), 0)
  }
})

test('PUT /password beside many sign-ins with the old password leaves none of their sessions', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < 4; round++) {
    const person = await signedUp(server)

    const [changed, ...opened] = await beside(
      round,
      () => changePassword(server, person, NEW_PASSWORD),
      Array.from({ length: 15 }, () => () => tryLogIn(server, person.username, PASSWORD)),
    )

    assert.equal(changed.statusCode, 200, changed.body)
    await assertAllDead(server, opened.flat())
    assert.equal(await liveRows(server, person.user.id), 1)
  }
})

test('PUT /password from many sessions at once succeeds once, and that password is the new one', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < 4; round++) {
    const person = await signedUp(server)
    const others = await Promise.all([1, 2, 3, 4].map(() => signedIn(server, person)))
    const rivals = [person, ...others, person]
    const passwordOf = (index: number) => `${NEW_PASSWORD} ${index}`

    const answers = await Promise.all(
      rivals.map((rival, index) => changePassword(server, rival, passwordOf(index))),
    )

    const counts = statuses(answers)
    const { '403 wrong_password': wrong = 0, '401 session_ended': over = 0 } = counts
    assert.equal(counts[200], 1, JSON.stringify(counts))
    assert.equal(wrong + over, rivals.length - 1, JSON.stringify(counts))
    const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
    for (const index of rivals.keys()) {
      const opened = await tryLogIn(server, person.username, passwordOf(index))
      assert.equal(opened.length, index === winner ? 1 : 0)
    }
    assert.equal((await tryLogIn(server, person.username, PASSWORD)).length, 0)
  }
})

test('DELETE /sessions from ten sessions in parallel leaves at most one and never fails', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < 4; round++) {
    const person = await signedUp(server)
    const others = await Promise.all(Array.from({ length: 9 }, () => signedIn(server, person)))

    const answers = await Promise.all(
      [person, ...others].map(({ access_token }) =>
        server.inject({ method: 'DELETE', url: '/sessions', headers: bearer(access_token) }),
      ),
    )

    const { 200: done = 0, '401 session_ended': over = 0 } = statuses(answers)
    assert.equal(done + over, 10, JSON.stringify(statuses(answers)))
    assert.ok((await liveRows(server, person.user.id)) <= 1)
  }
})

test('POST /login 30 times at once beyond 100 sessions ends the oldest and keeps 100', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const person = await signedUp(server)
  await openInDatabase(server, person, 90)
  server.clock.advance(1)

  const opened = await Promise.all(
    Array.from({ length: 30 }, () => tryLogIn(server, person.username, PASSWORD)),
  )

  assert.equal(opened.flat().length, 30)
  assert.equal(await liveRows(server, person.user.id), 100)
  const answers = await Promise.all(
    opened.flat().map(({ refresh_token }) => refresh(server, refresh_token)),
  )
  assert.deepEqual(statuses(answers), { 200: 30 })
  const { revokedReason } = await server.database.client.session.findFirstOrThrow({
    where: { userId: person.user.id, NOT: { revokedAt: null } },
  })
  assert.equal(revokedReason, 'session_limit')
})

/** Holds each sign-in after its password was checked and before its session is opened. */
function holdSignIns({ services: { credentials } }: TestServer) {
  const { signIn } = credentials
  const reached = gate()
  const released = gate()
  credentials.signIn = async (attempt) => {
    const checked = await signIn(attempt)
    reached.open()
    await released.isOpen
    return checked
  }
  const release = () => {
    credentials.signIn = signIn
    released.open()
  }
  return { reached: reached.isOpen, release }
}

function gate() {
  let open = () => {}
  const isOpen = new Promise<void>((resolve) => {
    open = resolve
  })
  return { isOpen, open }
}

/** Sessions as sign-ins would have opened them, without their cost. */
async function openInDatabase(server: TestServer, { sessionId }: Opened, count: number) {
  const { session } = server.database.client
  const model = await session.findUniqueOrThrow({ where: { id: sessionId } })
  const ids = Array.from({ length: count }, (_, index) => {
    return `${sessionId.slice(0, 24)}${index.toString(16).padStart(12, '0')}`
  })
  await session.createMany({ data: ids.map((id) => ({ ...model, id })) })
}
