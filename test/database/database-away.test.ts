import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { queryMysql } from '../support/databases.ts'
import { type Opened, PASSWORD } from '../support/factories.ts'
import { databaseKind, freshDatabase, uniqueName } from '../support/helper.ts'
import { type Answer, call, launch, type ServerProcess, startProcess } from '../support/process.ts'
import { type DatabaseProxy, startProxy } from '../support/proxy.ts'
import {
  codeOf,
  GIVE_UP_MS,
  loggedIn,
  NEW_PASSWORD,
  type Registered,
  registered,
  verify,
} from '../support/server-processes.ts'

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
      // A quick machine gives the old password ten times in a row, which locks the session (429).
      const allowed = ['200', '403 wrong_password', '429 rate_limited', '503 unavailable']
      assert.deepEqual([...new Set([...seen, ...allowed])].sort(), allowed, server.output())
      assert.ok(seen.includes('503 unavailable'))
    })
  })
} else {
  test('While another process holds the file, writes are 503 in time, reads work, and all recovers', async (t) => {
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
  // A client gives up after the same time.
  assert.ok(slowest < GIVE_UP_MS, `the slowest 503 took ${slowest} ms`)
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
  const holder = fileURLToPath(new URL('../support/sqlite-holder.mjs', import.meta.url))
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
