// Attacks that ask whether an account exists (ASVS 5.0 6.3.8): by what a failed sign-in answers
// and what work it does, by the budgets that cut it off, by names that look alike, and by
// addresses of things that belong to somebody else. Work is compared by statements and hashes
// instead of by time; `npm run timing` measures the time. See also: known devices,
// ../sign-in/known-devices.test.ts; failures in the log and the audit table,
// ../sign-in/login.test.ts; one registration per name, account-races.test.ts; rate limits,
// ../rate-limits/budgets.test.ts. By contract, POST /register and PATCH /me say that a name is
// taken: without mail there is no other answer. The rate limit of the network, or the password,
// limits how often somebody can ask.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { hashEngine } from '../../src/platform/passwords/argon2.ts'
import { rateLimitTable } from '../../src/rate-limits.ts'
import { call, statementsOf } from '../support/answers.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import {
  bearer,
  DEVICE_COOKIE,
  PASSWORD,
  type Person,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { type TestServer, uniqueName } from '../support/helper.ts'
import { sharedServer } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertProblem, visible } from '../support/problems.ts'

const shared = sharedServer()
const WRONG = 'not the password at all'
const LIMIT = rateLimitTable.login.limit
const [MINUTE, PAUSE, DAY] = [60, 15 * 60, 86_400]

type Attempt = {
  username: string
  password?: string
  /** The device cookie. */
  device?: string | undefined
  ip?: string | undefined
}

/** A sign-in from an address of its own, so that only what is looked at uses a budget up. */
function attempt(
  server: TestServer,
  { username, password = WRONG, device, ip = '127.0.0.1' }: Attempt,
) {
  return server.inject({
    method: 'POST',
    url: '/login',
    remoteAddress: ip,
    headers: device === undefined ? {} : { cookie: `${DEVICE_COOKIE}=${device}` },
    payload: { username, password },
  })
}

/** The value of the device cookie of a sign-in. */
async function knownDevice(server: TestServer, person: Person): Promise<string> {
  const response = await attempt(server, { username: person.username, password: PASSWORD })
  return String(response.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value)
}

/**
 * What a request made the server do: its statements, and the cost of each password check. In
 * alphabetical order, since the lines to the database and the outbox are side by side.
 */
async function work(t: TestContext, server: TestServer, ask: () => Promise<unknown>) {
  // What was asked before may still write a notice.
  await server.services.notices.written()
  const checks = t.mock.method(hashEngine, 'verify')
  const before = statementsOf(server).length
  await ask()
  const sent = statementsOf(server).slice(before)
  const costs = checks.mock.calls.map(({ arguments: [hash] }) => String(hash).split('$')[3])
  checks.mock.restore()
  const statements = sent.map((sql) => sql.replace(/emailKey` =|usernameKey` =/g, '='))
  return { statements: statements.sort(), costs }
}

type Face = ReturnType<typeof visible>

/** Failures in a row of a device, straight in the table. */
async function withFailures(
  server: TestServer,
  person: Person,
  failures: number,
  device = 'unknown',
) {
  const now = server.clock()
  await server.database.client.signInFailures.createMany({
    data: {
      ...{ subject: person.user.id, device, failures },
      lockedUntil: failures < 100 ? new Date(now + PAUSE * 1000) : null,
      expiresAt: new Date(now + DAY * 1000),
    },
  })
}

async function castOf(server: TestServer) {
  const [person, closed, gone, damaged] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  const [locked, shut, lockedDevice] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  const devices = {
    own: await knownDevice(server, person),
    ofOther: await knownDevice(server, closed),
    ofLocked: await knownDevice(server, lockedDevice),
  }
  const { client } = server.database
  const hash = { passwordHash: 'no hash' }
  await client.user.updateMany({ where: { id: damaged.user.id }, data: hash })
  await operator(server).disable(closed.username)
  await call(server, 'DELETE /me', { currentPassword: PASSWORD }, bearer(gone.access_token))
  await withFailures(server, locked, 10)
  await withFailures(server, shut, 100)
  await withFailures(server, lockedDevice, 10, devices.ofLocked.split('.')[0])
  return { person, closed, gone, damaged, locked, shut, lockedDevice, devices }
}

