import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKeys } from '../../src/features/keys/service.ts'
import { createMasterSecrets } from '../../src/platform/crypto/master-secret.ts'
import type { Database, Transaction } from '../../src/platform/database/database.ts'
import { auditEntries, call } from '../support/answers.ts'
import { bearer, type Opened, PASSWORD, refresh, signedIn, signedUp } from '../support/factories.ts'
import {
  freshDatabase,
  startServer,
  type TestServer,
  testClock,
  uniqueName,
} from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import {
  call as callProcess,
  runCli,
  SECRET,
  type ServerProcess,
  startProcess,
} from '../support/process.ts'
import { es256, partsOf, startForge } from '../support/token-forging.ts'

const DAY = 86_400
const SHARED = randomBytes(48)
/** What the contract promises, and how often a loaded machine may be late. */
const PROMISED_MS = 2000
const ATTEMPTS = 3

const verify = (server: TestServer, { access_token }: Pick<Opened, 'access_token'>) =>
  call(server, 'GET /verify', undefined, bearer(access_token))

async function publishedKids(server: TestServer): Promise<string[]> {
  const { keys } = (await call(server, 'GET /.well-known/jwks.json')).json()
  return keys.map(({ kid }: { kid: string }) => kid)
}

const kidOf = (token: string) => String(partsOf(token)[0].kid)

async function startTwo(t: TestContext) {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const masterSecrets = [SHARED]
  const here = await startServer(t, { url, clock, masterSecrets })
  return { here, there: await startServer(t, { url, clock, masterSecrets }), url, clock }
}

test('replaced keys: every old access token must be refreshed, on every server, and sessions continue', async (t) => {
  const { here, there } = await startTwo(t)
  const person = await signedUp(here)
  const before = await publishedKids(here)
  assert.equal((await verify(there, person)).statusCode, 200)

  await operator(here).replaceKeys()
  await there.services.keys.refresh()

  const after = await publishedKids(here)
  assert.equal(after.length, 2)
  assert.deepEqual(
    after.filter((kid) => before.includes(kid)),
    [],
  )
  assert.deepEqual(await publishedKids(there), after)
  for (const server of [here, there]) assertProblem(await verify(server, person), 'token_expired')
  const fresh = (await refresh(there, person.refresh_token)).json<Opened>()
  assert.equal(kidOf(fresh.access_token), after[0])
  assert.equal((await verify(here, fresh)).statusCode, 200)
  const [entry] = (await auditEntries(here)).filter(({ type }) => type === 'signing_keys_replaced')
  assert.ok(entry)
})

test('a stolen signing key opens nothing once the keys are replaced, and signs nobody out', async (t) => {
  const { server, person, header, claims, privatePem } = await startForge(t)
  const forged = { access_token: es256(header, { ...claims, role: 'admin' }, privatePem) }
  assert.equal((await verify(server, forged)).statusCode, 200)

  await operator(server).replaceKeys()
  const later = es256(header, { ...claims, jti: 'another' }, privatePem)

  assertProblem(await verify(server, forged), 'token_expired')
  assertProblem(await verify(server, { access_token: later }), 'token_expired')
  await call(server, 'POST /logout', undefined, bearer(later))
  assert.equal((await refresh(server, person.refresh_token)).statusCode, 200)
})

test('the database keeps only the public half of a replaced key, until its last token has expired', async (t) => {
  const forge = await startForge(t)
  const { server, kid } = forge
  const db = server.database.client
  const rowsOf = () => db.signingKey.findMany({ orderBy: { sequence: 'asc' } })

  await operator(server).replaceKeys()
  const secrets = createMasterSecrets([forge.masterSecret])
  const texts = (await rowsOf()).map((row) => secrets.open(row.encryptedKey, row.id))
  server.clock.advance(DAY + 900)
  await server.services.keys.refresh()
  const kept = (await rowsOf()).map(({ id }) => id)
  server.clock.advance(1)
  await server.services.keys.refresh()
  const left = await rowsOf()

  const kinds = texts.map((text) => [...text.matchAll(/BEGIN (\w+) KEY/g)].map(([, kind]) => kind))
  assert.deepEqual(kinds, [['PUBLIC'], ['PUBLIC'], ['PRIVATE'], ['PRIVATE']])
  assert.ok(kept.includes(kid))
  assert.deepEqual(
    left.map(({ sequence }) => sequence),
    [3, 4],
  )
})

