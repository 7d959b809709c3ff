// What every check of a password costs, right or wrong, and who is let in beside somebody who asks
// for many.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CheckLimit,
  createPasswordChecks,
} from '../../src/features/sign-in/password-checks.ts'
import { Overloaded } from '../../src/platform/errors/table.ts'
import { hashEngine } from '../../src/platform/passwords/argon2.ts'
import type { Consumption, RateLimits } from '../../src/platform/rate-limits/rate-limits.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { bearer, PASSWORD, type Person, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { sharedServer } from '../support/houses.ts'
import { assertProblem, assertWrongPassword } from '../support/problems.ts'

const theServer = sharedServer()
const WRONG = 'not the password at all'
const TEN_MINUTES = 600

type From = { remoteAddress: string; cookie?: string; password?: string }

function login(server: TestServer, username: string, { cookie, password, ...from }: From) {
  return server.inject({
    ...{ method: 'POST', url: '/login', ...from, headers: cookie ? { cookie } : {} },
    payload: { username, password: password ?? PASSWORD },
  })
}

/** The cookie of a device that has signed in. */
async function deviceOf(server: TestServer, { username }: Person, remoteAddress: string) {
  const answer = await login(server, username, { remoteAddress })
  assert.equal(answer.statusCode, 200)
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
}

const erase = (server: TestServer, person: Person, currentPassword: string, from: From) =>
  server.inject({
    ...{ method: 'DELETE', url: '/me', headers: bearer(person.access_token), ...from },
    payload: { currentPassword },
  })

function register(server: TestServer, username: string, remoteAddress: string) {
  const payload = { username, email: `${uniqueName()}@example.com`, password: PASSWORD }
  return server.inject({ method: 'POST', url: '/register', payload, remoteAddress })
}

test('a right password costs a check of its network and of its name, and gets neither back', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const remoteAddress = '198.51.100.1'
  await leave(2, server, 'password_check_network', remoteAddress)

  const answers = []
  for (let at = 0; at < 3; at++)
    answers.push(await login(server, person.username, { remoteAddress }))
  const elsewhere = { remoteAddress: '198.51.100.2' }
  const second = await signedUp(server)
  await leave(1, server, 'password_check_account', `name ${second.username}`)
  const last = await login(server, second.username, elsewhere)
  const refused = await login(server, second.username.toUpperCase(), elsewhere)
  const byMail = await login(server, second.email, elsewhere)
  server.clock.advance(TEN_MINUTES)
  const later = await login(server, person.username, { remoteAddress })

  const statuses = [...answers, last, byMail, later].map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [200, 200, 429, 200, 200, 200])
  if (answers[2]) assertUsedUp(answers[2], 'password_check_network', { wait: TEN_MINUTES })
  assertUsedUp(refused, 'password_check_account', { wait: TEN_MINUTES })
})

test('an unknown name uses up its checks as a known one does', async () => {
  const server = await theServer()
  const nobody = uniqueName('nobody')
  const from = { remoteAddress: '198.51.100.3' }
  await leave(1, server, 'password_check_account', `name ${nobody}`)

  assertProblem(await login(server, nobody, from), 'invalid_credentials')
  assertUsedUp(await login(server, nobody, from), 'password_check_account', { wait: TEN_MINUTES })
})

test('addresses of one IPv6 /64 share the checks and the failures of their network', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const network = '2001:db8:7:8::/64'
  const [one, other] = ['2001:db8:7:8::1', '2001:db8:7:8:ffff::2']
  const fail = (remoteAddress: string) =>
    login(server, uniqueName(), { remoteAddress, password: WRONG })
  await leave(1, server, 'login_network', network)

  assertProblem(await fail(one), 'invalid_credentials')
  assertUsedUp(await fail(other), 'login_network', { wait: TEN_MINUTES })
  const cookie = await deviceOf(server, person, '198.51.100.4')
  // One is spent by the failure.
  await leave(2, server, 'password_check_network', network)
  const known = (remoteAddress: string) => login(server, person.username, { remoteAddress, cookie })
  assert.equal((await known(other)).statusCode, 200)
  assertUsedUp(await known(one), 'password_check_network', { wait: TEN_MINUTES })
})

test('strangers cannot use up the checks of an account for those who have signed in to it', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const from = { remoteAddress: '198.51.100.5' }
  await leave(1, server, 'password_check_account', `name ${person.username}`)
  const cookie = await deviceOf(server, person, from.remoteAddress)

  const stranger = await login(server, person.username, from)
  const device = await login(server, person.username, { ...from, cookie })
  const session = await erase(server, person, WRONG, from)

  assertUsedUp(stranger, 'password_check_account', { wait: TEN_MINUTES })
  assert.equal(device.statusCode, 200)
  assertWrongPassword(session)
})

test('known devices and sessions of an account share its checks, and spend those of their network', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const from = { remoteAddress: '198.51.100.6' }
  const cookie = await deviceOf(server, person, from.remoteAddress)
  await leave(2, server, 'password_check_account', `owner ${person.user.id}`)

  assert.equal((await login(server, person.username, { ...from, cookie })).statusCode, 200)
  assertWrongPassword(await erase(server, person, WRONG, from))
  const used = [
    await login(server, person.email, { ...from, cookie }),
    await erase(server, person, PASSWORD, from),
  ]
  const second = await signedUp(server)
  await leave(0, server, 'password_check_network', '198.51.100.7')
  const elsewhere = await erase(server, second, PASSWORD, { remoteAddress: '198.51.100.7' })

  for (const answer of used) assertUsedUp(answer, 'password_check_account', { wait: TEN_MINUTES })
  assertUsedUp(elsewhere, 'password_check_network', { wait: TEN_MINUTES })
})