test('every failed sign-in looks the same and costs the same', async (t) => {
  const server = await shared()
  const cast = await castOf(server)
  const { person, closed, gone, damaged, locked, shut, lockedDevice, devices } = cast
  const failures: Record<string, Attempt> = {
    'a wrong password': { username: person.username },
    'a wrong password beside the address': { username: person.email },
    'a wrong password from a known device': { username: person.username, device: devices.own },
    'a wrong password from a device of somebody else': {
      ...{ username: person.username, device: devices.ofOther },
    },
    'a name that nobody has': { username: uniqueName(), password: PASSWORD },
    'a name that nobody has, from a known device': {
      ...{ username: uniqueName(), password: PASSWORD, device: devices.own },
    },
    'an address that nobody has': { username: `${uniqueName()}@example.com`, password: PASSWORD },
    'what is no name at all': { username: '@', password: PASSWORD },
    'a disabled account and its password': { username: closed.username, password: PASSWORD },
    'a disabled account and its password from its device': {
      ...{ username: closed.email, password: PASSWORD, device: devices.ofOther },
    },
    'a disabled account and a wrong password': { username: closed.username },
    'a deleted account and its password': { username: gone.username, password: PASSWORD },
    'an account with a damaged hash': { username: damaged.username, password: PASSWORD },
    'a locked account and its password': { username: locked.username, password: PASSWORD },
    'a locked account and a wrong password': { username: locked.username },
    'a locked device and its password': {
      ...{ username: lockedDevice.username, password: PASSWORD, device: devices.ofLocked },
    },
    'an account that is shut, and its password': { username: shut.username, password: PASSWORD },
    'an account that is shut, and a wrong password': { username: shut.email },
  }
  const reference = await attempt(server, { username: person.username })
  assertProblem(reference, 'invalid_credentials')
  const usual = await work(t, server, () => attempt(server, { username: person.username }))
  assert.equal(usual.costs.length, 1)

  for (const [what, failure] of Object.entries(failures)) {
    let face: Face | undefined
    const done = await work(t, server, async () => {
      face = visible(await attempt(server, failure))
    })
    assert.deepEqual(face, visible(reference), what)
    assert.deepEqual(done, usual, what)
  }
})

/**
 * More guesses than the budget has, at a name in changing case and with cookies of devices that are
 * not known.
 */
async function guesses(t: TestContext, server: TestServer, { username, ip }: Attempt) {
  const devices = [undefined, `${'x'.repeat(22)}.${'y'.repeat(43)}`, '~', 'planted']
  const [faces, works]: [Face[], unknown[]] = [[], []]
  for (let time = 0; time < LIMIT + 2; time++) {
    const spelled = time % 2 === 0 ? username : username.toUpperCase()
    const guess = { username: spelled, ip, device: devices[time % 4] }
    const password = time < LIMIT ? WRONG : PASSWORD
    const done = await work(t, server, async () => {
      faces.push(visible(await attempt(server, { ...guess, password })))
    })
    works.push(done)
  }
  return { faces, works }
}

test('the budget of sign-ins cuts off a known, an unknown and a disabled name alike', async (t) => {
  const server = await shared()
  const [person, closed] = [await signedUp(server), await signedUp(server)]
  await operator(server).disable(closed.username)
  const nobody = uniqueName()
  // Another test may have tried a name that happens to share its count.
  await server.database.client.signInFailures.deleteMany()
  const known = await guesses(t, server, { username: person.username, ip: '203.0.113.1' })
  const unknown = await guesses(t, server, { username: nobody, ip: '203.0.113.2' })
  const disabled = await guesses(t, server, { username: closed.email, ip: '203.0.113.3' })
  server.clock.advance(MINUTE - 1)
  const late = await attempt(server, { username: nobody, password: PASSWORD })
  server.clock.advance(1)
  const locked = await attempt(server, { username: person.username, password: PASSWORD })

  const statuses = known.faces.map(({ status }) => status)
  assert.deepEqual(statuses, [...Array(LIMIT).fill(401), 429, 429])
  assert.deepEqual(unknown, known)
  assert.deepEqual(disabled, known)
  assertUsedUp(late, 'login', { wait: 1 })
  // The budget is there again, and the lock goes on: it does not show either.
  assert.deepEqual(visible(locked), known.faces[0])
})

test('guessing at many names from one network is cut off, for names that exist and that do not', async () => {
  const server = await shared()
  const [person, victim] = [await signedUp(server), await signedUp(server)]
  const device = await knownDevice(server, victim)
  const ip = '203.0.113.9'
  await leave(3, server, 'login_network', ip)

  // Success gives back what it took, and no more: signing in to an own account buys no guesses.
  for (let time = 0; time < 5; time++) {
    const own = await attempt(server, { username: person.username, password: PASSWORD, ip })
    assert.equal(own.statusCode, 200)
  }
  for (const username of [uniqueName(), victim.username, uniqueName()]) {
    assertProblem(await attempt(server, { username, ip }), 'invalid_credentials')
  }
  const known = await attempt(server, { username: victim.email, password: PASSWORD, ip })
  const unknown = await attempt(server, { username: uniqueName(), password: PASSWORD, ip })
  const owner = await attempt(server, {
    ...{ username: victim.username, password: PASSWORD, device, ip },
  })
  const elsewhere = await attempt(server, {
    ...{ username: victim.email, password: PASSWORD, ip: '203.0.113.10' },
  })

  assertUsedUp(known, 'login_network', { wait: 600 })
  assert.deepEqual(visible(unknown), visible(known))
  assert.deepEqual([owner.statusCode, elsewhere.statusCode], [200, 200])
})

