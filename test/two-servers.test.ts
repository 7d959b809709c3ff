import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { queryMysql } from './databases.ts'
import { databaseKind, freshDatabase, startServer, testClock, uniqueName } from './helper.ts'
import { bearer, type Opened, PASSWORD, signedIn, signedUp } from './people.ts'
import { type Answer, call, launch, SECRET, type ServerProcess, startProcess } from './process.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'

/** What the contract promises, and how long a test waits before it calls the feed dead. */
const PROMISED_MS = 2000
const GIVE_UP_MS = 15_000
/** A loaded machine may be late once; the feed must not be late always. */
const ATTEMPTS = 3
const NEW_PASSWORD = 'another horse, another battery'

test('Every way to end a session on one server is refused by the other within two seconds', async (t) => {
  const { one, other } = await twoProcesses(t)

  const lags = await Promise.all(
    Object.entries(endings).map(async ([name, end]) => {
      const lag = await bestLag(async () => {
        const person = await registered(one)
        const second = await loggedIn(one, person)
        await assertVerified(other, person, second)

        const ended = await end(one, second, person)

        assert.ok(ended.status < 300, JSON.stringify(ended.body))
        return await untilRefused(other, person, 'session_ended')
      })
      return { name, lag }
    }),
  )

  for (const { name, lag } of lags) {
    t.diagnostic(`${name}: refused by the other server after ${lag} ms`)
    assert.ok(lag <= PROMISED_MS, `${name}: ${lag} ms`)
  }
})

type Ending = (server: ServerProcess, second: Opened, person: Opened) => Promise<Answer>

/** What ends the first session of a person who has two. */
const endings: Record<string, Ending> = {
  'POST /logout': (server, _second, { access_token: token }) =>
    call(server, 'POST', '/logout', { token }),
  'DELETE /sessions/:id': (server, { access_token: token }, { sessionId }) =>
    call(server, 'DELETE', `/sessions/${sessionId}`, { token }),
  'DELETE /sessions': (server, { access_token: token }) =>
    call(server, 'DELETE', '/sessions', { token }),
  'PUT /password': (server, { access_token: token }) =>
    call(server, 'PUT', '/password', {
      token,
      body: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
    }),
  'DELETE /me': (server, { access_token: token }) =>
    call(server, 'DELETE', '/me', { token, body: { currentPassword: PASSWORD } }),
  'a reused refresh token': async (server, _second, { refresh_token }) => {
    const second = await call(server, 'POST', '/refresh', { body: { refresh_token } })
    const body = { refresh_token: (second.body as Opened).refresh_token }
    // Longer than the window of these servers, so that it rotates.
    await sleep(20)
    await call(server, 'POST', '/refresh', { body })
    const reused = await call(server, 'POST', '/refresh', { body: { refresh_token } })
    assert.equal(reused.status, 401)
    return { ...reused, status: 200 }
  },
}

test('A change of role on one server expires the tokens of before on the other within two seconds', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url, clock: runningClock(), masterSecrets: [ownSecret()] })
  const other = await startProcess(t, { url })

  const lag = await bestLag(async () => {
    const person = await signedUp(one)
    await assertVerified(other, person)

    await one.services.administration.changeRole(person.username, 'admin')

    return await untilRefused(other, person, 'token_expired')
  })

  t.diagnostic(`a change of role: refused by the other server after ${lag} ms`)
  assert.ok(lag <= PROMISED_MS, `${lag} ms`)
})

test('POST /logout on a second server holds there at once, even if the first has ended the session', async (t) => {
  const url = await freshDatabase(t)
  const one = await startServer(t, { url })
  const other = await startServer(t, { url, clock: one.clock })
  const { access_token } = await signedUp(one)
  const logout = { method: 'POST', url: '/logout', headers: bearer(access_token) } as const

  await one.inject(logout)
  await other.inject(logout)

  const verified = await other.inject({
    method: 'GET',
    url: '/verify',
    headers: bearer(access_token),
  })
  assert.equal(verified.json().code, 'session_ended')
})

test('GET /verify sends no statement to the database in 100 requests', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const background = await statementsOf(server.queries, async () => {
    await server.services.revocations.poll()
    await server.services.keys.refresh()
  })

  const sent = await statementsOf(server.queries, async () => {
    for (let count = 0; count < 100; count++) {
      const headers = bearer(access_token)
      const { statusCode } = await server.inject({ method: 'GET', url: '/verify', headers })
      assert.equal(statusCode, 200)
    }
  })

  const ofRequests = sent.filter((sql) => !background.includes(sql))
  assert.deepEqual(ofRequests, [])
  // The feed may have had its turn meanwhile, a hundred requests would show.
  assert.ok(sent.length < 100, `${sent.length} statements`)
})

