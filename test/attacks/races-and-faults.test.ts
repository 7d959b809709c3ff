// What is shown elsewhere: kills at random moments in ../crash.test.ts and, of SQLite itself, in
// ../sqlite-locks.test.ts; databases that are away, frozen, locked or full in ../two-servers.test.ts,
// ../mysql.test.ts and ../sqlite-locks.test.ts; clocks that jump in ../refresh.test.ts,
// ../revocations.test.ts and ../budget-counters.test.ts; bodies that arrive late in
// ../late-requests.test.ts; races for houses and their photos in ../houses.test.ts, ../photos.test.ts and
// ../idempotency.test.ts; guesses at once in ../lockout.test.ts. Not built: mail, and codes that are used once.
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { failOn, refuseWrites } from '../faults.ts'
import { databaseKind, freshDatabase, startServer, type TestServer, uniqueName } from '../helper.ts'
import { newHouse } from '../houses.ts'
import { digestOf } from '../operations.ts'
import {
  bearer,
  type Opened,
  PASSWORD,
  type Refreshed,
  refresh,
  signedIn,
  signedUp,
} from '../people.ts'
import { aPicture, formWith } from '../pictures.ts'
import { assertProblem } from '../problems.ts'
import { call, SECRET, startProcess } from '../process.ts'

// Each race ends in the same state whoever wins it. A round that finds nothing proves little, so the
// races that depend on the moment run for several rounds.

const CROWD = 50
const ROUNDS = 12
const NEW_PASSWORD = 'another horse, another battery'

test('POST /refresh of one token 50 times at once rotates once and answers all with one successor', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < 3; round++) {
    const { refresh_token } = await signedUp(server)

    const answers = await Promise.all(crowd(() => refresh(server, refresh_token)))

    assert.deepEqual(statuses(answers), { 200: CROWD })
    assertOneSuccessor(answers.map((answer) => answer.json<Refreshed>()))
  }
})

test('POST /refresh of one token spread over two servers rotates once and answers all alike', async (t) => {
  const url = await freshDatabase(t)
  // One after the other, since the first one migrates.
  const one = await startProcess(t, { url })
  const other = await startProcess(t, { url })

  for (let round = 0; round < 3; round++) {
    const { refresh_token } = await registered(one)

    const answers = await Promise.all(
      crowd((index) =>
        call(index % 2 ? one : other, 'POST', '/refresh', { body: { refresh_token } }),
      ),
    )

    assert.deepEqual(tally(answers.map(({ status }) => status)), { 200: CROWD })
    assertOneSuccessor(answers.map(({ body }) => body as Refreshed))
  }
})

test('POST /refresh with the same Idempotency-Key from two servers at once gives one successor', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock, env: { REFRESH_GRACE: '0s' } })
  const { refresh_token } = await signedUp(one)
  const key = { 'idempotency-key': 'one-request' }

  const answers = await Promise.all(
    crowd((index) => refresh(index % 2 ? one : other, refresh_token, key)),
  )

  assert.deepEqual(statuses(answers), { 200: CROWD })
  assertOneSuccessor(answers.map((answer) => answer.json<Refreshed>()))
})

test('POST /register of one name 50 times at once in any case makes one account', async (t) => {
  const server = await startServer(t)
  const name = uniqueName('racer')
  const register = (username: string, email: string) =>
    server.inject({
      method: 'POST',
      url: '/register',
      payload: { username, email, password: PASSWORD },
    })

  const answers = await Promise.all(
    crowd((index) => register(inSomeCase(name, index), `${uniqueName('mail')}@example.com`)),
  )

  assert.deepEqual(statuses(answers), { 201: 1, '409 username_taken': CROWD - 1 })
  const rows = await server.database.client.user.count({ where: { usernameKey: name } })
  assert.equal(rows, 1)
})