test('servers that replace the keys and read the ring at once agree on one that has no old key', async (t) => {
  const { here, there } = await startTwo(t)
  const before = await publishedKids(here)
  here.clock.advance(30 * DAY)

  await Promise.all([
    here.services.keys.replaceAll('token_expired'),
    there.services.keys.refresh(),
    there.services.keys.replaceAll('token_expired'),
  ])
  await Promise.all([here.services.keys.refresh(), there.services.keys.refresh()])

  const after = await publishedKids(here)
  assert.deepEqual(await publishedKids(there), after)
  assert.deepEqual(
    after.filter((kid) => before.includes(kid)),
    [],
  )
  const person = await signedUp(here)
  assert.equal((await verify(there, person)).statusCode, 200)
})

test('a server that seals keys under a new secret brings no replaced key back', async (t) => {
  const [url, clock] = [await freshDatabase(t), testClock()]
  const [old, fresh] = [randomBytes(48), randomBytes(48)]
  const server = await startServer(t, { url, clock, masterSecrets: [old] })
  const person = await signedUp(server)
  const db = server.database.client
  const stale = await db.signingKey.findMany({ orderBy: { sequence: 'asc' } })

  await operator(server).replaceKeys()
  const slow = createKeys({
    db,
    statements: instead(server.database.statements, { select: async () => stale }),
    clock,
    secrets: createMasterSecrets([fresh, old]),
    accessSeconds: 900,
  })
  await slow.refresh()
  await server.services.keys.refresh()

  assertProblem(await verify(server, person), 'token_expired')
})

test('a key that another server adds while the keys are replaced goes, too', async (t) => {
  const { here, there, clock } = await startTwo(t)
  const { client } = here.database
  const stale = await client.signingKey.findMany({ orderBy: { sequence: 'asc' } })
  clock.advance(30 * DAY)
  await there.services.keys.refresh()
  const before = await publishedKids(there)
  let tries = 0
  // The first transaction sees the ring as it was before, as it would under a snapshot.
  const $transaction = (work: (tx: Transaction) => Promise<void>) =>
    client.$transaction((tx) => work(tries++ === 0 ? readingAs(stale, tx) : tx))
  const db = instead(client, { $transaction })
  const secrets = createMasterSecrets([SHARED])
  const { statements } = here.database
  const keys = createKeys({ db, statements, clock, secrets, accessSeconds: 900 })

  await keys.replaceAll('token_expired')

  assert.equal(tries, 2)
  const kids = keys.jwks().keys.map(({ kid }) => kid)
  assert.deepEqual(
    kids.filter((kid) => before.includes(kid)),
    [],
  )
})

/** The same statements, but for what is read of the signing keys. */
function readingAs<Client extends Database | Transaction>(rows: unknown[], client: Client): Client {
  return instead(client, { signingKey: instead(client.signingKey, { findMany: async () => rows }) })
}

/** An object of which some members are others. */
function instead<Thing extends object>(thing: Thing, others: object): Thing {
  return new Proxy(thing, {
    get: (target, name) => Reflect.get(name in others ? others : target, name),
  })
}

test('all sessions ended: every token is dead on every server, and everybody may sign in again', async (t) => {
  const { here, there } = await startTwo(t)
  const people = [await signedUp(here), await signedUp(there)]

  const ended = await operator(here).endAllSessions()
  await there.services.keys.refresh()

  assert.equal(ended, 2)
  for (const server of [here, there]) {
    for (const person of people) {
      assertProblem(await verify(server, person), 'session_ended')
      assertProblem(await refresh(server, person.refresh_token), 'session_ended')
    }
  }
  for (const person of people) {
    const again = await signedIn(here, person)
    assert.equal((await verify(there, again)).statusCode, 200)
  }
  const entries = (await auditEntries(here)).filter(({ type }) => type === 'sessions_ended')
  assert.deepEqual(entries, [
    { type: 'sessions_ended', userId: null, sessionId: null, detail: '2 of everybody' },
  ])
})

test('all sessions ended: more of them than one batch, those that ended before among them', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const db = server.database.client
  const row = await db.session.findFirstOrThrow()
  const rows = Array.from({ length: 1200 }, (_, index) => ({
    ...row,
    id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    // Few of one moment, as in life: a batch ends between two moments.
    expiresAt: new Date(row.expiresAt.getTime() + index),
    revokedAt: index < 100 ? row.createdAt : null,
  }))
  await db.session.createMany({ data: rows })

  const ended = await operator(server).endAllSessions()

  assert.equal(ended, 1101)
  assert.equal(await db.session.count(), 0)
  assertProblem(await verify(server, person), 'session_ended')
})