test('A logout is seen by servers whose clocks are five seconds ahead or behind', async (t) => {
  for (const seconds of [-5, 5]) {
    const url = await freshDatabase(t)
    const one = await startServer(t, { url, clock: testClock() })
    const other = await startServer(t, { url, clock: testClock(one.clock() + seconds * 1000) })
    const person = await signedUp(one)
    await other.services.revocations.poll()
    const verify = { method: 'GET', url: '/verify', headers: bearer(person.access_token) } as const
    assert.equal((await other.inject(verify)).statusCode, 200)

    await one.inject({ method: 'POST', url: '/logout', headers: bearer(person.access_token) })
    await other.services.revocations.poll()

    assert.equal((await other.inject(verify)).json().code, 'session_ended', `${seconds} s`)
    // Until the last second of the token, by either clock.
    one.clock.advance(890)
    other.clock.advance(890)
    await other.services.revocations.poll()
    const late = (await other.inject(verify)).json().code
    assert.ok(['session_ended', 'token_expired'].includes(late), `${seconds} s: ${late}`)
  }
})

test('An end that commits ten seconds after its date is seen by the next poll', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url })
  const person = await signedUp(server)
  const other = await signedIn(server, person)
  await server.services.revocations.poll()
  const late = new Date(server.clock() - 10_000)
  const db = server.database.client

  await db.session.update({
    where: { id: person.sessionId },
    data: { revokedAt: late, revokedReason: 'revoked' },
  })
  await db.user.update({
    where: { id: person.user.id },
    data: { role: 'admin', roleChangedAt: late },
  })
  await server.services.revocations.poll()

  const codeOf = async ({ access_token }: Opened) => {
    const headers = bearer(access_token)
    return (await server.inject({ method: 'GET', url: '/verify', headers })).json().code
  }
  assert.equal(await codeOf(person), 'session_ended')
  assert.equal(await codeOf(other), 'token_expired')
})

if (databaseKind === 'mysql') {
  // They wait most of the time, so they wait together.
  describe('A database that goes away', { concurrency: true }, () => {
    for (const how of ['cut', 'freeze'] as const) {
      it(`(${how}) leaves tokens verifying, makes the rest 503 in time, and comes back`, async (t) => {
        const { proxy, server } = await behindProxy(t)
        const held = await prepare(server)

        await proxy[how]()
        const slowest = await assertAway(server, held, everyRequest(held))
        await untilReady(server, 503)
        await untilStale(server)
        assert.equal((await verify(server, held.person)).status, 200)
        await proxy.heal()
        const back = await untilReady(server, 200)

        t.diagnostic(
          `${how}: the slowest 503 came after ${slowest} ms, ready again after ${back} ms`,
        )
        await assertNothingLost(server, held)
      })
    }

    it('under load answers nothing but success and 503', async (t) => {
      const { server, ...way } = await behindProxy(t)
      const people = await Promise.all(Array.from({ length: 6 }, () => registered(server)))
      const stopping = new AbortController()

      const clients = people.map((person) => carryOn(server, person, stopping.signal))
      await flicker(way)
      await untilReady(server, 200)
      stopping.abort()

      const seen = (await Promise.all(clients)).flat()
      const allowed = ['200', '403 wrong_password', '503 unavailable']
      assert.deepEqual([...new Set([...seen, ...allowed])].sort(), allowed, server.output())
      assert.ok(seen.includes('503 unavailable'))
    })
  })
} else {
  test('While another process holds the file, writes are 503 in time, the rest goes on, and all comes back', async (t) => {
    const url = await freshDatabase(t)
    const server = await startProcess(t, { url })
    const held = await prepare(server)
    const letGo = await holdLock(t, url)

    const slowest = await assertAway(server, held, writes(held))
    assert.equal(
      (await call(server, 'GET', '/me', { token: held.person.access_token })).status,
      200,
    )
    await untilReady(server, 200)
    await letGo()

    t.diagnostic(`the slowest 503 came after ${slowest} ms`)
    await assertNothingLost(server, held)
  })
}

async function twoProcesses(t: TestContext) {
  const url = await freshDatabase(t)
  // One after the other, since the first one migrates.
  const env = { REFRESH_GRACE: '0s' }
  const one = await startProcess(t, { url, env })
  return { one, other: await startProcess(t, { url, env }) }
}

