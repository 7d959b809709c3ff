import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { LightMyRequestResponse } from 'fastify'
import {
  assertNotLogged,
  auditEntries,
  auditTypes,
  call,
  liveSessions,
  refreshCookie,
  withCookie,
} from '../support/answers.ts'
import {
  bearer,
  type Opened,
  type Person,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'

/** The one answer to signing out, whatever was shown. */
function assertSignedOut(response: LightMyRequestResponse, clearsCookie = false): void {
  assert.equal(response.statusCode, 200, response.body)
  assert.equal(response.headers['cache-control'], 'no-store')
  assert.equal(response.headers['www-authenticate'], undefined)
  assert.equal(response.headers['clear-site-data'], undefined)
  assert.deepEqual(response.json(), { message: 'You are signed out.' })
  assert.equal(response.headers['set-cookie'], clearsCookie ? refreshCookie('', 0) : undefined)
}

async function assertOver(server: TestServer, { access_token, refresh_token, cookie }: Person) {
  const verify = await call(server, 'GET /verify', undefined, bearer(access_token))
  assertProblem(verify, 'session_ended')
  const refreshed =
    cookie === undefined
      ? await refresh(server, refresh_token)
      : await call(server, 'POST /refresh', undefined, withCookie(cookie))
  assertProblem(refreshed, 'session_ended')
}

type Way = (server: TestServer, person: Person) => Promise<LightMyRequestResponse>

const ways: Record<string, Way> = {
  'the access token': (server, { access_token }) =>
    call(server, 'POST /logout', undefined, bearer(access_token)),
  'the refresh token in the body': (server, { refresh_token }) =>
    call(server, 'POST /logout', { refresh_token }),
  'the refresh token as bearer': (server, { refresh_token }) =>
    call(server, 'POST /logout', undefined, bearer(refresh_token)),
  'both tokens': (server, { access_token, refresh_token }) =>
    call(server, 'POST /logout', { refresh_token }, bearer(access_token)),
  'an expired access token': (server, { access_token }) => {
    server.clock.advance(901)
    return call(server, 'POST /logout', undefined, bearer(access_token))
  },
  'a spent refresh token': async (server, { refresh_token }) => {
    await refresh(server, refresh_token)
    server.clock.advance(31)
    return call(server, 'POST /logout', { refresh_token })
  },
  'the refresh token beside a broken bearer': (server, { refresh_token }) =>
    call(server, 'POST /logout', { refresh_token }, bearer('broken')),
}

for (const [what, leave] of Object.entries(ways)) {
  test(`POST /logout with ${what} ends that session and no other`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)
    const other = await signedIn(server, person)

    const response = await leave(server, person)

    assertSignedOut(response)
    await assertOver(server, person)
    const next = (await refresh(server, other.refresh_token)).json<Opened>()
    assert.deepEqual(await liveSessions(server, next.access_token), [other.sessionId])
    const { user, sessionId } = person
    const entry = { type: 'signed_out', userId: user.id, sessionId, detail: null }
    const entries = await auditEntries(server)
    assert.deepEqual(
      entries.filter(({ type }) => type === 'signed_out'),
      [entry],
    )
    assertNotLogged(server, [person.access_token, person.refresh_token])
  })
}

test('POST /logout with the cookie ends the session and drops the cookie', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })

  const response = await call(server, 'POST /logout', undefined, withCookie(person.cookie))

  assertSignedOut(response, true)
  await assertOver(server, person)
})

test('POST /logout with a dead bearer beside the cookie still signs out', async (t) => {
  const server = await startServer(t)

  for (const stale of ['broken', 'dead.dead.dead']) {
    const person = await signedUp(server, { transport: 'cookie' })
    const headers = { ...withCookie(person.cookie), ...bearer(stale) }
    assertSignedOut(await call(server, 'POST /logout', undefined, headers), true)
    await assertOver(server, person)
  }
})

test('POST /logout with the access token of a cookie session drops its cookie', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server, { transport: 'cookie' })
  const headers = { ...withCookie(person.cookie), ...bearer(person.access_token) }

  assertSignedOut(await call(server, 'POST /logout', undefined, headers), true)

  await assertOver(server, person)
})

test('POST /logout by bearer leaves the cookie session of somebody else alone', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const browser = await signedUp(server, { transport: 'cookie' })

  const headers = { ...withCookie(browser.cookie), ...bearer(person.access_token) }
  const response = await call(server, 'POST /logout', undefined, headers)

  assertSignedOut(response)
  await assertOver(server, person)
  assert.deepEqual(await liveSessions(server, browser.access_token), [browser.sessionId])
})

