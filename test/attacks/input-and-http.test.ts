// What is shown elsewhere: bodies that are no JSON, depth, size, duplicate keys, byte order marks, media
// types and query strings in ../wire.test.ts; broken framing, expectations, floods, and headers and bodies
// that come slowly on one connection in ../wire-raw.test.ts; filters of a list in ../house-lists.test.ts;
// forms with files in ../uploads.test.ts; which address counts, behind proxies and in IPv6, in
// ../network-budgets.test.ts; a Redis that is away in ../redis.test.ts. Not built: addresses in mail.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { healthRoutes } from '../../src/features/health/routes.ts'
import { createServer } from '../../src/http/server.ts'
import { call } from '../answers.ts'
import { databaseKind, startServer, uniqueName } from '../helper.ts'
import { type House, newHouse, sharedServer } from '../houses.ts'
import { digestOf, operationsOf } from '../operations.ts'
import {
  bearer,
  DEVICE_COOKIE,
  PASSWORD,
  type Person,
  REFRESH_COOKIE,
  signedUp,
} from '../people.ts'
import { aPicture, formWith } from '../pictures.ts'
import { assertFaults, assertProblem } from '../problems.ts'
import { exchange, rawConnection } from '../raw-http.ts'
import { routesOf } from '../routes.ts'

const theServer = sharedServer({
  RATE_LIMITS: 'off',
  // So that there is more to be forged.
  TRUST_PROXY: '127.0.0.1,10.0.0.0/8',
})

/** Somebody who has a house with a photo. */
async function makeScene() {
  const server = await theServer()
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  const { payload, headers } = formWith(await aPicture('png'))
  const sent = await call(server, `POST /houses/${house.id}/photos`, payload, {
    ...headers,
    ...bearer(person.access_token),
  })
  assert.equal(sent.statusCode, 201, sent.body)
  return { server, person, house, photoId: sent.json<{ id: string }>().id }
}

let made: Promise<Scene> | undefined

/** The same for all attacks, since none of them may change anything. */
function theScene(): Promise<Scene> {
  made ??= makeScene()
  return made
}

type Scene = Awaited<ReturnType<typeof makeScene>>

/** The address of an operation, about things that are there. */
function addressOf(path: string, { house, photoId }: Pick<Scene, 'house' | 'photoId'>): string {
  return path
    .replace('{id}', house.id)
    .replace('{photoId}', photoId)
    .replace('{code}', 'not_found')
    .replace('/docs/*', '/docs/static/swagger-ui.css')
}

/**
 * A body of each operation that takes one: with all its fields, and good in each of them. Fields of which
 * only one may be there are in bodies of their own.
 */
const good: Record<string, (person: Person, house: House) => Record<string, unknown>> = {
  'POST /register': () => ({
    username: uniqueName(),
    email: `${uniqueName('mail')}@example.com`,
    password: PASSWORD,
    passwordConfirm: PASSWORD,
    name: 'Ada',
    transport: 'body',
  }),
  'POST /login': ({ username }) => ({ username, password: PASSWORD, transport: 'body' }),
  'POST /login email': ({ email }) => ({ email, password: PASSWORD }),
  'POST /refresh': ({ refresh_token }) => ({ refresh_token }),
  'PATCH /me': () => ({
    name: 'Ada',
    email: `${uniqueName('mail')}@example.com`,
    username: uniqueName(),
    currentPassword: PASSWORD,
  }),
  'DELETE /me': () => ({ currentPassword: PASSWORD }),
  'PUT /password': () => ({
    currentPassword: PASSWORD,
    newPassword: 'another horse, another battery',
    newPasswordConfirm: 'another horse, another battery',
  }),
  'POST /houses': () => aProject(),
  'PUT /houses/{id}': () => aProject(),
  'PATCH /houses/{id}': () => aProject(),
}

const aProject = () => ({
  projectNo: uniqueName('P'),
  projectName: 'Haus',
  projectAddress: 'Am Markt 1',
})

/** It passes over whatever its body holds. */
const NEVER_REFUSES = 'POST /logout'