/** A server whose way to its database can be closed. */
async function behindProxy(t: TestContext) {
  const stops: (() => Promise<unknown>)[] = []
  // Before the database goes: it waits for connections that are frozen inside a transaction.
  t.after(() => Promise.all(stops.map((stop) => stop())))
  const url = await freshDatabase(t)
  const proxy = await startProxy(url)
  stops.push(proxy.cut)
  // Without a window each refresh rotates, so that there is something to write.
  const server = await launch({ url: proxy.url, env: { REFRESH_GRACE: '0s' } })
  stops.push(server.stop)
  return { proxy, server, url }
}

const ownSecret = () => Buffer.from(SECRET)

/** The real time, for a server beside one in a process of its own. */
function runningClock() {
  return Object.assign(() => Date.now(), {
    advance: () => assert.fail('this clock cannot be moved'),
  })
}

type Registered = Opened & { username: string }

async function registered(server: ServerProcess): Promise<Registered> {
  const username = uniqueName()
  const body = { username, email: `${uniqueName('mail')}@example.com`, password: PASSWORD }
  const answer = await call(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return { ...(answer.body as Opened), username }
}

async function loggedIn(server: ServerProcess, { username }: Registered): Promise<Opened> {
  const answer = await call(server, 'POST', '/login', { body: { username, password: PASSWORD } })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as Opened
}

const verify = (server: ServerProcess, { access_token: token }: Opened) =>
  call(server, 'GET', '/verify', { token })

async function assertVerified(server: ServerProcess, ...held: Opened[]): Promise<void> {
  for (const one of held) assert.equal((await verify(server, one)).status, 200)
}

function codeOf({ status, body }: Answer): string {
  return status < 400 ? String(status) : `${status} ${(body as { code: string }).code}`
}

/** @returns milliseconds until the server refuses the token with that code */
async function untilRefused(server: ServerProcess, held: Opened, code: string): Promise<number> {
  const from = performance.now()
  for (;;) {
    const answer = await verify(server, held)
    const lag = Math.round(performance.now() - from)
    if (answer.status !== 200) {
      assert.equal(codeOf(answer), `401 ${code}`)
      return lag
    }
    assert.ok(lag < GIVE_UP_MS, `still accepted after ${lag} ms`)
    await sleep(10)
  }
}

async function bestLag(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < ATTEMPTS && best > PROMISED_MS; attempt++) {
    best = Math.min(best, await measure())
  }
  return best
}

async function statementsOf(queries: string[], work: () => Promise<void>): Promise<string[]> {
  const before = queries.length
  await work()
  return queries.slice(before)
}

type Held = Awaited<ReturnType<typeof prepare>>

/** What clients know before the database goes away. */
async function prepare(server: ServerProcess) {
  const person = await registered(server)
  const second = await loggedIn(server, person)
  const signedOut = await loggedIn(server, person)
  await call(server, 'POST', '/logout', { token: signedOut.access_token })
  // What is refused may have been done all the same, so these end what nobody asks for later.
  const leaving = await registered(server)
  return { person, second, signedOut, leaving }
}

type Request = [method: string, path: string, options?: Parameters<typeof call>[3]]

/** A client that goes on until it is told to stop. @returns what it was answered */
async function carryOn(
  server: ServerProcess,
  person: Registered,
  stop: AbortSignal,
): Promise<string[]> {
  let held: Opened = person
  const seen: string[] = []
  while (!stop.aborted) {
    // Only after a success: whoever lost two answers in a row holds a token of long ago.
    const mayChange = seen.at(-1) === '200' && seen.length % 3 === 0
    const answer = await (mayChange ? swapPassword : refresh)(server, held)
    seen.push(codeOf(answer))
    if (answer.status === 200) held = answer.body as Opened
    // The change may have been made: then every token from before is dead.
    else if (mayChange && answer.status === 503) held = await signedInAnew(server, person, stop)
  }
  return seen
}

/** Signs in with whichever password it is now, as soon as that works. */
async function signedInAnew(
  server: ServerProcess,
  { username, ...held }: Registered,
  stop: AbortSignal,
): Promise<Opened> {
  while (!stop.aborted) {
    for (const password of [NEW_PASSWORD, PASSWORD]) {
      const answer = await call(server, 'POST', '/login', { body: { username, password } })
      if (answer.status === 200) return answer.body as Opened
    }
    await sleep(20)
  }
  return held
}

function refresh(server: ServerProcess, { refresh_token }: Opened): Promise<Answer> {
  return call(server, 'POST', '/refresh', { body: { refresh_token } })
}

