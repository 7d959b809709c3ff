import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { listeningAddress } from '../../src/server.ts'
import { bearer, PASSWORD, type Person, refresh, signedUp } from '../support/factories.ts'
import { runningClock, startServer, type TestServer } from '../support/helper.ts'
import { addressOf, collection, requestsOf, runCollection } from '../support/newman.ts'

/** Runs the Postman collection against a started server, and looks at how it keeps a session. */

const nameOf = (address: string) =>
  requestsOf(collection).find((item) => addressOf(item) === address)?.name ?? ''
const ME = nameOf('GET /me')
const GRACE_SECONDS = 30
const ACCESS_SECONDS = 900

async function listening(t: TestContext, env: Record<string, string> = {}) {
  const server = await startServer(t, { env, clock: runningClock() })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  return { server, baseUrl: listeningAddress(server.app).replace('localhost', '127.0.0.1') }
}

/** The variables of somebody who has signed in; the access token is not due. */
function variablesOf({ access_token, refresh_token = '' }: Person) {
  const refreshAt = String(Date.now() + 3_600_000)
  return { accessToken: access_token, refreshToken: refresh_token, refreshAt }
}

/**
 * Lets the server do its first refresh, and cuts the connection where the answer would be.
 * @returns the Idempotency-Key of every refresh so far
 */
function loseFirstRefresh({ app, clock }: TestServer, awaySeconds: number) {
  const keys: unknown[] = []
  app.server.prependListener('request', (request, response) => {
    if (request.url !== '/refresh') return
    if (keys.push(request.headers['idempotency-key']) > 1) return
    const end = () => {
      clock.advance(awaySeconds)
      request.socket.destroy()
    }
    Object.assign(response, { end })
  })
  return keys
}

test('The Postman collection runs from top to bottom, and each request gets its status', async (t) => {
  const { baseUrl } = await listening(t)
  const names = requestsOf(collection).map(({ name }) => name)

  const { failures, items } = await runCollection({ baseUrl })

  assert.deepEqual(failures, [])
  assert.deepEqual(items, names)
})

test('The Postman collection runs without the environment, with its own variables', async (t) => {
  const { baseUrl } = await listening(t)
  const names = requestsOf(collection).map(({ name }) => name)
  const variable = collection.variable.map((one) =>
    one.key === 'baseUrl' ? { ...one, value: baseUrl } : one,
  )

  const wish = { bare: true, collection: { ...collection, variable } }
  const { failures, items, variables } = await runCollection({}, wish)

  assert.deepEqual(failures, [])
  assert.deepEqual(items, names)
  assert.deepEqual(variables, {})
})

test('The walk of the collection through mails skips what needs a code where there is no outbox', async (t) => {
  const { server, baseUrl } = await listening(t, { SMTP_URL: 'smtp://127.0.0.1:9' })
  const person = await signedUp(server)
  const { username } = person
  const variables = { ...variablesOf(person), baseUrl, username, password: PASSWORD }

  const { failures, sent } = await runCollection(variables, { only: ['Mail and recovery'] })

  assert.deepEqual(failures, [])
  assert.deepEqual(
    [...new Set(sent)],
    [
      'POST /challenges 201',
      'POST /challenges/send 202',
      'GET /outbox 404',
      'POST /login 200',
      'PATCH /me 200',
    ],
  )
})

test('A request of the collection whose token is due refreshes first, with one key until the answer is there', async (t) => {
  const { server, baseUrl } = await listening(t)
  const person = await signedUp(server)
  const keys = loseFirstRefresh(server, 2 * GRACE_SECONDS)
  const due = { ...variablesOf(person), baseUrl, refreshAt: '1' }

  const { failures, sent, variables } = await runCollection(due, { only: [ME], times: 3 })

  assert.deepEqual(failures, ['a script: socket hang up'])
  assert.deepEqual(sent, [
    'POST /refresh lost',
    'GET /me 200',
    'POST /refresh 200',
    'GET /me 200',
    'GET /me 200',
  ])
  assert.match(String(keys[0]), /^[0-9a-f-]{36}$/)
  assert.equal(keys[1], keys[0])
  assert.equal(variables.refreshKey, '')
  assert.notEqual(variables.refreshToken, person.refresh_token)
  assert.ok(Number(variables.refreshAt) > Date.now())
  assert.equal((await refresh(server, variables.refreshToken)).json().refreshed, 'rotated')
})

test('A request of the collection that hears of an old token refreshes when it is sent again', async (t) => {
  const { server, baseUrl } = await listening(t)
  const person = await signedUp(server)
  server.clock.advance(ACCESS_SECONDS + 1)
  const variables = { ...variablesOf(person), baseUrl }

  const { failures, sent } = await runCollection(variables, { only: [ME], times: 2 })

  assert.deepEqual(sent, ['GET /me 401', 'POST /refresh 200', 'GET /me 200'])
  assert.deepEqual(failures, [`${ME}: expected 401 to be one of [ 200 ]`])
})

test('A request of the collection whose session has ended drops the tokens and asks for no others', async (t) => {
  const { server, baseUrl } = await listening(t)
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  await server.inject({ method: 'POST', url: '/logout', headers })
  const before = { ...variablesOf(person), baseUrl }

  const { sent, variables } = await runCollection(before, { only: [ME], times: 2 })

  const { accessToken, refreshToken, refreshAt, refreshKey } = variables
  assert.deepEqual(sent, ['GET /me 401', 'GET /me 401'])
  assert.deepEqual([accessToken, refreshToken, refreshAt, refreshKey], ['', '', '', ''])
})

test('A request of the collection that reads about session_ended keeps the tokens', async (t) => {
  const { server, baseUrl } = await listening(t)
  const before = { ...variablesOf(await signedUp(server)), baseUrl }
  const text = JSON.stringify(collection).replaceAll(':"invalid_credentials"', ':"session_ended"')
  const wish = { only: [nameOf('GET /problems/{code}')], collection: JSON.parse(text) }

  const { sent, variables } = await runCollection(before, wish)

  assert.deepEqual(sent, ['GET /problems/session_ended 200'])
  assert.deepEqual({ ...variables, ...before }, variables)
})
