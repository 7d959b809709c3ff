// Challenges: begun, answered, sent again. Codes are guessed at five times, and end (ASVS 5.0
// 6.4.1, 6.6.3).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { assertUsedUp, leave } from '../support/budgets.ts'
import {
  answerWith,
  begun,
  codeOf,
  effectsOn,
  LIFE_SECONDS,
  rowsOf,
  startTrial,
  TRIAL_PASSWORD,
  wrongCode,
} from '../support/challenges.ts'
import { signedUp } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { assertFaults, assertProblem, visible } from '../support/problems.ts'

const wrong = (attemptsLeft: number) => ({
  detail: 'The proof is wrong.',
  members: { attemptsLeft },
})

test('POST /challenges answers 201 with a challenge that nobody can read, and stores nothing', async (t) => {
  const server = await startTrial(t)
  const { username, user } = await signedUp(server)

  const { token, ...view } = await begun(server, username)
  const again = await begun(server, username)

  assert.deepEqual(view, { purpose: 'trial_code', methods: ['mail_code'], expiresIn: LIFE_SECONDS })
  assert.match(token, /^[\w-]{720}$/)
  assert.notEqual(token.slice(0, 100), again.token.slice(0, 100))
  for (const secret of [user.id, username, 'trial_code']) {
    assert.ok(!Buffer.from(token, 'base64url').toString('latin1').includes(secret))
  }
  assert.deepEqual(await rowsOf(server), [])
})

test('a challenge for a name that nobody has looks like any other, for any address', async (t) => {
  const server = await startTrial(t)
  const long = `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(59)}.example`
  const { username } = await signedUp(server, { email: long })
  const short = await signedUp(server)

  const starts = []
  for (const login of [username, short.username, 'nobody-at-all', 'nobody@example.com']) {
    const answer = await call(server, 'POST /challenges', { purpose: 'trial_code', login })
    const { token, ...body } = answer.json()
    starts.push({ ...visible(answer), body, size: answer.body.length, token: token.length })
  }

  for (const start of starts) assert.deepEqual(start, starts[0])
})

test('the wrong code for a name that nobody has is refused like one for a name that somebody has', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const real = await begun(server, username)
  const decoy = await begun(server, 'nobody-at-all')

  for (let guess = 1; guess <= 5; guess++) {
    const answers = []
    for (const { token } of [real, decoy]) {
      answers.push(await answerWith(server, token, wrongCode(server, token, guess)))
    }
    for (const answer of answers) assertProblem(answer, 'invalid_credentials', wrong(5 - guess))
    assert.deepEqual(visible(answers[0] as never), visible(answers[1] as never))
  }
  for (const { token } of [real, decoy]) {
    assertProblem(await answerWith(server, token, wrongCode(server, token, 6)), 'challenge_over')
    assertProblem(
      await call(server, 'POST /challenges/send', { challenge: token }),
      'challenge_over',
    )
  }
  const none = await begun(server, 'nobody-at-all')
  const guessed = await answerWith(server, none.token, codeOf(server, none.token))
  assertProblem(guessed, 'invalid_credentials', wrong(4))
})

test('POST /challenges/answer takes the right code, with or without spaces and hyphens, once', async (t) => {
  const server = await startTrial(t)
  const { username, user } = await signedUp(server)
  const halves = (code: string, between: string) => code.slice(0, 4) + between + code.slice(4)
  const spellings = [
    (code: string) => code,
    (code: string) => halves(code, ' '),
    (code: string) => halves(code, '-'),
    (code: string) => ` ${halves(code, '\u00a0\u2011 ')} `,
  ]

  for (const [index, spell] of spellings.entries()) {
    const { token } = await begun(server, username)
    const code = codeOf(server, token)
    assert.match(code, /^\d{8}$/)
    const right = await answerWith(server, token, spell(code))
    assert.equal(right.statusCode, 200, right.body)
    assert.deepEqual(right.json(), { message: 'Done.', outcome: right.json().outcome })
    assertProblem(await answerWith(server, token, code), 'challenge_over')
    assertProblem(await answerWith(server, token, code, 'a-key'), 'challenge_over')
    assert.deepEqual(
      [await effectsOn(server, user.id), server.trial.commits],
      [index + 1, index + 1],
    )
  }
})