/** Takes a transaction, and is refused once it has been done. */
function swapPassword(server: ServerProcess, { access_token: token }: Opened): Promise<Answer> {
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  return call(server, 'PUT', '/password', { token, body })
}

function writes({ person, leaving }: Held): Request[] {
  const { username, refresh_token } = person
  const { access_token: token, sessionId } = leaving
  return [
    ['POST', '/refresh', { body: { refresh_token } }],
    ['POST', '/login', { body: { username, password: PASSWORD } }],
    ['POST', '/logout', { token }],
    ['DELETE', `/sessions/${sessionId}`, { token }],
    ['DELETE', '/sessions', { token }],
    ['PUT', '/password', { token, body: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } }],
    ['PATCH', '/me', { token, body: { name: 'Somebody' } }],
    ['DELETE', '/me', { token, body: { currentPassword: PASSWORD } }],
    [
      'POST',
      '/register',
      { body: { username: uniqueName(), email: 'somebody@example.com', password: PASSWORD } },
    ],
  ]
}

function everyRequest(held: Held): Request[] {
  const { access_token: token } = held.person
  return [
    ...writes(held),
    ['GET', '/me', { token }],
    ['GET', '/dashboard', { token }],
    ['GET', '/sessions', { token }],
  ]
}

/** @returns how long the slowest refusal took, in milliseconds */
async function assertAway(server: ServerProcess, held: Held, requests: Request[]): Promise<number> {
  const from = performance.now()
  const answers = await Promise.all(
    requests.map(async ([method, path, options]) => {
      const answer = await call(server, method, path, options)
      return { what: `${method} ${path}`, answer, after: performance.now() - from }
    }),
  )
  for (const { what, answer } of answers) {
    assert.equal(codeOf(answer), '503 unavailable', what)
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/, what)
    assert.equal((answer.body as { action: string }).action, 'retry', what)
  }
  assert.equal((await verify(server, held.person)).status, 200)
  const slowest = Math.round(Math.max(...answers.map(({ after }) => after)))
  assert.ok(slowest < 9000, `the slowest 503 took ${slowest} ms`)
  return slowest
}

/** @returns milliseconds until the server says so by itself */
async function untilReady(server: ServerProcess, status: 200 | 503): Promise<number> {
  const from = performance.now()
  for (;;) {
    const answer = await call(server, 'GET', '/readyz')
    const after = Math.round(performance.now() - from)
    if (answer.status === status) return after
    assert.ok(after < GIVE_UP_MS * 2, JSON.stringify(answer.body))
    await sleep(50)
  }
}

async function untilStale(server: ServerProcess): Promise<void> {
  const from = performance.now()
  for (;;) {
    const { body } = await call(server, 'GET', '/readyz')
    const { checks } = body as { checks: Record<string, { status: string }> }
    if (checks.revocationFeed?.status === 'failed') return
    assert.ok(performance.now() - from < GIVE_UP_MS, 'the feed never became stale')
    await sleep(50)
  }
}

/** Everything that was acknowledged before still holds, and every client can go on. */
async function assertNothingLost(server: ServerProcess, held: Held): Promise<void> {
  const { person, second, signedOut } = held
  const { refresh_token } = signedOut
  const over = await call(server, 'POST', '/refresh', { body: { refresh_token } })
  assert.equal(codeOf(over), '401 session_ended')
  for (const { refresh_token } of [person, second]) {
    const next = await call(server, 'POST', '/refresh', { body: { refresh_token } })
    assert.equal(codeOf(next), '200')
  }
  assert.ok(await loggedIn(server, person))
}

/** Goes away in each manner, again and again, never for long. */
async function flicker({ proxy, url }: { proxy: DatabaseProxy; url: string }): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const goAway of [proxy.cut, proxy.freeze, () => killConnections(url)]) {
      await sleep(150)
      await goAway()
      await sleep(250)
      await proxy.heal()
    }
  }
}

/** As a database server does when it shuts down. */
async function killConnections(url: string): Promise<void> {
  const rows = await queryMysql(url, 'SELECT id FROM information_schema.processlist WHERE db = ?', [
    new URL(url).pathname.slice(1),
  ])
  for (const { id } of rows) await queryMysql(url, `KILL ${Number(id)}`).catch(() => undefined)
}

async function holdLock(t: TestContext, url: string): Promise<() => Promise<void>> {
  const holder = fileURLToPath(new URL('sqlite-holder.mjs', import.meta.url))
  const child = spawn(process.execPath, [holder, url.slice('file:'.length)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return async () => {
    const exited = once(child, 'exit')
    child.stdin.end('go\n')
    await exited
  }
}