test("all sessions of one account ended: nobody else's, and it may sign in again", async (t) => {
  const { here, there, clock } = await startTwo(t)
  const person = await signedUp(here)
  const [second, bystander] = [await signedIn(here, person), await signedUp(here)]
  clock.advance(1)

  const ended = await operator(here).endSessionsOf(person.email)
  await there.services.revocations.poll()

  assert.equal(ended, 2)
  for (const server of [here, there]) {
    for (const one of [person, second]) {
      assertProblem(await verify(server, one), 'session_ended')
      assertProblem(await refresh(server, one.refresh_token), 'session_ended')
    }
    assert.equal((await verify(server, bystander)).statusCode, 200)
  }
  const again = await signedIn(here, person)
  assert.equal((await verify(there, again)).statusCode, 200)
  const entries = (await auditEntries(here)).filter(({ type }) => type === 'sessions_ended')
  assert.deepEqual(entries, [
    { type: 'sessions_ended', userId: person.user.id, sessionId: null, detail: '2' },
  ])
})

test('commands of the command line reach the workers of a running server within two seconds', async (t) => {
  const url = await freshDatabase(t)
  const server = await startProcess(t, { url, env: { WORKERS: '2', REFRESH_GRACE: '0s' } })

  for (const [args, code, said] of [
    [['rotate-keys', '--now'], 'token_expired', /New keys are in use/],
    [['end-all-sessions'], 'session_ended', /All sessions have ended/],
    [
      ['end-all-sessions', 'NAME'],
      'session_ended',
      /is signed out everywhere \(1 sessions were live/,
    ],
  ] as const) {
    let lag = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < ATTEMPTS && lag > PROMISED_MS; attempt++) {
      const { username, ...person } = await registered(server)
      const given = args.map((word) => (word === 'NAME' ? username : word))

      const { code: exit, output } = await runCli(url, given)

      assert.equal(exit, 0, output)
      assert.match(output, said)
      lag = Math.min(lag, await untilRefused(server, person, code))
      const answer = await callProcess(server, 'POST', '/refresh', {
        body: { refresh_token: person.refresh_token },
      })
      assert.equal(answer.status, code === 'token_expired' ? 200 : 401)
    }
    t.diagnostic(`${args.join(' ')}: refused by every worker after ${lag} ms`)
    assert.ok(lag <= PROMISED_MS, `${args.join(' ')}: ${lag} ms`)
  }
})

test('a command that is called wrongly does nothing and says why', async (t) => {
  const url = await freshDatabase(t)
  const server = await startServer(t, { url, masterSecrets: [Buffer.from(SECRET)] })
  await signedUp(server)
  const before = await publishedKids(server)

  for (const args of [['rotate-keys', 'now'], ['end-all-sessions', 'a', 'b'], ['sign-out']]) {
    const { code, output } = await runCli(url, args)

    assert.equal(code, 2)
    assert.match(output, /^error: (too many arguments for|unknown command) '/)
  }
  const unknown = await runCli(url, ['end-all-sessions', ''])
  await server.services.keys.refresh()

  assert.equal(unknown.output, 'There is no account with this name.')
  assert.equal(await server.database.client.session.count({ where: { revokedAt: null } }), 1)
  assert.deepEqual(await publishedKids(server), before)
})

async function registered(server: ServerProcess): Promise<Opened & { username: string }> {
  const username = uniqueName()
  const body = { username, email: `${uniqueName('mail')}@example.com`, password: PASSWORD }
  const answer = await callProcess(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return { ...(answer.body as Opened), username }
}

/** @returns milliseconds until ten answers in a row, by whichever worker, are that refusal */
async function untilRefused(server: ServerProcess, held: Opened, code: string): Promise<number> {
  const from = performance.now()
  let [lag, inRow] = [0, 0]
  while (inRow < 10) {
    const { status, body } = await callProcess(server, 'GET', '/verify', {
      token: held.access_token,
      // Each connection may be taken by another worker.
      headers: { connection: 'close' },
    })
    if (status === 200) [lag, inRow] = [Math.round(performance.now() - from), 0]
    else {
      assert.equal((body as { code: string }).code, code)
      inRow++
    }
    assert.ok(lag < 15_000, `still accepted after ${lag} ms`)
    await sleep(10)
  }
  return lag
}