test('a registration costs a check of its network, and none of the account whose name it asks for', async () => {
  const server = await theServer()
  const [taken, wanted] = [await signedUp(server), uniqueName()]
  await leave(1, server, 'password_check_account', 'newcomer 198.51.100.9')
  await leave(0, server, 'password_check_network', '198.51.100.8')

  const first = await register(server, taken.username, '198.51.100.9')
  const refused = await register(server, taken.username.toUpperCase(), '198.51.100.9')
  const elsewhere = await register(server, wanted, '198.51.100.8')
  const owner = await login(server, taken.username, { remoteAddress: '198.51.100.9' })

  assertProblem(first, 'username_taken')
  assertUsedUp(refused, 'password_check_account', { wait: TEN_MINUTES })
  assertUsedUp(elsewhere, 'password_check_network', { wait: TEN_MINUTES })
  assert.equal(owner.statusCode, 200)
})

test('a request that the queue or another rate limit refused does not count as a check', async (t) => {
  const server = await theServer()
  const person = await signedUp(server)
  const from = { remoteAddress: '198.51.100.10' }
  await leave(1, server, 'password_check_network', from.remoteAddress)
  await leave(1, server, 'password_check_account', `name ${person.username}`)
  const busy = t.mock.method(server.services.passwords, 'match', async () => {
    throw Overloaded()
  })
  for (let at = 0; at < 3; at++) {
    assertProblem(await login(server, person.username, from), 'overloaded')
  }
  busy.mock.restore()
  const other = uniqueName()
  await leave(0, server, 'password_check_account', `name ${other}`)
  const used = await login(server, other, from)

  assertUsedUp(used, 'password_check_account', { wait: TEN_MINUTES })
  assert.equal((await login(server, person.username, from)).statusCode, 200)
})

test('a check is refunded only if it failed for lack of room', async () => {
  const givenBack: Consumption<string>[][] = []
  const rateLimits = {
    consumeAll: async () => undefined,
    refundAll: async (spendings: Consumption<string>[]) => void givenBack.push(spendings),
  } as unknown as RateLimits<CheckLimit>
  const failing = (error: Error) =>
    createPasswordChecks({ rateLimits }).run({ network: 'n', account: 'a' }, () =>
      Promise.reject(error),
    )

  await assert.rejects(failing(new Error('no memory')), /no memory/)
  const before = givenBack.length
  await assert.rejects(failing(Overloaded()))

  assert.deepEqual(
    [before, givenBack],
    [
      0,
      [
        [
          ['password_check_network', 'n'],
          ['password_check_account', 'a'],
        ],
      ],
    ],
  )
})

test('170 parallel sign-ins to one account with the right password keep nobody else out', async (t) => {
  const server = await startServer(t)
  const others = []
  for (let at = 0; at < 16; at++) others.push(await signedUp(server))
  const hog = await signedUp(server)
  const home = { remoteAddress: '198.51.100.11' }
  const cookie = await deviceOf(server, hog, home.remoteAddress)
  const { verify } = hashEngine
  t.mock.method(hashEngine, 'verify', async (...of: Parameters<typeof verify>) => {
    // Long enough for all to wait.
    await new Promise((resolve) => setTimeout(resolve, 10))
    return verify(...of)
  })

  const homes = others.map((_, at) => `203.0.114.${at}`)
  const waves = [
    {
      what: 'from their own network',
      floodAddress: () => homes[0],
      addresses: others.map(() => homes[0]),
    },
    {
      what: 'from many networks',
      floodAddress: (at: number) => `203.0.113.${at}`,
      addresses: homes,
    },
  ]
  for (const { what, floodAddress, addresses } of waves) {
    let finished = 0
    const flood = Array.from({ length: 170 }, async (_, at) => {
      const from = { remoteAddress: floodAddress(at) ?? '', cookie }
      const { statusCode } = await login(server, hog.username, from)
      finished += 1
      return statusCode
    })
    const served: number[] = await Promise.all(
      others.map(async ({ username }, at) => {
        return (await login(server, username, { remoteAddress: addresses[at] ?? '' })).statusCode
      }),
    )
    const finishedBefore = finished
    const statuses = await Promise.all(flood)

    assert.deepEqual(served, Array(16).fill(200), what)
    const done = statuses.filter((status) => status === 200).length
    // Those that are under way spend what the device has for wrong passwords until they are judged.
    assert.deepEqual(
      statuses.filter((status) => ![200, 429, 503].includes(status)),
      [],
    )
    assert.ok(done > 0 && done < 170, `${done} of the flood ${what} were served`)
    assert.ok(finishedBefore < 170, `the others waited for the whole flood ${what}`)
  }
})

test('strangers of many networks who wait in the name of an account keep no known device out', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const home = { remoteAddress: '198.51.100.12' }
  const cookie = await deviceOf(server, person, home.remoteAddress)
  const { verify } = hashEngine
  t.mock.method(hashEngine, 'verify', async (...of: Parameters<typeof verify>) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return verify(...of)
  })
  let waiting = 0
  const flood = Array.from({ length: 40 }, async (_, at) => {
    waiting += 1
    const from = { remoteAddress: `203.0.115.${at}`, password: WRONG }
    // Alone they may fill the queue, so there is somebody else.
    await login(server, at % 8 === 0 ? uniqueName() : person.username, from)
    waiting -= 1
  })
  // Behind all of them: the first are refused already.
  while (server.services.passwords.figures().refused === 0) await sleep(1)
  const stranger = login(server, person.username, { remoteAddress: '198.51.100.13' })
  const owner = await login(server, person.username, { ...home, cookie })
  const waitingThen = waiting

  assert.equal(owner.statusCode, 200)
  assert.equal((await stranger).statusCode, 503)
  assert.ok(waitingThen > 0, 'nobody waited')
  await Promise.all(flood)
})
