// Attacks through bodies, queries and addresses. See also: JSON, media types and query strings,
// ../http/json-bodies.test.ts and ../http/queries.test.ts; broken framing,
// ../http/wire-raw.test.ts; filters of a list, ../houses/house-text-filters.test.ts; forms,
// ../photos/upload-forms.test.ts; addresses behind proxies,
// ../rate-limits/network-budgets.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { addressOf, eachBody, good, NEVER_REFUSE, theScene } from '../support/attack-scene.ts'
import { bearer, PASSWORD } from '../support/factories.ts'
import { digestOf, operationsOf } from '../support/operations.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { documentOf, linesWithQuery } from '../support/reference.ts'
import { assertSameLines } from '../support/same-lines.ts'

test('the bodies of these tests are all that the document has, with all their fields', async () => {
  const { server, person, house } = await theScene()

  const documented = (await operationsOf(server)).filter(
    ({ line, fields }) => fields.length > 0 && !NEVER_REFUSE.includes(line),
  )

  const tested = Object.entries(good).flatMap(([name, make]) => {
    const line = name.split(' ', 2).join(' ')
    return Object.keys(make(person, house)).map((field) => `${line} ${field}`)
  })
  const all = documented.flatMap(({ line, fields }) => fields.map((field) => `${line} ${field}`))
  const advice = '`good` in test/support/attack-scene.ts needs a body of each operation, whole'
  assertSameLines(tested, all, advice)
})

/**
 * What a careless query builder would take for a condition, and what a careless parser would
 * convert.
 */
const notTexts: unknown[] = [
  ...[{}, { not: '' }, { contains: '' }, { startsWith: '' }, { in: ['a'] }, { gte: '' }],
  ...[{ equals: 'a' }, { set: 'a' }, { path: [], string_contains: '' }, { connect: { id: 'a' } }],
  ...[{ OR: [{}] }, { AND: [] }, { NOT: {} }, { $ne: null }, { $gt: '' }, { $regex: '.*' }],
  ...[[], ['a'], [['a']], [{}], 0, 1, -1, 1.5, 1e300, true, false],
]

test('an operator of the database or a wrong type in any field of any body is 400 and changes nothing', async () => {
  const here = await theScene()
  const before = await digestOf(here.server)

  await eachBody(here, async (send, body, line) => {
    for (const value of notTexts) {
      const answer = await send(
        Object.fromEntries(Object.keys(body).map((field) => [field, value])),
      )
      const { errors = [] } = answer.json<{ errors?: { pointer: string; code: string }[] }>()
      const ofFields = errors.filter(({ pointer }) => !pointer.includes('/', 1))
      const wrong = ofFields
        .filter(({ code }) => code === 'wrong_type')
        .map(({ pointer }) => pointer)
      const isRight = (field: string) => typeOf(body[field]) === typeOf(value)
      const all = Object.keys(body).flatMap((field) => (isRight(field) ? [] : [`/${field}`]))
      assert.deepEqual([answer.statusCode, wrong.sort()], [400, all.sort()], `${line} ${value}`)
    }
  })

  assert.equal(await digestOf(here.server), before)
})

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value
}

test('no body can set the identity or the role of its sender', async () => {
  const here = await theScene()
  const before = await digestOf(here.server)
  // Read-only members are passed over: ../read-only.test.ts.
  const identity = ['userId', 'sub', 'sid', 'sessionId', 'user', 'roles']
  const powers = ['isAdmin', 'admin', 'scope', 'amr', 'deletionDueAt', 'passwordHash', 'searchNo']
  const inherited = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']
  const names = [...identity, ...powers, ...inherited, 'where', 'include', 'select']

  await eachBody(here, async (send, body) => {
    const more = Object.fromEntries(names.map((name) => [name, here.person.user.id]))
    assertFaults(
      await send({ ...body, ...more }),
      names.map((name) => `/${name} unknown_field`),
    )
  })

  assert.equal(await digestOf(here.server), before)
})

test('the names of prototypes are refused in every body, on top and inside', async () => {
  const here = await theScene()
  const before = await digestOf(here.server)
  const poisons = [
    '"__proto__":{"polluted":true}',
    '"\\u005f_proto__":{"polluted":true}',
    '"constructor":{"prototype":{"polluted":true}}',
  ]

  await eachBody(here, async (send, body) => {
    const text = JSON.stringify(body)
    const [field = ''] = Object.keys(body)
    for (const poison of poisons) {
      const inside = JSON.stringify({ ...body, [field]: null }).replace('null', `{${poison}}`)
      for (const payload of [text.replace('{', `{${poison},`), inside, `[{${poison}}]`]) {
        const answer = await send(payload, { 'content-type': 'application/json' })
        assertProblem(answer, 'malformed_request', { detail: 'The body is not valid JSON.' })
      }
    }
  })

  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  assert.equal(await digestOf(here.server), before)
})

