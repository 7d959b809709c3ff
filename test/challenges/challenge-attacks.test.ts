import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import {
  answerWith,
  begun,
  codeOf,
  effectsOn,
  rowsOf,
  startTrial,
  TRIAL_PASSWORD,
  wrongCode,
} from '../support/challenges.ts'
import { bearer, signedIn, signedUp } from '../support/factories.ts'
import { freshDatabase, type TestServer } from '../support/helper.ts'
import { operator } from '../support/operator.ts'
import { assertProblem } from '../support/problems.ts'
import { changePassword, NEW_PASSWORD, removeAccount } from '../support/races.ts'

const OLD = Buffer.from('the-old-master-secret-0123456789-abcdefghijk')
const NEW = Buffer.from('the-new-master-secret-0123456789-abcdefghijk')

test('a token that is forged, damaged, cut or of another kind is refused as over', async (t) => {
  const server = await startTrial(t)
  const { username, refresh_token, access_token } = await signedUp(server)
  const { token } = await begun(server, username)
  const other = await begun(server, username)
  const code = codeOf(server, token)
  const changed = (at: number) =>
    `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`

  const forgeries = [
    ...[0, 15, 16, 300, 697, 698, 719].map(changed),
    ...[token.slice(1), token.slice(0, -1), `${token}A`, `${token}=`, token.slice(0, 360)],
    ...[token.slice(0, 360) + other.token.slice(360), token.toLowerCase(), `${token.slice(4)}AAAA`],
    ...[
      ' '.repeat(720),
      'A'.repeat(720),
      '\u0000'.repeat(720),
      'x',
      access_token,
      refresh_token ?? '',
    ],
    token.replaceAll('-', '+').replaceAll('_', '/'),
  ].filter((forgery) => forgery !== token)
  for (const forgery of forgeries) {
    assertProblem(await answerWith(server, forgery, code, 'key'), 'challenge_over')
    assert.equal(server.services.challenges.codeOf(forgery), undefined)
  }

  assert.deepEqual(await rowsOf(server), [])
})

test('the code of one challenge is of no use for another: of the same user, another user or purpose', async (t) => {
  const server = await startTrial(t)
  const [one, other] = [await signedUp(server), await signedUp(server)]
  const { token } = await begun(server, one.username)
  const others = [
    await begun(server, one.username),
    await begun(server, other.username),
    await begun(server, one.username, {
      purpose: 'trial_session',
      headers: bearer(one.access_token),
    }),
  ]

  for (const foreign of others) {
    const answer = await answerWith(server, token, codeOf(server, foreign.token))
    assert.equal(answer.json().code, 'invalid_credentials')
  }
  assert.deepEqual(
    [await effectsOn(server, one.user.id), await effectsOn(server, other.user.id)],
    [0, 0],
  )
})

test('a challenge that is bound to a session takes the answer of that session alone', async (t) => {
  const server = await startTrial(t)
  const person = await signedUp(server)
  const stranger = await signedUp(server)
  const second = await signedIn(server, person)
  const wish = { purpose: 'trial_session', headers: bearer(person.access_token) }
  const { token } = await begun(server, person.username, wish)
  const code = codeOf(server, token)
  const by = (access?: string) =>
    answerWith(server, token, code, 'key', access === undefined ? {} : { headers: bearer(access) })

  assertProblem(await by(), 'unauthenticated')
  assertProblem(await by('a.b.c'), 'invalid_token')
  assertProblem(await by(second.access_token), 'challenge_over')
  assertProblem(await by(stranger.access_token), 'challenge_over')
  assert.deepEqual(await rowsOf(server), [])
  assert.equal((await by(person.access_token)).statusCode, 200)

  const next = await begun(server, person.username, wish)
  await call(server, 'POST /logout', undefined, bearer(person.access_token))
  const ended = await answerWith(server, next.token, codeOf(server, next.token), undefined, wish)
  assertProblem(ended, 'session_ended')
})

test('a dead access token does not block an answer that needs none', async (t) => {
  const server = await startTrial(t)
  const { username, access_token } = await signedUp(server)
  const { token } = await begun(server, username)
  await call(server, 'POST /logout', undefined, bearer(access_token))

  const headers = bearer(access_token)
  const answer = await answerWith(server, token, codeOf(server, token), undefined, { headers })

  assert.equal(answer.statusCode, 200, answer.body)
})