test('POST /logout twice answers the same and records it once', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const leave = () => call(server, 'POST /logout', undefined, bearer(access_token))

  const [first, second] = [await leave(), await leave()]

  assertSignedOut(first)
  assertSignedOut(second)
  const out = (await auditTypes(server)).filter((type) => type === 'signed_out')
  assert.equal(out.length, 1)
})

test('POST /logout without a credential, or with a worthless one, is fine and ends nothing', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const half = person.access_token.slice(0, -9)

  const responses = [
    await call(server, 'POST /logout'),
    await call(server, 'POST /logout', {}),
    await call(server, 'POST /logout', { refresh_token: '' }),
    await call(server, 'POST /logout', { refresh_token: 'not.a.token' }),
    await call(server, 'POST /logout', { refresh_token: person.access_token }),
    await call(server, 'POST /logout', undefined, bearer('not.a.token')),
    await call(server, 'POST /logout', undefined, bearer(half)),
    await call(server, 'POST /logout', undefined, { authorization: 'Basic eDp5' }),
  ]

  for (const response of responses) assertSignedOut(response)
  assert.deepEqual(await liveSessions(server, person.access_token), [person.sessionId])
})

test('POST /logout with a worthless cookie drops it', async (t) => {
  const server = await startServer(t)

  assertSignedOut(await call(server, 'POST /logout', undefined, withCookie('planted')), true)
})

type Body = string | Buffer

/** A refresh token as clients of all kinds put it into a body. */
const carriers: Record<string, (token: string) => Body> = {
  JSON: (token) => JSON.stringify({ refresh_token: token }),
  'JSON with a byte order mark': (token) => `\ufeff${JSON.stringify({ refresh_token: token })}`,
  'JSON with more fields': (token) => JSON.stringify({ all: true, a: [{}], refresh_token: token }),
  'a form': (token) => `refresh_token=${token}`,
  'a form with more fields': (token) => `all=true&submit=&refresh_token=${token}`,
  'a form with parts': (token) =>
    `--b\r\nContent-Disposition: form-data; name="refresh_token"\r\n\r\n${token}\r\n--b--\r\n`,
}
const anyTypes = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  'text/plain;charset=UTF-8',
  'application/octet-stream',
  'application/json; charset=latin1',
  'nonsense',
]

for (const [what, bodyOf] of Object.entries(carriers)) {
  test(`POST /logout finds the refresh token in ${what}, with any Content-Type`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)

    for (const type of anyTypes) {
      const session = await signedIn(server, person)
      const headers = { 'content-type': type }
      const body = bodyOf(session.refresh_token ?? '')
      assertSignedOut(await call(server, 'POST /logout', body, headers))
      assert.ok(
        !(await liveSessions(server, person.access_token)).includes(session.sessionId),
        type,
      )
    }
  })
}

const worthless: Record<string, Body> = {
  nothing: '',
  'broken JSON': '{"refresh_token":',
  null: 'null',
  'a text': '"refresh_token"',
  'a list': '[{"refresh_token":1}]',
  'a token of another type': '{"refresh_token":{"not":""}}',
  'a token that is too long': JSON.stringify({ refresh_token: 'x'.repeat(5000) }),
  'a prototype': '{"__proto__":{"refresh_token":"x"},"constructor":{"prototype":{}}}',
  'a member twice': '{"a":1,"a":2}',
  'endless nesting': '['.repeat(60_000),
  'thousands of fields': 'a=1&'.repeat(10_000),
  'bytes that are no text': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  'packed bytes': gzipSync('{}'),
  'a broken form': 'a=%&refresh_token=%zz',
  'a broken form with parts': '--b\r\nContent-Disposition: nothing\r\n\r\n',
  'a body over the limit': 'x'.repeat(65_537),
  'a body far over the limit': Buffer.alloc(3_000_000, '['),
}
for (const [what, body] of Object.entries(worthless)) {
  test(`POST /logout with ${what} for a body ends the session that the header names`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server)

    for (const [type, encoding] of [
      ['application/json', undefined],
      ['application/x-www-form-urlencoded', undefined],
      ['multipart/form-data; boundary=b', undefined],
      ['image/png', 'gzip'],
    ]) {
      const { access_token, sessionId } = await signedIn(server, person)
      const coded = encoding === undefined ? {} : { 'content-encoding': encoding }
      const headers = { ...bearer(access_token), 'content-type': String(type), ...coded }
      assertSignedOut(await call(server, 'POST /logout', body, headers))
      assert.ok(!(await liveSessions(server, person.access_token)).includes(sessionId), type)
    }
    const cookie = await signedIn(server, person, { transport: 'cookie' })
    const headers = { ...withCookie(cookie.cookie), 'content-type': 'application/json' }
    assertSignedOut(await call(server, 'POST /logout', body, headers), true)
    assert.equal((await liveSessions(server, person.access_token)).length, 1)
  })
}