test('POST /register of a few names and addresses crosswise makes each account once', async (t) => {
  const server = await startServer(t)
  const stem = uniqueName('cross')

  const answers = await Promise.all(
    crowd((index) => {
      const username = inSomeCase(`${stem}-${index % 3}`, index)
      const email = inSomeCase(`${stem}-${index % 4}@example.com`, index)
      const payload = { username, email, password: PASSWORD }
      return server.inject({ method: 'POST', url: '/register', payload })
    }),
  )

  const counts = statuses(answers)
  const { 201: made = 0, '409 username_taken': name = 0, '409 email_taken': mail = 0 } = counts
  assert.equal(made + name + mail, CROWD, JSON.stringify(counts))
  assert.ok(made >= 1 && made <= 3)
  const rows = await server.database.client.user.count({
    where: { usernameKey: { startsWith: stem } },
  })
  assert.equal(rows, made)
})

test('PATCH /me by ten people to one free name at once gives it to one of them', async (t) => {
  const server = await startServer(t)
  const people = await Promise.all(Array.from({ length: 10 }, () => signedUp(server)))
  const name = uniqueName('wanted')

  const answers = await Promise.all(
    people.map(({ access_token }, index) => rename(server, access_token, inSomeCase(name, index))),
  )

  assert.deepEqual(statuses(answers), { 200: 1, '409 username_taken': 9 })
})

test('PATCH /me by one person to one name ten times at once succeeds each time', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const name = uniqueName('wanted')

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => rename(server, access_token, name)),
  )

  assert.deepEqual(statuses(answers), { 200: 10 })
})

type Ending = (server: TestServer, own: Opened, other: Opened) => Promise<LightMyRequestResponse>

/** What ends the session `own` while it is being refreshed. */
const endings: Record<string, Ending> = {
  'POST /logout with the access token': (server, own) =>
    server.inject({ method: 'POST', url: '/logout', headers: bearer(own.access_token) }),
  'POST /logout with the refresh token': (server, own) =>
    server.inject({
      method: 'POST',
      url: '/logout',
      payload: { refresh_token: own.refresh_token },
    }),
  'DELETE /sessions/:id': (server, own, other) =>
    server.inject({
      method: 'DELETE',
      url: `/sessions/${own.sessionId}`,
      headers: bearer(other.access_token),
    }),
  'DELETE /sessions': (server, _own, other) =>
    server.inject({ method: 'DELETE', url: '/sessions', headers: bearer(other.access_token) }),
  'PUT /password': (server, _own, other) => changePassword(server, other, NEW_PASSWORD),
  'DELETE /me': (server, _own, other) => removeAccount(server, other),
}

for (const [name, end] of Object.entries(endings)) {
  test(`${name} beside refreshes leaves no token of that session alive`, async (t) => {
    const server = await startServer(t)

    for (let round = 0; round < ROUNDS; round++) {
      const { own, other } = await twoSessions(server)

      const [ended, ...refreshed] = await beside(round, () => end(server, own, other), [
        () => refreshTwice(server, own),
        () => refreshTwice(server, own),
        () => refreshTwice(server, own),
      ])

      // A refresh that comes two generations late ends the session by itself, and then there is none.
      assert.ok(ended.statusCode < 300 || ended.statusCode === 404, ended.body)
      await assertAllDead(server, [own, ...refreshed.flat()])
    }
  })
}

test('Disabling an account beside refreshes and sign-ins leaves no token of it alive', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < ROUNDS; round++) {
    const { own, other, username } = await twoSessions(server)

    const [, ...opened] = await beside(
      round,
      () => server.services.administration.disable(username),
      [
        () => refreshTwice(server, own),
        () => refreshTwice(server, other),
        () => tryLogIn(server, username, PASSWORD),
      ],
    )

    await assertAllDead(server, [own, other, ...opened.flat()])
    assert.equal(await liveRows(server, own.user.id), 0)
  }
})

test('PUT /password beside refreshes of the same session keeps that session and one branch of it', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < ROUNDS; round++) {
    const own = await signedUp(server)

    const [changed, ...refreshed] = await beside(
      round,
      () => changePassword(server, own, NEW_PASSWORD),
      // One client, whose requests are in order: of two, one may come two rotations late, which is theft.
      [() => refreshTwice(server, own)],
    )

    assert.equal(changed.statusCode, 200, changed.body)
    const held = [changed.json<Opened>(), ...refreshed.flat()]
    const generations = new Map(held.map((one) => [generationOf(one), one.refresh_token]))
    for (const one of held) {
      assert.equal(generations.get(generationOf(one)), one.refresh_token, 'a second branch')
    }
    const latest = generations.get(Math.max(...generations.keys()))
    assert.equal((await refresh(server, latest)).statusCode, 200)
  }
})

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
    (person: Opened) => server.services.administration.disable(person.user.username),
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

