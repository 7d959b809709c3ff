import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { type TestContext, test } from 'node:test'
import { call, statementsOf } from '../support/answers.ts'
import { isMysql } from '../support/databases.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'

type Call = { clientMethod: string }
type Client = { _request: (this: Client, call: Call) => unknown }

/**
 * What Prisma's client is asked for during the work, and how many statements are sent, BEGIN and
 * COMMIT included.
 */
async function costOf(server: TestServer, work: () => Promise<unknown>) {
  // Every call, of a model or with a statement, goes through this method of the client.
  const client = server.database.client as unknown as Client
  const { _request: request } = client
  const calls: string[] = []
  const ours = new AsyncLocalStorage<boolean>()
  client._request = function (call) {
    // Jobs beside the work have their own.
    if (ours.getStore()) calls.push(call.clientMethod)
    return request.call(this, call)
  }
  const before = statementsOf(server).length
  await ours.run(true, work)
  client._request = request
  return { calls, statements: statementsOf(server).length - before }
}

/** A server with a signed-in user and two houses. */
async function inhabited(t: TestContext) {
  const server = await startServer(t)
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  for (const projectNo of ['A-1', 'A-2']) {
    const house = { projectNo, projectName: 'House' }
    assert.equal((await call(server, 'POST /houses', house, headers)).statusCode, 201)
  }
  return { server, person, headers }
}

type Inhabited = Awaited<ReturnType<typeof inhabited>>
type Answer = { statusCode: number }

// What each operation may ask of the database. A hot path is quick because it asks for little:
// if you add a call, change a number here, and say in the commit what it is worth
// (docs/benchmarks.md).
const COSTS: [string, string[], number, (world: Inhabited) => Promise<Answer>][] = [
  [
    'POST /register',
    // The account, the mail to it, and its session; beside Prisma, BEGIN and COMMIT.
    ['user.createMany', '$executeRaw', '$executeRaw'],
    5,
    ({ server }) => {
      const username = uniqueName()
      const account = { username, email: `${username}@example.com`, password: PASSWORD }
      return call(server, 'POST /register', account)
    },
  ],
  [
    'POST /login',
    // The user, the failures, the row of the user, and the session; on MySQL BEGIN and COMMIT.
    [],
    isMysql ? 6 : 4,
    ({ server, person: { username } }) =>
      call(server, 'POST /login', { username, password: PASSWORD }),
  ],
  [
    'POST /refresh',
    // The session with its user, and the rotation.
    [],
    2,
    ({ server, person: { refresh_token } }) => call(server, 'POST /refresh', { refresh_token }),
  ],
  ['GET /verify', [], 0, ({ server, headers }) => call(server, 'GET /verify', undefined, headers)],
  ['GET /me', [], 1, ({ server, headers }) => call(server, 'GET /me', undefined, headers)],
  [
    'GET /sessions',
    ['session.findMany'],
    1,
    ({ server, headers }) => call(server, 'GET /sessions', undefined, headers),
  ],
  [
    'GET /houses',
    // A page, and the total.
    ['$queryRaw', '$queryRaw'],
    2,
    ({ server, headers }) => call(server, 'GET /houses?size=1', undefined, headers),
  ],
  [
    'POST /logout',
    ['session.updateMany'],
    1,
    ({ server, headers }) => call(server, 'POST /logout', undefined, headers),
  ],
]

for (const [operation, calls, statements, ask] of COSTS) {
  test(`${operation} sends ${statements} statements, with ${calls.length} calls of Prisma`, async (t) => {
    const world = await inhabited(t)
    let status = 0

    const cost = await costOf(world.server, async () => {
      status = (await ask(world)).statusCode
    })

    assert.ok(status === 200 || status === 201 || status === 204, `${status}`)
    assert.deepEqual(cost, { calls, statements })
  })
}