test('POST /logout reads no more than 64 KiB, and its connection carries the next request', async (t) => {
  const server = await startServer(t)
  const { access_token, refresh_token } = await signedUp(server)
  const connection = await rawConnection(t, server.app)
  const hidden = JSON.stringify({ pad: 'x'.repeat(70_000), refresh_token })
  const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n`
  const head = 'POST /logout HTTP/1.1\r\nHost: localhost\r\n'
  const before = process.memoryUsage().arrayBuffers

  connection.say(`${head}Transfer-Encoding: chunked\r\n\r\n`)
  for (let sent = 0; sent < 30; sent++) connection.say(chunk)
  connection.say('0\r\n\r\n')
  connection.say(
    `GET /me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${access_token}\r\nConnection: close\r\n\r\n`,
  )
  const answers = await connection.answers()

  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200],
  )
  assert.ok(process.memoryUsage().arrayBuffers - before < 30_000_000)
})

/**
 * A sign-out whose JSON body of so many bytes ends with the token, as raw bytes, in one piece or in
 * two.
 */
function sizedSignOut(token: string, bytes: number, isChunked: boolean): string {
  const rest = JSON.stringify({ pad: '', refresh_token: token })
  const body = rest.replace('""', `"${'x'.repeat(bytes - rest.length)}"`)
  const half = body.length / 2
  const chunks = [body.slice(0, half), body.slice(half), ''].map(
    (piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`,
  )
  const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`
  const head = `POST /logout HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`
  return head + (isChunked ? chunks.join('') : body)
}

for (const isChunked of [false, true]) {
  const kind = isChunked ? 'chunked body' : 'body'
  test(`POST /logout finds a token in a ${kind} of 64 KiB, and looks for none in a longer one`, async (t) => {
    const server = await startServer(t)
    const outcomes = []

    for (const bytes of [65_536, 65_537, 200_000]) {
      const person = await signedUp(server)
      const connection = await rawConnection(t, server.app)
      connection.say(sizedSignOut(person.refresh_token ?? '', bytes, isChunked))
      while (!connection.heard().includes('\r\n\r\n')) await new Promise(setImmediate)
      const isClosed = /\r\nconnection: close\r\n/i.test(connection.heard())
      const { statusCode } = await call(server, 'GET /me', undefined, bearer(person.access_token))
      outcomes.push([bytes, statusCode, isClosed])
    }

    assert.deepEqual(outcomes, [
      [65_536, 401, false],
      [65_537, 200, !isChunked],
      [200_000, 200, !isChunked],
    ])
  })
}

test('POST /logout waits for no end of a body over 64 KiB, and uses nothing of it', async (t) => {
  const server = await startServer(t)
  const { access_token, refresh_token } = await signedUp(server)
  const connection = await rawConnection(t, server.app)
  const start = `refresh_token=${refresh_token}&pad=`
  const pieces = [start, ...Array(5).fill('x'.repeat(16_384))]

  connection.say('POST /logout HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (const piece of pieces) {
    connection.say(`${piece.length.toString(16)}\r\n${piece}\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const deadline = Date.now() + 10_000
  while (!connection.heard().includes('\r\n\r\n')) {
    assert.ok(Date.now() < deadline, 'it waits for the end')
    await new Promise(setImmediate)
  }
  const me = await call(server, 'GET /me', undefined, bearer(access_token))
  connection.socket.destroy()

  assert.deepEqual([connection.heard().slice(9, 12), me.statusCode], ['200', 200])
})

test('other spellings of a token that was signed out do not evade it', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  // The last character of a 64 byte signature has four spare bits: 16 spellings of one token.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(access_token.slice(-1))
  const twins = [...alphabet].filter((_, index) => index >> 4 === last >> 4)
  const verify = (end: string) =>
    call(server, 'GET /verify', undefined, bearer(access_token.slice(0, -1) + end))
  const before = await Promise.all(twins.map(verify))
  const genuine = before.map(({ statusCode }) => statusCode === 200)

  await call(server, 'POST /logout', undefined, bearer(access_token))
  const after = await Promise.all(twins.map(verify))

  assert.equal(twins.length, 16)
  assert.ok(genuine[last & 15])
  for (const [index, response] of after.entries()) {
    assertProblem(response, genuine[index] ? 'session_ended' : 'invalid_token')
  }
})