test('the same wrong code again is not a new guess, and the last guess may be right', async (t) => {
  const server = await startTrial(t)
  const { username, user } = await signedUp(server)
  const { token } = await begun(server, username)

  for (const [number, left] of [
    [1, 4],
    [1, 4],
    [2, 3],
    [1, 2],
    [1, 2],
    [3, 1],
  ] as const) {
    const answer = await answerWith(server, token, wrongCode(server, token, number))
    assertProblem(answer, 'invalid_credentials', wrong(left))
  }
  const right = await answerWith(server, token, codeOf(server, token))

  assert.equal(right.statusCode, 200, right.body)
  assert.equal(await effectsOn(server, user.id), 1)
  const failures = await failuresOf(server)
  assert.deepEqual(
    failures.map(({ userId, detail }) => ({ userId, detail })),
    Array.from({ length: 6 }, () => ({ userId: user.id, detail: 'trial_code' })),
  )
})

test('a challenge ends with its last second', async (t) => {
  const server = await startTrial(t)
  const { username, user } = await signedUp(server)
  const first = await begun(server, username)
  const second = await begun(server, username)
  const code = codeOf(server, second.token)

  server.clock.advance(LIFE_SECONDS - 1)
  const inTime = await answerWith(server, first.token, codeOf(server, first.token), 'key')
  server.clock.advance(1)
  const late = await answerWith(server, second.token, code)
  server.clock.advance(1)
  const later = await answerWith(server, second.token, code)
  const replayed = await answerWith(server, first.token, code, 'key')

  assert.equal(inTime.statusCode, 200)
  for (const answer of [late, later, replayed]) assertProblem(answer, 'challenge_over')
  assert.equal(server.services.challenges.codeOf(second.token), undefined)
  assert.equal(await effectsOn(server, user.id), 1)
})

test('rows go an hour after their challenge has expired', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const { token } = await begun(server, username)
  await answerWith(server, token, codeOf(server, token))

  server.clock.advance(LIFE_SECONDS + 3600)
  await server.services.challenges.clean()
  const before = await rowsOf(server)
  server.clock.advance(1)
  await server.services.challenges.clean()

  assert.equal(before.length, 1)
  assert.deepEqual(await rowsOf(server), [])
})

test('POST /challenges/send has the same code mailed again, and spends no guess', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const { token } = await begun(server, username)
  const code = codeOf(server, token)

  for (const challenge of [token, token]) {
    const answer = await call(server, 'POST /challenges/send', { challenge })
    assert.equal(answer.statusCode, 202)
    const message = 'If there is such an account, the code is on its way again.'
    assert.deepEqual(answer.json(), { message })
  }

  assert.deepEqual(server.trial.resent, [
    { token, isLive: true },
    { token, isLive: true },
  ])
  assert.equal(codeOf(server, token), code)
  assert.deepEqual(await rowsOf(server), [])
  const forged = await call(server, 'POST /challenges/send', { challenge: `${token}x` })
  assertProblem(forged, 'challenge_over')
})

test('a proof that the purpose refuses for another reason uses nothing up', async (t) => {
  const server = await startTrial(t)
  const { username, user } = await signedUp(server)
  const { token } = await begun(server, username, { purpose: 'trial_password' })
  const body = { challenge: token, method: 'password', password: TRIAL_PASSWORD }
  const answer = (newPassword: string, key: string) =>
    call(server, 'POST /challenges/answer', { ...body, newPassword }, { 'idempotency-key': key })

  for (let time = 0; time < 7; time++) {
    assertProblem(await answer('a weak one, violet harbour', `key-${time}`), 'weak_password')
  }
  const right = await answer('violet harbour lantern', 'another')

  assert.equal(right.statusCode, 200, right.body)
  assert.equal(await effectsOn(server, user.id), 1)
  assert.deepEqual(new Set(server.trial.compared), new Set([TRIAL_PASSWORD]))
})

test('POST /challenges refuses a purpose and fields that it does not know, each with its reason', async (t) => {
  const server = await startTrial(t)
  const start = (body: object) => call(server, 'POST /challenges', body)

  assertFaults(await start({ purpose: 'nonsense', login: 'a' }), ['/purpose not_allowed'])
  assertFaults(await start({ purpose: 'trial_lasting' }), ['/purpose not_allowed'])
  assertFaults(await start({ purpose: 'trial_code' }), ['/login required'])
  assertFaults(await start({ purpose: 'trial_session', login: 'a', transport: 'body' }), [
    '/login not_allowed',
    '/transport not_allowed',
  ])
  assertProblem(await start({ purpose: 'trial_session' }), 'unauthenticated')
  assertProblem(await start({ purpose: 'trial_off', login: 'a' }), 'not_found', {
    detail: 'This server does not offer this purpose.',
  })
})