type Change = (server: TestServer, person: Awaited<ReturnType<typeof signedUp>>) => Promise<unknown>
const changes: Record<string, Change> = {
  'the password was changed': async (server, person) => {
    assert.equal((await changePassword(server, person, NEW_PASSWORD)).statusCode, 200)
  },
  'the account was disabled': (server, { username }) => operator(server).disable(username),
  'the account was deleted': async (server, person) => {
    assert.equal((await removeAccount(server, person)).statusCode, 204)
  },
}
for (const [what, change] of Object.entries(changes)) {
  test(`a challenge ends once ${what}, and only the right code shows it`, async (t) => {
    const server = await startTrial(t)
    const person = await signedUp(server)
    const { token } = await begun(server, person.username)
    const code = codeOf(server, token)

    await change(server, person)
    const wrong = await answerWith(server, token, wrongCode(server, token))
    const right = await answerWith(server, token, code, 'key')
    const sent = await call(server, 'POST /challenges/send', { challenge: token })

    assert.equal(wrong.json().code, 'invalid_credentials')
    assertProblem(right, 'challenge_over')
    assert.equal(sent.statusCode, 202)
    assert.deepEqual(server.trial.resent, [{ token, isLive: false }])
    assert.equal(server.trial.commits, 0)
  })
}

test('an effect that meets a change of the password in its transaction is rolled back whole', async (t) => {
  const server = await startTrial(t)
  const person = await signedUp(server)
  const { token } = await begun(server, person.username, { purpose: 'trial_password' })
  const body = { challenge: token, method: 'password', password: TRIAL_PASSWORD }
  const newPassword = 'violet harbour lantern'
  // The proof has been checked, and the transaction has not begun.
  server.trial.beforeEffect = async () => {
    assert.equal((await changePassword(server, person, NEW_PASSWORD)).statusCode, 200)
  }

  const answer = await call(server, 'POST /challenges/answer', { ...body, newPassword })

  assertProblem(answer, 'challenge_over')
  assert.deepEqual(
    (await rowsOf(server)).map(({ usedAt, outcome }) => ({ usedAt, outcome })),
    [{ usedAt: null, outcome: null }],
  )
  assert.equal(server.trial.commits, 0)
})

test('a challenge that ignores versions outlives a change of the password', async (t) => {
  const server = await startTrial(t)
  const person = await signedUp(server)
  const { token } = server.services.challenges.begin({
    purpose: 'trial_lasting',
    account: { id: person.user.id, credentialVersion: 'any' },
    address: person.email,
    device: { ip: null, userAgent: null },
  })
  await changePassword(server, person, NEW_PASSWORD)

  assert.equal((await answerWith(server, token, codeOf(server, token))).statusCode, 200)
})

test('open challenges survive a new master secret as long as the old one is listed', async (t) => {
  const url = await freshDatabase(t)
  const old = await startTrial(t, { url, masterSecrets: [OLD] })
  const { username } = await signedUp(old)
  const tokens = [(await begun(old, username)).token, (await begun(old, username)).token] as const
  const codes = tokens.map((token) => codeOf(old, token))
  const first = await answerWith(old, tokens[0], String(codes[0]), 'key')
  await old.close()

  const both = await startTrial(t, { url, masterSecrets: [NEW, OLD], clock: old.clock })
  const replayed = await answerWith(both, tokens[0], String(codes[0]), 'key')
  const bothCodes = tokens.map((token) => codeOf(both, token))
  const right = await answerWith(both, tokens[1], String(codes[1]), 'key')
  const fresh = await begun(both, username)
  await both.close()
  const dropped = await startTrial(t, { url, masterSecrets: [NEW], clock: old.clock })
  const over = await answerWith(dropped, tokens[1], String(codes[1]), 'key')

  assert.deepEqual(bothCodes, codes)
  assert.equal(replayed.body, first.body)
  assert.equal(right.statusCode, 200, right.body)
  assertProblem(over, 'challenge_over')
  assert.equal(
    (await answerWith(dropped, fresh.token, codeOf(dropped, fresh.token))).statusCode,
    200,
  )
})

test('codes are spread evenly, and no two challenges share one but by chance', async (t) => {
  const server = await startTrial(t)
  const device = { ip: null, userAgent: null }
  const digits = Array.from({ length: 8 }, () => new Map<string, number>())
  const codes = new Set<string>()
  const count = 5000

  for (let index = 0; index < count; index++) {
    const { token } = server.services.challenges.begin({ purpose: 'trial_code', device })
    const code = codeOf(server, token).replace(' ', '')
    codes.add(code)
    for (const [at, seen] of digits.entries()) {
      seen.set(String(code[at]), (seen.get(String(code[at])) ?? 0) + 1)
    }
  }

  assert.ok(codes.size > count - 10)
  // 500 of each digit in each place, give or take seven times the deviation of 21.
  for (const seen of digits) {
    assert.equal(seen.size, 10)
    for (const times of seen.values()) assert.ok(Math.abs(times - count / 10) < 150, `${times}`)
  }
})

test('a stranger who begins challenges neither ends nor spends those of the owner', async (t) => {
  const server = await startTrial(t)
  const { username } = await signedUp(server)
  const own = await begun(server, username)
  const foreign = await begun(server, username)

  for (let guess = 1; guess <= 6; guess++) {
    await answerWith(server, foreign.token, wrongCode(server, foreign.token, guess))
  }

  assert.equal((await answerWith(server, own.token, codeOf(server, own.token))).statusCode, 200)
})