/** Sends a body to each operation that may refuse one, made from a good one. */
async function eachBody(
  { server, person, house, photoId }: Scene,
  work: (
    send: (payload: InjectOptions['payload'], headers?: object) => Promise<LightMyRequestResponse>,
    body: Record<string, unknown>,
    line: string,
  ) => Promise<void>,
): Promise<void> {
  for (const [line, make] of Object.entries(good)) {
    const [method = '', path = ''] = line.split(' ')
    const url = addressOf(path, { house, photoId })
    const send = (payload: InjectOptions['payload'], headers = {}) =>
      call(server, `${method} ${url}`, payload, { ...bearer(person.access_token), ...headers })
    await work(send, make(person, house), line)
  }
}

test('the bodies of these tests are all that the document has, with all their fields', async () => {
  const { server, person, house } = await theScene()

  const documented = (await operationsOf(server)).filter(
    ({ line, fields }) => fields.length > 0 && line !== NEVER_REFUSES,
  )

  const tested = Object.entries(good).flatMap(([name, make]) => {
    const line = name.split(' ', 2).join(' ')
    return Object.keys(make(person, house)).map((field) => `${line} ${field}`)
  })
  const all = documented.flatMap(({ line, fields }) => fields.map((field) => `${line} ${field}`))
  assert.deepEqual([...new Set(tested)].sort(), all.sort())
})

/** What a careless query builder would take for a condition, and what a careless parser would convert. */
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
      const wrong = errors.filter(({ code }) => code === 'wrong_type').map(({ pointer }) => pointer)
      const all = Object.keys(body).map((field) => `/${field}`)
      assert.deepEqual([answer.statusCode, wrong.sort()], [400, all.sort()], `${line} ${value}`)
    }
  })

  assert.equal(await digestOf(here.server), before)
})

test('nobody says in a body who they are or what they may do', async () => {
  const here = await theScene()
  const before = await digestOf(here.server)
  // Read-only members are passed over: ../read-only.test.ts.
  const identity = ['userId', 'sub', 'sid', 'sessionId', 'user', 'roles']
  const powers = ['isAdmin', 'admin', 'scope', 'amr', 'disabledAt', 'passwordHash', 'searchNo']
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
      assert.ok(errors.some((fault) => fault.pointer === `/${name}`, body))
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
  NEVER_REFUSES,
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

  for (const line of lines.filter((each) => !endsSomething.has(each))) {
    const [method, path = ''] = line.split(' ')
    for (const query of queries) {
      const address = `${method} ${addressOf(path, here)}?${query}`
      const answer = await call(server, address, undefined, bearer(person.access_token))
      // A route without parameters passes its query over; what needs a body says so.
      if (line === 'GET /houses') assert.equal(answer.statusCode, 400, answer.body)
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
      assert.match(String(answer.statusCode), /^40[04]$/, `${line} ${id}`)
    }
  }

  assert.equal(await digestOf(server), before)
})