test('POST /challenges/answer names what is missing and what is too much, and spends no guess', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const { token } = await begun(server, username)
  const strict = await begun(server, username, { purpose: 'trial_password' })
  const code = '1234 5678'
  const answer = (body: object) => call(server, 'POST /challenges/answer', body)

  for (const [body, faults] of [
    [{ method: 'mail_code', code }, ['/challenge required']],
    [{ challenge: token, code }, ['/method required']],
    [{ challenge: token, method: 'totp', code }, ['/method not_allowed']],
    [{ challenge: token, method: 'mail_code' }, ['/code required']],
    [{ challenge: token, method: 'password', password: 'a' }, ['/method not_allowed']],
    [{ challenge: token, method: 'mail_code', code, password: 'a' }, ['/password not_allowed']],
    [
      { challenge: token, method: 'mail_code', code, newPassword: 'violet harbour lantern' },
      ['/newPassword not_allowed'],
    ],
    [{ challenge: strict.token, method: 'mail_code', code }, ['/newPassword required']],
    [
      {
        ...{ challenge: strict.token, method: 'mail_code', code },
        ...{ newPassword: 'violet harbour lantern', newPasswordConfirm: 'another' },
      },
      ['/newPasswordConfirm mismatch'],
    ],
    [{ challenge: 'x'.repeat(4001), method: 'mail_code', code }, ['/challenge too_long']],
  ] as const) {
    assertFaults(await answer(body), [...faults])
  }
  assert.deepEqual(await rowsOf(server), [])
})

test('a network may answer 100 challenges in ten minutes, right or wrong', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const { token } = await begun(server, username)
  await leave(1, server, 'answers', '127.0.0.1')

  const last = await answerWith(server, token, wrongCode(server, token))
  const refused = await answerWith(server, token, codeOf(server, token))
  server.clock.advance(599)
  const stillRefused = await answerWith(server, token, codeOf(server, token))
  server.clock.advance(1)

  assertProblem(last, 'invalid_credentials', wrong(4))
  assertUsedUp(refused, 'answers', { wait: 600 })
  assertUsedUp(stillRefused, 'answers', { wait: 1 })
})

test('the reference has the purposes of every feature', async (t) => {
  const server = await startTrial(t)

  const { paths } = (await call(server, 'GET /openapi.json')).json()

  const answers = paths['/challenges/answer'].post.responses['200'].content['application/json']
  const names = answers.schema.anyOf.map(({ $ref = '' }) => $ref.split('/').at(-1))
  for (const name of ['TrialOutcome', 'Session']) assert.ok(names.includes(name), `${names}`)
  const { examples } = paths['/challenges'].post.requestBody.content['application/json']
  assert.ok('trial_code' in examples, `${Object.keys(examples)}`)
})

test('codes, tokens and passwords reach no log line and no row', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const { token } = await begun(server, username, { purpose: 'trial_password' })
  const body = { challenge: token, method: 'password', password: TRIAL_PASSWORD }
  const newPassword = 'violet harbour lantern'

  await answerWith(server, token, codeOf(server, token), 'key', {
    body: { newPassword: 'weak violet' },
  })
  await call(
    server,
    'POST /challenges/answer',
    { ...body, newPassword },
    { 'idempotency-key': 'k' },
  )

  const begins = server.logs.filter(
    ({ event, detail }) => event === 'challenge_begun' && detail !== 'verify_email',
  )
  assert.deepEqual(
    begins.map(({ detail }) => detail),
    ['trial_password'],
  )
  const seen = JSON.stringify([server.logs, await rowsOf(server)])
  for (const secret of [token, codeOf(server, token), TRIAL_PASSWORD, newPassword]) {
    assert.ok(!seen.includes(secret))
  }
})

function failuresOf({ services, database }: TestServer) {
  return services.audit
    .written()
    .then(() => database.client.auditEvent.findMany({ where: { type: 'challenge_failed' } }))
}
