import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { call } from '../support/answers.ts'
import { eachBody, theScene, theServer } from '../support/attack-scene.ts'
import { bearer, PASSWORD, type Person, refresh, signedUp } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { operationsOf } from '../support/operations.ts'

const CHINESE = { 'accept-language': 'zh-Hans-CN,zh;q=0.9' }
const ENGLISH = { 'accept-language': 'en-GB' }
const HAN = /\p{Script=Han}/u

type Issue = { pointer: string; code: string; detail: string }
type Problem = { title: string; detail: string; errors?: Issue[] }

test('each problem has the language of its request, and the same codes in each', async () => {
  let count = 0
  await eachBody(await theScene(), async (send, body, line) => {
    const bad = [
      {},
      { ...body, nickname: 'x' },
      Object.fromEntries(Object.keys(body).map((name) => [name, 7])),
    ]
    for (const payload of bad) {
      const [english, chinese] = [await send(payload, ENGLISH), await send(payload, CHINESE)]
      if (english.statusCode < 400) continue
      assertSaid(english, 'en', line)
      assertSaid(chinese, 'zh-CN', line)
      assert.deepEqual(withoutTexts(chinese), withoutTexts(english), line)
      assertTranslated(english.json<Problem>(), chinese.json<Problem>(), line)
      count++
    }
  })
  assert.ok(count > 30, `${count} problems`)
})

test('each path answers a stranger in the language of the request', async () => {
  const server = await theServer()
  let count = 0
  for (const { line } of await operationsOf(server)) {
    const address = line.replaceAll('{id}', 'x').replaceAll(/\{\w+\}/g, 'x')
    const answer = await call(server, address, undefined, CHINESE)
    if (!String(answer.headers['content-type']).startsWith('application/problem')) continue
    assertSaid(answer, 'zh-CN', line)
    assert.match(answer.json<Problem>().detail, HAN, line)
    count++
  }
  assert.ok(count > 40, `${count} problems`)
})

/** What people are told beside errors: the request, and what it says in both languages. */
const MESSAGES: [line: string, body: (person: Person) => object, english: RegExp][] = [
  ['POST /login', ({ username }) => ({ username, password: PASSWORD }), /^Welcome back, \S+!$/],
  ['POST /refresh', ({ refresh_token }) => ({ refresh_token }), /^Your session continues, \S+\.$/],
  ['GET /dashboard', () => ({}), /^Welcome to your dashboard, \S+!$/],
  ['GET /me/activity', () => ({}), /^You signed in\.$/],
  ['PUT /password', passwords, /^Your password is changed\./],
  ['POST /logout', ({ refresh_token }) => ({ refresh_token }), /^You are signed out\.$/],
]

function passwords() {
  return { currentPassword: PASSWORD, newPassword: 'another horse, another battery' }
}

for (const [line, body, english] of MESSAGES) {
  test(`${line} speaks the language of its request`, async () => {
    const server = await theServer()
    for (const headers of [ENGLISH, CHINESE]) {
      const person = await signedUp(server)
      const payload = line.startsWith('GET') ? undefined : body(person)
      const auth = bearer(person.access_token)
      const answer = await call(server, line, payload, { ...headers, ...auth })
      const isEnglish = headers === ENGLISH
      assert.ok(answer.statusCode < 300, answer.body)
      assertSaid(answer, isEnglish ? 'en' : 'zh-CN', line)
      const { message, items } = answer.json<{ message?: string; items?: { message: string }[] }>()
      assert.match(message ?? items?.at(-1)?.message ?? '', isEnglish ? english : HAN)
    }
  })
}

test('an answer without a text has no language, and does not vary with it', async () => {
  const server = await theServer()
  const { access_token } = await signedUp(server)

  for (const line of ['GET /me', 'GET /verify', 'GET /sessions', 'GET /notes', 'GET /livez']) {
    const answer = await call(server, line, undefined, { ...CHINESE, ...bearer(access_token) })
    assert.equal(answer.statusCode, 200, answer.body)
    assert.equal(answer.headers['content-language'], undefined, line)
    assert.equal(answer.headers.vary, 'Origin', line)
  }
})

