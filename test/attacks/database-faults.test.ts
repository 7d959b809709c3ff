// What clients keep when the database cannot write, deadlocks, or the server stops under load.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { bearer, type Opened, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import { failOn, refuseWrites } from '../support/faults.ts'
import {
  databaseKind,
  freshDatabase,
  startServer,
  type TestServer,
  uniqueName,
} from '../support/helper.ts'
import { newHouse } from '../support/houses.ts'
import { digestOf } from '../support/operations.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'
import { call, SECRET, startProcess } from '../support/process.ts'
import {
  changePassword,
  filesOf,
  generationOf,
  NEW_PASSWORD,
  refreshTwice,
  refusedAsOver,
  registered,
  statuses,
  tryLogIn,
} from '../support/races.ts'

test('While nothing can be written, every write is 503 and leaves no partial change, and works again afterwards', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, env: { RATE_LIMITS: 'off' } })
  const here = await sceneOfWrites(server)
  // The clock was moved, and readiness looks at the age of the feed.
  await server.services.revocations.poll()
  const before = await digestOf(server)
  const heal = await refuseWrites(server, url)

  for (const [line, request] of here.writes) {
    const [method, path = ''] = line.split(' ')
    const answer = await server.inject({ method: method as 'POST', url: path, ...request })
    assertProblem(answer, 'unavailable', { headers: { 'retry-after': '1' } })
  }
  const { person } = here
  for (const path of ['/me', '/verify', '/sessions', '/dashboard', '/houses', '/livez']) {
    const headers = bearer(person.access_token)
    const answer = await server.inject({ method: 'GET', url: path, headers })
    assert.equal(answer.statusCode, 200, `${path} ${answer.body}`)
  }
  assert.equal((await server.inject({ method: 'GET', url: '/readyz' })).statusCode, 503)
  await heal()

  assert.equal(await digestOf(server), before)
  assert.deepEqual(await filesOf(server), [])
  assert.equal((await tryLogIn(server, person.username, PASSWORD)).length, 1)
  assert.equal((await tryLogIn(server, here.locked.username, PASSWORD)).length, 0)
  refusedAsOver(await refresh(server, here.stolen))
})

if (databaseKind === 'mysql') {
  test('PUT /password that deadlocks twice is done once, and one that always does is 503 and not done', async (t) => {
    const url = await freshDatabase(t)
    const server = await startServer(t, { url })
    const [lucky, unlucky] = [await signedUp(server), await signedUp(server)]
    const deadlock = { code: 1213, tables: ['User'] }

    const endTwo = await failOn(url, ['UPDATE'], { ...deadlock, times: 2 })
    const changed = await changePassword(server, lucky, NEW_PASSWORD)
    const triedTwo = await endTwo()
    const endAll = await failOn(url, ['UPDATE'], deadlock)
    const refused = await changePassword(server, unlucky, NEW_PASSWORD)
    const triedAll = await endAll()

    assert.equal(changed.statusCode, 200, changed.body)
    assertProblem(refused, 'unavailable', { headers: { 'retry-after': '1' } })
    assert.deepEqual([triedTwo, triedAll], [3, 8])
    assert.equal(generationOf(changed.json<Opened>()), 2)
    const { user, auditEvent } = server.database.client
    const versions = [lucky, unlucky].map(({ user: { id } }) =>
      user.findUniqueOrThrow({ where: { id }, select: { credentialVersion: true } }),
    )
    assert.deepEqual(await Promise.all(versions), [
      { credentialVersion: 2 },
      { credentialVersion: 1 },
    ])
    await server.services.audit.written()
    assert.equal(await auditEvent.count({ where: { type: 'password_changed' } }), 1)
  })
} else {
  test('A server that is told to stop under load stops, and the tokens of every client still work', async (t) => {
    const url = await freshDatabase(t)
    const server = await startProcess(t, { url })
    const people = await Promise.all(Array.from({ length: 6 }, () => registered(server)))
    let answered = 0
    const carryOn = async (held: Opened): Promise<Opened> => {
      const body = { refresh_token: held.refresh_token }
      const answer = await call(server, 'POST', '/refresh', { body }).catch(lostConnection)
      if (answer?.status !== 200) return held
      answered += 1
      return carryOn(answer.body as Opened)
    }

    const clients = people.map(carryOn)
    while (answered < 60) await tick()
    await server.stop('SIGTERM')
    const held = await Promise.all(clients)

    assert.doesNotMatch(server.output(), /"level":[56]0/)
    const next = await startServer(t, { url, masterSecrets: [Buffer.from(SECRET)] })
    const answers = await Promise.all(held.map((one) => refresh(next, one.refresh_token)))
    assert.deepEqual(statuses(answers), { 200: people.length })
  })
}

/** What `fetch` throws when nobody listens any more; half an answer would be a SyntaxError. */
function lostConnection(error: unknown): undefined {
  if (!(error instanceof TypeError)) throw error
}

type Write = [line: string, request: InjectOptions]

/** Requests that write, of people who are there. */
async function sceneOfWrites(server: TestServer) {
  const [person, locked] = [await signedUp(server), await signedUp(server)]
  const other = await signedIn(server, person)
  const house = await newHouse(server, person)
  const stolen = person.refresh_token
  await refreshTwice(server, person)
  for (let guess = 0; guess < 10; guess++) await tryLogIn(server, locked.username, 'a wrong guess')

  const form = formWith(await aPicture('png'))
  const asPerson = bearer(person.access_token)
  const by = (payload?: object) => ({ headers: asPerson, ...(payload ? { payload } : {}) })
  const login = (username: string, password = PASSWORD): Write => [
    'POST /login',
    { payload: { username, password } },
  ]
  const account = { username: uniqueName(), email: 'a@example.com', password: PASSWORD }
  const project = { projectNo: 'P-1', projectName: 'Haus' }
  const writes: Write[] = [
    ...[login(person.username), login(person.username, 'a wrong guess'), login('nobody')],
    ...[login(locked.username), login(locked.username, 'a wrong guess')],
    ['POST /register', { payload: account }],
    ['POST /refresh', { payload: { refresh_token: locked.refresh_token } }],
    ['POST /refresh', { payload: { refresh_token: stolen } }],
    ['POST /logout', by()],
    [`DELETE /sessions/${other.sessionId}`, by()],
    ['DELETE /sessions', by()],
    ['PUT /password', by({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD })],
    ['PATCH /me', by({ name: 'Somebody' })],
    ['DELETE /me', by({ currentPassword: PASSWORD })],
    ['DELETE /me', by({ currentPassword: 'a wrong guess' })],
    ['POST /houses', by(project)],
    [`PUT /houses/${house.id}`, by(project)],
    [`DELETE /houses/${house.id}`, by()],
    [
      `POST /houses/${house.id}/photos`,
      { payload: form.payload, headers: { ...form.headers, ...asPerson } },
    ],
  ]
  return { person, locked, stolen, writes }
}