test('broken text is refused in every field, and a NUL in every field but passwords', async () => {
  const here = await theScene()
  const before = await digestOf(here.server)

  await eachBody(here, async (send, body, line) => {
    // A token with such a character is a bad token, which is another answer.
    const { refresh_token: _token, ...texts } = body
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

// What follows does not depend on the database.
if (databaseKind === 'sqlite') {
  const LONG = 50_000
  /** Texts on which patterns that look back take the square of their length, or worse. */
  const costly: Record<string, string> = {
    'a letter': 'a'.repeat(LONG),
    'a letter with an odd end': `${'a'.repeat(LONG)}!`,
    'the sign of an address': '@'.repeat(LONG),
    'an address without a dot': `a@${'a'.repeat(LONG)}`,
    'an address of dots': `a@${'a.'.repeat(LONG / 2)}`,
    'an address of hyphens': `a@${'a-'.repeat(LONG / 2)}`,
    'a token of dots': 'a.'.repeat(LONG / 2),
    spaces: ' '.repeat(LONG),
    'characters that are escaped': '"\\'.repeat(LONG / 4),
    'marks that are sorted': `a${'\u0301\u0323'.repeat(LONG / 5)}`,
    'letters that are composed': '각'.normalize('NFD').repeat(LONG / 10),
    'a letter that unfolds to eighteen': '\ufdfa'.repeat(LONG / 4),
  }

  test('the texts that cost a bad pattern most are refused in no time, in every field', async () => {
    const here = await theScene()

    await eachBody(here, async (send, body, line) => {
      for (const field of Object.keys(body)) {
        for (const [what, text] of Object.entries(costly)) {
          const { answer, milliseconds } = await timed(() => send({ ...body, [field]: text }))
          assert.equal(answer.statusCode, 400, `${line} ${field}: ${what}`)
          assert.ok(milliseconds < 100, `${line} ${field}: ${what} took ${milliseconds} ms`)
        }
      }
    })
  })

  const FLOOD = 15_000
  /** Headers as long as they may be, by what reads them. */
  const floods: [name: string, value: string][] = [
    ['accept', 'a/b;q=0.1,'.repeat(FLOOD / 10)],
    ['accept', `${','.repeat(FLOOD)}x`],
    ['authorization', `Bearer ${'a.'.repeat(FLOOD / 2)}`],
    ['authorization', `Bearer ${' '.repeat(FLOOD)}`],
    ['cookie', `${REFRESH_COOKIE}=a.b.c; `.repeat(FLOOD / 24)],
    ['cookie', `${DEVICE_COOKIE}=${'a.b~'.repeat(FLOOD / 4)}`],
    ['cookie', 'a='.repeat(FLOOD / 2)],
    ['content-type', `application/json;${' '.repeat(FLOOD)}x`],
    ['content-type', `application/json${'; charset='.repeat(FLOOD / 10)}`],
    ['content-type', `multipart/form-data; boundary=${'-'.repeat(FLOOD)}`],
    ['if-none-match', `${'"a",'.repeat(FLOOD / 4)}x`],
    ['if-match', `"a"${', '.repeat(FLOOD / 2)}x`],
    ['if-match', 'W/"'.repeat(FLOOD / 3)],
    ['idempotency-key', 'k'.repeat(FLOOD)],
    ['origin', `https://${'a.'.repeat(FLOOD / 2)}`],
    ['user-agent', '\u00e9'.repeat(FLOOD)],
    ['x-forwarded-for', '10.0.0.1,'.repeat(FLOOD / 9)],
    ['x-forwarded-host', 'a'.repeat(FLOOD)],
    ['range', `bytes=${'0-1,'.repeat(FLOOD / 4)}`],
  ]

  test('a flood in any header that is read costs nothing and breaks nothing', async () => {
    const server = await theServer()
    const person = await signedUp(server)
    const house = `/houses/${(await newHouse(server, person)).id}`
    const reads = ['GET /me', 'GET /problems', `GET ${house}`]
    const writes = ['POST /login', 'POST /refresh', 'POST /houses', `PATCH ${house}`]

    for (const line of [...reads, ...writes, `POST ${house}/photos`, 'POST /logout']) {
      for (const [name, value] of floods) {
        const headers = { ...bearer(person.access_token), [name]: value }
        const payload = line.startsWith('GET') ? undefined : '{}'
        const { answer, milliseconds } = await timed(() => call(server, line, payload, headers))
        const what = `${line} ${name}: ${value.slice(0, 30)}`
        assert.ok(answer.statusCode < 500, `${what}: ${answer.body}`)
        assert.ok(milliseconds < 100, `${what} took ${milliseconds} ms`)
      }
    }
  })

  const oddHeaders: Record<string, string>[] = [
    ...['bytes=0-', 'bytes=99999999-', 'bytes=-0', 'bytes=5-1', 'bytes=0-1,5-6', 'lines=1-2'].map(
      (range) => ({ range }),
    ),
    ...['"x"', '*', 'x', 'W/"x"'].map((tag) => ({ 'if-match': tag })),
    { 'if-none-match': 'x' },
    { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
    { 'if-modified-since': 'never' },
    { 'if-range': '"x"', range: 'bytes=0-1' },
    { 'accept-encoding': 'br;q=x, identity;q=0' },
    { 'content-type': 'x' },
    { 'content-type': 'multipart/form-data' },
    { te: 'trailers' },
    { expect: 'tea' },
    { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
  ]

  test('no header makes any address fail, or do what another method does', async () => {
    const here = await theScene()
    const { server, person } = here
    const before = await digestOf(server)
    const routes = routesOf(server).filter((route) => route.startsWith('GET '))

    for (const route of routes) {
      const line = `GET ${addressOf(route.slice('GET '.length), here)}`
      for (const odd of oddHeaders) {
        const headers = { ...bearer(person.access_token), ...odd }
        const { statusCode, body } = await call(server, line, undefined, headers)
        assert.ok(statusCode < 500, `${line} ${JSON.stringify(odd)}: ${statusCode} ${body}`)
      }
    }

    assert.ok(routes.length > 20)
    assert.equal(await digestOf(server), before)
  })

  test('a bomb in any encoding is refused by every operation before it is unpacked', async () => {
    const here = await theScene()
    const { server, person } = here
    const bomb = Buffer.alloc(4_000_000, ' ')
    const encodings: [string, Buffer][] = [
      ['gzip', gzipSync(bomb)],
      ['x-gzip', gzipSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['br', brotliCompressSync(bomb)],
      ['identity, gzip', gzipSync(bomb)],
      ['', gzipSync(bomb)],
    ]

    for (const { line } of await operationsOf(server)) {
      if (line.startsWith('GET ') || line === NEVER_REFUSES) continue
      const [method, path = ''] = line.split(' ')
      for (const [encoding, payload] of encodings) {
        const type = path.endsWith('/photos')
          ? 'multipart/form-data; boundary=b'
          : 'application/json'
        const answer = await call(server, `${method} ${addressOf(path, here)}`, payload, {
          ...bearer(person.access_token),
          'content-type': type,
          'content-encoding': encoding,
        })
        const detail = 'Send the body without Content-Encoding.'
        assertProblem(answer, 'unsupported_media_type', { detail })
      }
    }
  })

  const evilHeaders = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-server': 'evil.example',
    'x-host': 'evil.example',
    'x-original-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-prefix': '/evil',
    'x-original-url': '/evil',
    'x-rewrite-url': '/evil',
    forwarded: 'host=evil.example;proto=gopher',
    referer: 'https://evil.example/',
  }

  test('no address is made of the host that a request names, though its proxy is trusted', async (t) => {
    const here = await theScene()
    const { server, person } = here
    const named = { Host: 'evil.example', ...evilHeaders, ...bearer(person.access_token) }
    const lines = Object.entries(named).map(([name, value]) => `${name}: ${value}\r\n`)
    const addresses = routesOf(server)
      .filter((route) => route.startsWith('GET '))
      .map((route) => addressOf(route.slice('GET '.length), here))

    for (const address of [
      ...addresses,
      '/houses?page=1&size=1',
      '/nowhere',
      '//evil.example/docs',
    ]) {
      for (const target of [address, `http://evil.example${address}`]) {
        const request = `GET ${target} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`
        const { statusCode, headers, body } = await exchange(t, server.app, request)
        assert.ok(statusCode < 500, `${target}: ${body}`)
        assert.doesNotMatch(JSON.stringify(headers) + body, /evil|gopher/, target)
      }
    }
  })

  test('an upgrade makes no tunnel: what follows is read as requests', async (t) => {
    const { server } = await theScene()
    const upgrade = (protocol: string) =>
      [
        'GET /livez HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade, HTTP2-Settings',
        `Upgrade: ${protocol}`,
        'HTTP2-Settings: AAMAAABkAAQAAP__',
        '\r\n',
      ].join('\r\n')
    for (const protocol of ['h2c', 'websocket', 'TLS/1.2, HTTP/1.1']) {
      const connection = await rawConnection(t, server.app)
      connection.say(upgrade(protocol))
      while (!connection.heard().includes('"ok"')) await sleep(1)
      connection.say('GET /me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      const statuses = (await connection.answers()).map(({ statusCode }) => statusCode)
      assert.deepEqual(statuses, [200, 401], protocol)
    }
    const preface = await exchange(t, server.app, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    assert.equal(preface.statusCode, 400)
  })

  test('a client that makes up addresses in every header stays one client, in budgets and in the log', async (t) => {
    const server = await startServer(t)
    const guess = (round: number) => {
      const body = { username: uniqueName(), password: PASSWORD }
      return call(server, 'POST /login', body, forgedAddresses(round))
    }

    for (let round = 0; round < 100; round++) {
      assertProblem(await guess(round), 'invalid_credentials')
    }
    const refused = await guess(100)

    const { code, 'violated-policies': policies } = refused.json()
    assert.deepEqual([refused.statusCode, code, policies], [429, 'rate_limited', ['login_network']])
    const addresses = server.logs.map(({ ip }) => ip).filter((ip) => ip !== undefined)
    assert.deepEqual([...new Set(addresses)], ['127.0.0.1'])
  })

  test('500 connections that send a byte now and then hold up nobody, and are cut off', async (t) => {
    const app = createServer({
      http: { trustProxy: [] },
      log: { level: 'silent' },
      timeouts: { headers: 500, request: 800 },
    })
    t.after(() => app.close())
    await healthRoutes(app, { checks: {} })
    app.post('/things', { config: { optionalBody: true } }, async () => ({ ok: true }))
    await app.listen({ host: '127.0.0.1', port: 0 })
    const inHeaders = 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
    const inBody =
      'POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{'
    const slow = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const connection = await rawConnection(t, app)
        connection.say(index % 2 ? inHeaders : inBody)
        return connection
      }),
    )
    const dripping = setInterval(() => {
      for (const { socket, say } of slow) if (socket.writable) say(' ')
    }, 100)
    t.after(() => clearInterval(dripping))

    const { port } = app.server.address() as { port: number }
    const open = () => slow.filter(({ socket }) => !socket.closed).length
    const [waits, beside]: [number[], number[]] = [[], []]
    while (open() > 0) {
      beside.push(open())
      waits.push(...(await waitsFor(`http://127.0.0.1:${port}/livez`, 1)))
      await sleep(20)
    }
    const answers = await Promise.all(slow.map(({ answers }) => answers()))

    assert.ok(Math.max(...beside) > 250, `${beside} were open`)
    assert.ok(medianOf(waits) < 250, `a wait of ${medianOf(waits)} ms`)
    for (const [answer] of answers) assert.equal(answer?.statusCode, 408)
  })

  test('a client that asks for much at once and reads nothing is not worked for', async (t) => {
    const { server } = await theScene()
    const connection = await rawConnection(t, server.app)
    connection.socket.pause()

    connection.say('GET /problems HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3000))
    connection.say('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const { port } = server.app.server.address() as { port: number }
    const waits = await waitsFor(`http://127.0.0.1:${port}/livez`, 10)
    connection.socket.resume()
    const answers = await connection.answers()

    assert.ok(medianOf(waits) < 250, `a wait of ${medianOf(waits)} ms`)
    const served = answers.filter(({ statusCode }) => statusCode === 200)
    assert.ok(served.length < 100, `${served.length} of 3,000 requests were worked for`)
    assert.equal(answers.at(-1)?.statusCode, 503)
  })
}

/** How long the answer takes; of several when the first one is slow, since the machine has more to do. */
async function timed(ask: () => Promise<LightMyRequestResponse>) {
  let milliseconds = Number.POSITIVE_INFINITY
  for (let attempt = 0; ; attempt++) {
    const from = performance.now()
    const answer = await ask()
    milliseconds = Math.min(milliseconds, performance.now() - from)
    if (milliseconds < 100 || attempt === 4) return { answer, milliseconds }
  }
}

/** Addresses as a client makes them up, a new one each time. */
function forgedAddresses(round: number): Record<string, string> {
  const forged = `198.51.100.${round % 256}`
  return {
    'x-real-ip': forged,
    'true-client-ip': forged,
    'x-client-ip': forged,
    'x-cluster-client-ip': forged,
    'cf-connecting-ip': forged,
    'fastly-client-ip': forged,
    forwarded: `for=${forged}`,
    'x-forwarded-for': forged,
  }
}

/** How long each of some requests took, in milliseconds, one after the other. */
async function waitsFor(url: string, count: number): Promise<number[]> {
  const waits: number[] = []
  for (let round = 0; round < count; round++) {
    const from = performance.now()
    const answer = await fetch(url)
    assert.equal(answer.status, 200)
    await answer.text()
    waits.push(performance.now() - from)
  }
  return waits
}

const medianOf = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