test('PUT /password from many sessions at once has one winner, whose password counts', async (t) => {
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

test('DELETE /me ten times at once deletes once and refuses the rest as signed out', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const answers = await Promise.all(Array.from({ length: 10 }, () => removeAccount(server, person)))

  assert.deepEqual(statuses(answers), { 204: 1, '401 session_ended': 9 })
  assert.equal(await server.database.client.user.count({ where: { id: person.user.id } }), 0)
})

test('DELETE /sessions from ten sessions at once leaves one at most and fails for nobody', async (t) => {
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

test('POST /refresh of a stolen token beside the current one ends the session for both', async (t) => {
  const server = await startServer(t)

  for (let round = 0; round < ROUNDS; round++) {
    const stolen = await signedUp(server)
    const second = (await refresh(server, stolen.refresh_token)).json<Opened>()
    server.clock.advance(31)
    const third = (await refresh(server, second.refresh_token)).json<Opened>()
    server.clock.advance(31)

    const [caught, ...refreshed] = await beside(
      round,
      () => refresh(server, stolen.refresh_token),
      [() => refreshTwice(server, third), () => refreshTwice(server, third)],
    )

    assert.equal(caught.json().code, 'session_ended')
    await assertAllDead(server, [stolen, second, third, ...refreshed.flat()])
    const thefts = { type: 'refresh_token_reused', sessionId: stolen.sessionId }
    assert.ok((await server.database.client.auditEvent.count({ where: thefts })) >= 1)
  }
})

test('DELETE /me beside uploads leaves no photo of the account, neither row nor file', async (t) => {
  const server = await startServer(t)
  const picture = await aPicture('png')

  for (let round = 0; round < 4; round++) {
    const person = await signedUp(server)
    const { id } = await newHouse(server, person)
    const form = formWith(picture)
    const upload = () =>
      server.inject({
        method: 'POST',
        url: `/houses/${id}/photos`,
        payload: form.payload,
        headers: { ...form.headers, ...bearer(person.access_token) },
      })

    const [removed, ...uploaded] = await beside(round, () => removeAccount(server, person), [
      upload,
      upload,
    ])

    assert.equal(removed.statusCode, 204, removed.body)
    const allowed = ['201', '404 not_found', '401 session_ended']
    for (const outcome of Object.keys(statuses(uploaded))) assert.ok(allowed.includes(outcome))
  }

  server.clock.advance(601)
  await server.services.photoCleaner.clean()
  assert.deepEqual([await server.database.client.photo.count(), await filesOf(server)], [0, []])
})

test('While nothing can be written, whatever writes is 503 and half done nowhere, and all goes on after it', async (t) => {
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
  for (const path of [
    '/me',
    '/verify',
    '/sessions',
    '/dashboard',
    '/houses',
    '/livez',
    '/readyz',
  ]) {
    const headers = bearer(person.access_token)
    const answer = await server.inject({ method: 'GET', url: path, headers })
    assert.equal(answer.statusCode, 200, `${path} ${answer.body}`)
  }
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
    assert.deepEqual([triedTwo, triedAll], [3, 5])
    assert.equal(generationOf(changed.json<Opened>()), 2)
    const { user, auditEvent } = server.database.client
    const versions = [lucky, unlucky].map(({ user: { id } }) =>
      user.findUniqueOrThrow({ where: { id }, select: { credentialVersion: true } }),
    )
    assert.deepEqual(await Promise.all(versions), [
      { credentialVersion: 2 },
      { credentialVersion: 1 },
    ])
    assert.equal(await auditEvent.count({ where: { type: 'password_changed' } }), 1)
  })
} else {
  test('A server that is told to stop under load stops, and every client can go on with what it holds', async (t) => {
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

async function filesOf({ uploads }: TestServer): Promise<string[]> {
  const entries = await readdir(uploads, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
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

function crowd<T>(one: (index: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: CROWD }, (_, index) => one(index))
}

/** The deed and the rest at once; the deed starts a little earlier or later from round to round. */
async function beside<A, B>(
  round: number,
  deed: () => Promise<A>,
  rest: (() => Promise<B>)[],
): Promise<[A, ...B[]]> {
  const late = async () => {
    for (let turn = 0; turn < round * 4; turn++) await new Promise(setImmediate)
    return deed()
  }
  const others = round % 2 ? rest.map((one) => one()) : []
  const first = late()
  if (round % 2 === 0) others.push(...rest.map((one) => one()))
  return [await first, ...(await Promise.all(others))]
}

function statuses(answers: LightMyRequestResponse[]): Record<string, number> {
  return tally(
    answers.map((answer) =>
      answer.statusCode < 400 ? answer.statusCode : `${answer.statusCode} ${answer.json().code}`,
    ),
  )
}

function tally(items: (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1
  return counts
}

function assertOneSuccessor(bodies: Refreshed[]): void {
  assert.equal(new Set(bodies.map((body) => body.refresh_token)).size, 1)
  assert.deepEqual(tally(bodies.map((body) => body.refreshed)), {
    rotated: 1,
    replayed: bodies.length - 1,
  })
}

/** Each letter large or small by a bit of the number. */
function inSomeCase(text: string, number: number): string {
  return [...text]
    .map((letter, index) => ((number >> (index % 6)) & 1 ? letter.toUpperCase() : letter))
    .join('')
}

async function registered(server: { base: string }): Promise<Opened> {
  const body = {
    username: uniqueName(),
    email: `${uniqueName('mail')}@example.com`,
    password: PASSWORD,
  }
  const answer = await call(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body as Opened
}

async function twoSessions(server: TestServer) {
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  return { own: person, other, username: person.username }
}

/** As a client does: the second time past the window, with what the first brought. @returns what succeeded */
async function refreshTwice(server: TestServer, { refresh_token }: Opened): Promise<Opened[]> {
  const first = await refresh(server, refresh_token)
  if (first.statusCode !== 200) return refusedAsOver(first)
  const opened = first.json<Opened>()
  server.clock.advance(31)
  const second = await refresh(server, opened.refresh_token)
  if (second.statusCode !== 200) return [opened, ...refusedAsOver(second)]
  return [opened, second.json<Opened>()]
}

function refusedAsOver(answer: LightMyRequestResponse): [] {
  assert.equal(answer.statusCode, 401, answer.body)
  assert.equal(answer.json().code, 'session_ended')
  return []
}

async function tryLogIn(server: TestServer, username: string, password: string): Promise<Opened[]> {
  const answer = await tryLogInRaw(server, username, password)
  if (answer.statusCode === 200) return [answer.json<Opened>()]
  assert.equal(answer.json().code, 'invalid_credentials', answer.body)
  return []
}

function tryLogInRaw(server: TestServer, username: string, password: string) {
  return server.inject({ method: 'POST', url: '/login', payload: { username, password } })
}

function changePassword(server: TestServer, { access_token }: Opened, newPassword: string) {
  return server.inject({
    method: 'PUT',
    url: '/password',
    headers: bearer(access_token),
    payload: { currentPassword: PASSWORD, newPassword },
  })
}

function removeAccount(server: TestServer, { access_token }: Opened) {
  return server.inject({
    method: 'DELETE',
    url: '/me',
    headers: bearer(access_token),
    payload: { currentPassword: PASSWORD },
  })
}

function rename(server: TestServer, token: string, username: string) {
  return server.inject({
    method: 'PATCH',
    url: '/me',
    headers: bearer(token),
    payload: { username, currentPassword: PASSWORD },
  })
}

/** Every token that a client may hold is refused, at once on this server. */
async function assertAllDead(server: TestServer, held: Opened[]): Promise<void> {
  for (const { access_token, refresh_token } of held) {
    const verified = await server.inject({
      method: 'GET',
      url: '/verify',
      headers: bearer(access_token),
    })
    refusedAsOver(verified)
    refusedAsOver(await refresh(server, refresh_token))
  }
}

function generationOf({ refresh_token = '' }: Opened): number {
  const [, payload = ''] = refresh_token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).gen
}

function liveRows(server: TestServer, userId: string): Promise<number> {
  return server.database.client.session.count({ where: { userId, revokedAt: null } })
}

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