test('a form cannot smuggle in an object, a list or a prototype', async () => {
  const { server, person } = await theScene()
  const before = await digestOf(server)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const known = `username=${person.username}&password=${encodeURIComponent(PASSWORD)}`

  for (const line of ['POST /login', 'POST /register']) {
    for (const [form, name] of [
      ['username[not]=&password[not]=', 'username[not]'],
      [`${known}&password[]=x`, 'password[]'],
      [`${known}&__proto__=x`, '__proto__'],
      [`${known}&__proto__[polluted]=1`, '__proto__[polluted]'],
      [`${known}&constructor.prototype.polluted=1`, 'constructor.prototype.polluted'],
      [`${known}&role=admin`, 'role'],
    ] as const) {
      const { statusCode, body } = await call(server, line, form, headers)
      assert.equal(statusCode, 400, body)
      const { errors } = JSON.parse(body) as { errors: { pointer: string; code: string }[] }
      assert.ok(errors.some((issue) => issue.pointer === `/${name}`, body))
    }
    for (const name of ['username', 'password']) {
      const repeated = await call(server, line, `${known}&${name}=x`, headers)
      assert.match(repeated.body, new RegExp(`"pointer":"/${name}","code":"wrong_type"`))
    }
  }

  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  assert.equal(await digestOf(server), before)
})

/** What does its work without a body, with a query or without. */
const endsSomething = new Set([
  ...NEVER_REFUSE,
  'DELETE /sessions',
  'DELETE /sessions/{id}',
  'DELETE /houses/{id}',
  'DELETE /houses/{id}/photos/{photoId}',
])

test('an operator in a query string does nothing', async () => {
  const here = await theScene()
  const { server, person } = here
  const before = await digestOf(server)
  const queries = ['id[not]=x', 'where[OR][]=1', '__proto__[x]=1', 'userId=1', '$where=1']
  const lines = (await operationsOf(server)).map(({ line }) => line)
  const withQuery = linesWithQuery(await documentOf(server))

  for (const line of lines.filter((each) => !endsSomething.has(each))) {
    const [method, path = ''] = line.split(' ')
    for (const query of queries) {
      const address = `${method} ${addressOf(path, here)}?${query}`
      const answer = await call(server, address, undefined, bearer(person.access_token))
      // A route without parameters passes its query over; what needs a body says so.
      if (withQuery.includes(line)) assert.equal(answer.statusCode, 400, answer.body)
      else assert.ok(answer.statusCode < 500, `${line} ${answer.body}`)
    }
  }

  assert.equal(await digestOf(server), before)
})

test('an operator in an address is refused by every operation', async () => {
  const { server, person } = await theScene()
  const before = await digestOf(server)
  const ids = ['{"not":""}', "' OR '1'='1", '../me', 'null', 'undefined', '[object Object]']
  const lines = (await operationsOf(server)).map(({ line }) => line)

  for (const line of lines.filter((each) => each.includes('{'))) {
    for (const id of ids) {
      const address = line.replaceAll(/\{\w+\}/g, encodeURIComponent(id))
      const answer = await call(server, address, undefined, bearer(person.access_token))
      // A provider may have one of these names; its callback is answered with 410.
      assert.match(String(answer.statusCode), /^4(?:0[04]|10)$/, `${line} ${id}`)
    }
  }

  assert.equal(await digestOf(server), before)
})

test('broken text is refused in every field, and a NUL in every field but passwords', async () => {
  const here = await theScene()
  const before = await digestOf(here.server)

  await eachBody(here, async (send, body, line) => {
    // A token with such a character is a bad token, which is another answer.
    const { refresh_token: _token, challenge: _challenge, ...texts } = body
    for (const [field, text] of Object.entries(texts)) {
      const takesNul = /password/i.test(field)
      const broken = ['\ud800', '\udc00', `${text}\ud83d`, `\udd8a${text}`]
      for (const value of takesNul ? broken : [...broken, `${text}\0`]) {
        const answer = await send({ ...body, [field]: value })
        assert.equal(answer.statusCode, 400, `${line} ${field}: ${answer.body}`)
      }
    }
  })

  assert.equal(await digestOf(here.server), before)
})
