// A key that another server has just made: its tokens are good at once, and looking costs little.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import Fastify from 'fastify'
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid'
import { createGuard } from '../../src/features/tokens/guard.ts'
import { call } from '../support/answers.ts'
import { bearer, type Opened, refresh, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { es256, type Forge, startForge } from '../support/token-forging.ts'

const GUESSES = 100

test('a token of a key that was made a moment ago is good on every server', async (t) => {
  const [url, clock, masterSecrets] = [await freshDatabase(t), testClock(), [randomBytes(48)]]
  const here = await startServer(t, { url, clock, masterSecrets })
  const there = await startServer(t, { url, clock, masterSecrets })
  const person = await signedUp(here)

  await operator(here).replaceKeys()
  const { access_token } = (await refresh(here, person.refresh_token)).json<Opened>()
  const answers = await Promise.all(
    ['GET /me', 'GET /verify', 'GET /sessions'].map((request) =>
      call(there, request, undefined, bearer(access_token)),
    ),
  )

  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  )
})

test('made-up ids of keys cost ten reads of the ring a second, and old ones nothing', async (t) => {
  const forge = await startForge(t)
  const { server } = forge
  const guess = async (kidOf: () => string) => {
    const before = readsOf(server)
    const startedAt = performance.now()
    const answers = await Promise.all(
      Array.from({ length: GUESSES }, () => ask(server, forge, kidOf())),
    )
    for (const answer of answers) assertProblem(answer, 'invalid_token')
    return { reads: readsOf(server) - before, ms: performance.now() - startedAt }
  }

  const fresh = await guess(() => uuidv7({ msecs: server.clock() }))
  const old = await guess(() => uuidv7({ msecs: server.clock() - 61_000 }))
  const nothing = await guess(() => 'x')
  const random = await guess(uuidv4)

  assert.ok(fresh.reads >= 1 && fresh.reads <= 1 + fresh.ms / 100, JSON.stringify(fresh))
  assert.deepEqual([old.reads, nothing.reads, random.reads], [0, 0, 0])
})

test('where the ring cannot be read, an unknown key does not sign out', async (t) => {
  const forge = await startForge(t)
  const { server } = forge
  const { keys, revocations } = server.services
  const away = Object.assign(new Error('the database is away'), { code: 'P1001' })
  const guard = createGuard({
    ...{ clock: server.clock, revocations, issuer: String(forge.claims.iss) },
    ...{
      publicPem: keys.publicPem,
      lookFor: () => Promise.reject(away),
      retiredKey: keys.retiredKey,
    },
    ...{ accessSeconds: 900, graceSeconds: 30, seen: { note: () => undefined } },
  })
  const app = Fastify()
  t.after(() => app.close())
  await guard.install(app)
  app.get('/', async (request) => guard.readAccessToken(request))

  const headers = bearer(tokenOf(forge, uuidv7({ msecs: server.clock() })))
  const answer = await app.inject({ url: '/', headers })

  assert.equal(answer.json().code, 'P1001')
})

function ask(server: TestServer, forge: Forge, kid: string) {
  return call(server, 'GET /me', undefined, bearer(tokenOf(forge, kid)))
}

function tokenOf({ header, claims, privatePem }: Forge, kid: string): string {
  return es256({ ...header, kid }, claims, privatePem)
}

function readsOf({ queries }: TestServer): number {
  return queries.filter((sql) => /^\s*SELECT.*SigningKey/s.test(sql)).length
}