/** Names that a database, or a careless change of case, could take for `strasse-kate`. */
const twins = [
  ...['stra\u00dfe-kate', 'strasse-\u212aate', 'strasse-\uff4bate', 'strasse-k\u00e1te'],
  ...['strasse-ka\u0301te', 'strasse-kate\u200d', 'strasse-kate\u00ad', 'strasse-kate\ufe0f'],
  ...['strasse- kate', 'strasse-kate\u200b', 'strasse\u2010kate', 'strasse_kate'],
  ...[
    'strasse-k\u0430te',
    'strasse-kat\u0435',
    '\u017ftrasse-kate',
    'strasse-\u{1d548}ate',
    'strasse-%',
  ],
  ...['strasse-kat_', "strasse-kate'--", 'strasse-kate\\', 'strasse-kat', 'strasse-katee'],
]

test('a name that looks like another, or that a database treats as equal, signs nobody in', async () => {
  const server = await shared()
  const person = await signedUp(server, {
    ...{ username: 'strasse-kate', email: 'strasse-kate@example.com' },
  })
  const addresses = [
    ...twins.map((twin) => `${twin}@example.com`),
    ...[
      'strasse-kate@example.co\u212a',
      'strasse-kate@ex\u00e4mple.com',
      'strasse-kate@example.com.',
    ],
    ...['strasse-kate+x@example.com', 'stras.se-kate@example.com', 'strasse-kate@EXAMPLE .com'],
  ]
  const refuse = async (username: string) => {
    const response = await attempt(server, { username, password: PASSWORD, ip: '203.0.113.20' })
    assert.equal(response.statusCode, 401, `${JSON.stringify(username)} signs in`)
    assertProblem(response, 'invalid_credentials')
  }

  for (const username of [...twins, ...addresses]) await refuse(username)
  for (const username of ['STRASSE-KATE', 'Strasse-Kate@Example.Com']) {
    const response = await attempt(server, { username, password: PASSWORD })
    assert.equal(response.json<Person>().user.id, person.user.id)
  }
})

test('POST /register tells of names only to who keeps every rule and the budget', async (t) => {
  const server = await shared()
  const { username, email } = await signedUp(server)
  const ip = '203.0.113.30'
  const join = (payload: object) =>
    server.inject({ method: 'POST', url: '/register', remoteAddress: ip, payload })
  const face = async (answer: Promise<LightMyRequestResponse>) => visible(await answer)
  const broken = [
    ...[{ password: 'short' }, { password: 'password' }, { password: undefined }],
    ...[
      { password: PASSWORD, passwordConfirm: 'other' },
      { password: PASSWORD, role: 'admin' },
    ],
    { password: PASSWORD, transport: 'cookie' },
  ]
  const free = () => ({ username: uniqueName(), email: `${uniqueName()}@example.com` })

  for (const more of broken) {
    const refusals: Face[] = []
    const { statements, costs } = await work(t, server, async () => {
      refusals.push(await face(join({ username, email, ...more })))
      refusals.push(await face(join({ ...free(), ...more })))
    })
    assert.deepEqual(refusals[0], refusals[1])
    assert.deepEqual([statements, costs], [[], []], JSON.stringify(more))
  }
  await leave(0, server, 'register', ip)
  const refusals: Face[] = []
  const { statements } = await work(t, server, async () => {
    refusals.push(await face(join({ username, email, password: PASSWORD })))
    refusals.push(await face(join({ ...free(), password: PASSWORD })))
  })

  assert.equal(refusals[0]?.status, 429)
  assert.deepEqual(refusals[0], refusals[1])
  assert.deepEqual(statements, [])
})

test('PATCH /me tells of names only to who knows the password', async (t) => {
  const server = await shared()
  const [person, other] = [await signedUp(server), await signedUp(server)]
  const change = (body: object) => call(server, 'PATCH /me', body, bearer(person.access_token))
  const pairs = [
    [{ username: other.username }, { username: uniqueName() }],
    [{ email: other.email }, { email: `${uniqueName()}@example.com` }],
  ]

  for (const currentPassword of [undefined, WRONG]) {
    for (const [taken = {}, free = {}] of pairs) {
      const faces: Face[] = []
      const works = []
      for (const names of [taken, free]) {
        works.push(
          await work(t, server, async () => {
            faces.push(visible(await change({ ...names, currentPassword })))
          }),
        )
      }
      assert.equal(faces[0]?.status, currentPassword === undefined ? 400 : 403)
      assert.deepEqual(faces[0], faces[1])
      assert.deepEqual(works[0], works[1])
    }
  }
})

test('a session of another user, one that has ended and an unknown one are the same 404', async (t) => {
  const server = await shared()
  const [person, stranger] = [await signedUp(server), await signedUp(server)]
  const over = await signedIn(server, person)
  await call(server, 'POST /logout', undefined, bearer(over.access_token))
  const never = `${person.sessionId.slice(0, -4)}0000`
  const end = (id: string) =>
    call(server, `DELETE /sessions/${id}`, undefined, bearer(person.access_token))

  const faces: Face[] = []
  const works = []
  for (const id of [never, stranger.sessionId, over.sessionId, person.user.id]) {
    works.push(
      await work(t, server, async () => {
        faces.push(visible(await end(id)))
      }),
    )
  }

  assert.equal(faces[0]?.status, 404)
  for (const face of faces) assert.deepEqual(face, faces[0])
  for (const done of works) assert.deepEqual(done, works[0])
})