test('what programs read stays English: error_description, and the log', async (t) => {
  const server = await startServer(t, { env: { LOG_LEVEL: 'debug' } })

  const answer = await call(server, 'GET /me', undefined, { ...CHINESE, ...bearer('a.b.c') })

  assert.match(answer.json<Problem>().detail, HAN)
  assert.equal(
    answer.headers['www-authenticate'],
    'Bearer realm="latchkey", error="invalid_token", error_description="The token is not valid."',
  )
  assert.ok(server.logs.some(({ msg }) => msg === 'The token is not valid.'))
  assert.doesNotMatch(JSON.stringify(server.logs), HAN)
})

test('POST /challenges/send says in each language what is on its way', async () => {
  const server = await theServer()
  const [line, body] = askedReset(uniqueName())
  const { token: challenge } = (await call(server, line, body)).json<{ token: string }>()

  const english = await call(server, 'POST /challenges/send', { challenge }, ENGLISH)
  const chinese = await call(server, 'POST /challenges/send', { challenge }, CHINESE)

  assert.match(english.json<{ message: string }>().message, /^If there is such an account/)
  assert.match(chinese.json<{ message: string }>().message, HAN)
})

test('a known and an unknown account are answered alike, in each language', async () => {
  const server = await theServer()
  const { username } = await signedUp(server)
  for (const headers of [ENGLISH, CHINESE]) {
    for (const make of [failedLogin, askedReset]) {
      const [known, unknown] = [make(username), make(uniqueName())]
      const answers = await Promise.all(
        [known, unknown].map(([line, body]) => call(server, line, body, headers)),
      )
      const [one, other] = answers.map((answer) => [answer.statusCode, masked(answer)])
      assert.deepEqual(one, other)
    }
  }
})

const failedLogin = (username: string) =>
  ['POST /login', { username, password: 'wrong, and long enough' }] as const
const askedReset = (login: string) =>
  ['POST /challenges', { purpose: 'reset_password', login }] as const

/** Without what is different for each request. */
function masked({ headers, body }: LightMyRequestResponse) {
  const { 'x-request-id': _id, date: _date, 'content-length': _length, ...rest } = headers
  return [rest, body.replaceAll(/"(instance|token|address)":"[^"]*"/g, '"$1":"…"')]
}

test('the first of LANGUAGES answers those who ask for none of them', async (t) => {
  const server = await startServer(t, { env: { LANGUAGES: 'zh-CN,en' } })

  const silent = await refresh(server, 'nothing')
  const french = await refresh(server, 'nothing', { 'accept-language': 'fr' })
  const english = await refresh(server, 'nothing', ENGLISH)

  assert.deepEqual(
    [silent, french, english].map(({ headers }) => headers['content-language']),
    ['zh-CN', 'zh-CN', 'en'],
  )
  assert.equal(silent.json<Problem>().title, french.json<Problem>().title)
})

test('a language that the server does not offer is not spoken', async (t) => {
  const server = await startServer(t, { env: { LANGUAGES: 'en' } })

  assertSaid(await refresh(server, 'nothing', CHINESE), 'en', 'POST /refresh')
})

/** The language of an answer is in its headers, beside what else it varies with. */
function assertSaid({ headers }: LightMyRequestResponse, language: string, line: string): void {
  const vary = String(headers.vary).split(', ')
  assert.equal(headers['content-language'], language, line)
  assert.deepEqual(vary.slice(0, 2).sort(), ['Accept-Language', 'Origin'], line)
  assert.equal(new Set(vary).size, vary.length, line)
}

function withoutTexts(answer: LightMyRequestResponse) {
  const { title: _t, detail: _d, errors, ...rest } = answer.json<Problem>()
  const issues = errors?.map(({ pointer, code }) => ({ pointer, code }))
  const { instance: _, challenge: __, ...facts } = rest as Record<string, unknown>
  return [answer.statusCode, facts, issues]
}

function assertTranslated(english: Problem, chinese: Problem, line: string): void {
  const textsOf = ({ title, detail, errors = [] }: Problem) => [
    ...[title, detail],
    ...errors.map((issue) => issue.detail),
  ]
  const others = textsOf(chinese)
  for (const [at, text] of textsOf(english).entries()) {
    assert.doesNotMatch(text, HAN, line)
    assert.match(others[at] ?? '', HAN, `${line}: ${text}`)
  }
}
