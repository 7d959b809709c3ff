// What a reset tells a stranger of the account behind a name: nothing (ASVS 5.0 6.3.8). See also:
// sign-ins, ../attacks/enumeration.test.ts; challenges in general,
// ../challenges/challenges.test.ts.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call, statementsOf } from '../support/answers.ts'
import { wrongCode } from '../support/challenges.ts'
import { bearer, DEVICE_COOKIE, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { outboxEmpty } from '../support/outbox.ts'
import { assertProblem, visible } from '../support/problems.ts'
import { answerReset, beginReset, mailsTo, QUIET, resetFor, signInWith } from '../support/resets.ts'

async function statementsIn(server: TestServer, ask: () => Promise<unknown>): Promise<string[]> {
  const before = statementsOf(server).length
  await ask()
  const sent = statementsOf(server).slice(before)
  return sent.map((sql) => sql.replace(/(?:emailKey|usernameKey)` =/g, 'key` ='))
}

/** Names of accounts in every state, and of none. */
async function namesOn(t: TestContext) {
  const server = await startServer(t, { env: { ...QUIET, RATE_LIMITS: 'off' } })
  const administration = operator(server)
  const { client } = server.database
  const [known, verified, disabled, locked, gone] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  await client.user.updateMany({
    where: { id: verified.user.id },
    data: { emailVerified: true },
  })
  await administration.disable(disabled.username)
  const expiresAt = new Date(server.clock() + 86_400_000)
  await client.signInFailures.createMany({
    data: { subject: locked.user.id, device: 'unknown', failures: 100, expiresAt },
  })
  await call(server, 'DELETE /me', { currentPassword: PASSWORD }, bearer(gone.access_token))
  await outboxEmpty(server)
  const names = {
    known: known.username,
    byAddress: known.email,
    verified: verified.username,
    disabled: disabled.email,
    locked: locked.username,
    gone: gone.username,
    unknown: 'nobody-at-all',
    unknownAddress: 'nobody@example.com',
    long: `${'ü'.repeat(250)}@x`,
  }
  return { server, names, disabled }
}

test('a reset begins alike for every name: status, bytes, headers, statements', async (t) => {
  const { server, names, disabled } = await namesOn(t)
  const mailed = (await mailsTo(server, disabled.email)).length

  const seen: Record<string, unknown> = {}
  for (const [what, login] of Object.entries(names)) {
    let face: unknown
    const statements = await statementsIn(server, async () => {
      const answer = await beginReset(server, login)
      const { token, ...body } = answer.json()
      const { date: _date, ...headers } = visible(answer).headers as Record<string, unknown>
      const sizes = [answer.body.length, token.length]
      face = { status: answer.statusCode, body, sizes, headers }
    })
    await outboxEmpty(server)
    seen[what] = { face, statements }
  }

  const { known } = seen
  assert.match(JSON.stringify(known), /INSERT INTO Mail/)
  for (const [what, face] of Object.entries(seen)) assert.deepEqual(face, known, what)
  assert.equal((await mailsTo(server, disabled.email)).length, mailed)
})

test('another mail is asked for alike, and wrong codes are counted alike', async (t) => {
  const { server, names } = await namesOn(t)

  const seen: Record<string, unknown> = {}
  for (const [what, login] of Object.entries(names)) {
    const token = await resetFor(server, login)
    // The work behind its mail is not that of the requests below.
    await outboxEmpty(server)
    const faces: unknown[] = []
    const statements = await statementsIn(server, async () => {
      const answers = [await call(server, 'POST /challenges/send', { challenge: token })]
      for (let guess = 1; guess <= 6; guess++) {
        answers.push(await answerReset(server, token, wrongCode(server, token, guess)))
      }
      faces.push(
        ...answers.map(({ statusCode, body }) => [statusCode, body.replace(/req-[^"]+/, '')]),
      )
    })
    await outboxEmpty(server)
    seen[what] = { faces, statements }
  }

  const { known } = seen
  assert.match(JSON.stringify(known), /attemptsLeft/)
  for (const [what, face] of Object.entries(seen)) assert.deepEqual(face, known, what)
})

test('the mail limits of a name are the same for names that nobody has, and hold for other spellings', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const { username } = await signedUp(server)

  for (const login of [username, 'nobody-at-all']) {
    const token = await resetFor(server, login)
    await resetFor(server, login.toUpperCase())
    assert.equal(
      (await call(server, 'POST /challenges/send', { challenge: token })).statusCode,
      202,
    )
    const faces = [
      await beginReset(server, login),
      await call(server, 'POST /challenges/send', { challenge: token }),
    ]
    for (const answer of faces) {
      assertProblem(answer, 'rate_limited', {
        ...{ detail: answer.json().detail, policies: ['mail'] },
        headers: {
          'retry-after': '900',
          ratelimit: '"mail";r=0;t=900',
          'ratelimit-policy': '"mail";q=3;w=900',
        },
      })
    }
  }
})

test('a known device still gets a mail when strangers have used up what the name has', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  const login = await signInWith(server, person.username, PASSWORD)
  const device = login.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value
  const other = await signedUp(server)
  const ip = '192.0.2.7'
  for (let turn = 0; turn < 3; turn++) await resetFor(server, person.username, { ip })

  const stranger = await beginReset(server, person.username, { ip })
  const known = await beginReset(server, person.username, { device })
  const foreign = await Promise.all(
    [1, 2, 3, 4].map(() => beginReset(server, other.username, { device, ip: '192.0.2.8' })),
  )

  assert.equal(stranger.statusCode, 429)
  assert.equal(known.statusCode, 201)
  // The cookie of another account counts for nothing.
  assert.deepEqual(foreign.map(({ statusCode }) => statusCode).sort(), [201, 201, 201, 429])
})
