// runs once
// What gateways send to /verify: the method, the address and the headers of their client's request.
import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { bearer, signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'

// CONNECT asks a proxy for a tunnel; there is no such thing here.
const methods = METHODS.filter((method) => method !== 'CONNECT')

async function gateway(server: TestServer) {
  const { access_token: token, user, sessionId } = await signedUp(server)
  const expected = (await server.inject({ url: '/verify', headers: bearer(token) })).json()
  assert.deepEqual([expected.sub, expected.sid], [user.id, sessionId])
  const ask = (method: string, url: string, options: InjectOptions = {}) =>
    server.inject({
      method: method as 'GET',
      url,
      ...options,
      headers: { ...bearer(token), ...options.headers },
    })
  async function assertVerified(method: string, url: string, options: InjectOptions = {}) {
    const answer = await ask(method, url, options)
    const place = `${method} ${url.slice(0, 60)} ${JSON.stringify(options.headers ?? {})}`
    assert.equal(answer.statusCode, 200, `${place}: ${answer.body}`)
    const { headers } = answer
    assert.deepEqual([headers['x-user-id'], headers['x-user-role']], [user.id, 'user'], place)
    assert.equal(headers['cache-control'], 'no-store')
    if (method === 'HEAD') assert.equal(answer.body, '')
    else assert.deepEqual(answer.json(), expected, place)
  }
  return { token, assertVerified }
}

test('/verify and all below it answer to every method what GET /verify answers', async (t) => {
  const server = await startServer(t)
  const { assertVerified } = await gateway(server)

  for (const method of methods) {
    for (const url of [
      '/verify',
      '/verify/',
      '/verify/houses/7?page=1&page=2&x=',
      '/verify/a/b/../c/%E6%B5%B7;v=1',
      `/verify/${'long'.repeat(500)}`,
      '/verify?access_token=x',
    ]) {
      await assertVerified(method, url)
    }
  }
})

test('/verify refuses a missing and a bad token with every method', async (t) => {
  const server = await startServer(t)

  for (const method of methods.filter((name) => name !== 'HEAD')) {
    for (const url of ['/verify', '/verify/houses']) {
      const options = { method: method as 'GET', url }
      assertProblem(await server.inject(options), 'unauthenticated')
      const headers = bearer('forged')
      assertProblem(await server.inject({ ...options, headers }), 'invalid_token')
    }
  }
})

test('/verify passes over a body of any kind and size', async (t) => {
  const server = await startServer(t)
  const { assertVerified } = await gateway(server)
  const bodies: [string, string | Buffer][] = [
    ['application/json', '{"a":'],
    ['application/json', ''],
    ['application/json; charset=latin1', '"é"'],
    ['application/x-www-form-urlencoded', 'a=1&a=2&%'],
    ['multipart/form-data', 'no boundary'],
    ['application/grpc', Buffer.from([0, 0, 0, 0, 1, 7])],
    ['text/plain', 'x'.repeat(63_000)],
    ['image/png', Buffer.alloc(3_000_000)],
    ['no type at all', 'x'],
    ['', 'x'],
  ]

  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND']) {
    for (const [type, payload] of bodies) {
      for (const url of ['/verify', '/verify/houses']) {
        const headers = { 'content-type': type, accept: 'audio/ogg', 'content-encoding': 'zstd' }
        await assertVerified(method, url, { payload, headers })
      }
    }
  }
})

test('/verify does not wait for a body that a gateway announces and never sends', async (t) => {
  const { app, ...server } = await startServer(t)
  const { token } = await gateway({ app, ...server })

  for (const announced of ['Content-Length: 17', 'Transfer-Encoding: chunked']) {
    for (const method of ['GET', 'POST', 'PUT', 'PROPFIND']) {
      const connection = await rawConnection(t, app)
      const head = `Host: x\r\nAuthorization: Bearer ${token}\r\n${announced}\r\n`
      connection.say(`${method} /verify HTTP/1.1\r\n${head}\r\n`)
      while (!connection.heard().includes('"expiresAt"')) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      assert.match(connection.heard(), /^HTTP\/1\.1 200 OK\r\n/)
      // The next request of the connection would be taken for the body.
      assert.match(connection.heard(), /\r\nconnection: close\r\n/i)
    }
  }
})

test('/verify closes the connection behind a body, so that nothing in it is taken for a request', async (t) => {
  const { app, ...server } = await startServer(t)
  const { token } = await gateway({ app, ...server })
  const connection = await rawConnection(t, app)
  const authorization = `Host: x\r\nAuthorization: Bearer ${token}\r\n`
  const body = 'GET /livez HTTP/1.1\r\n'.repeat(10_000)

  connection.say(`POST /verify HTTP/1.1\r\n${authorization}Content-Length: ${body.length}\r\n\r\n`)
  connection.say(body)

  const statuses = (await connection.answers()).map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [200])
})

test('a preflight for /verify stays a preflight, and one below it is a request like any other', async (t) => {
  const frontend = 'https://app.example.com'
  const server = await startServer(t, { env: { CORS_ORIGINS: frontend } })
  const { assertVerified } = await gateway(await startServer(t))
  const asked = { 'access-control-request-method': 'POST' }

  const preflight = (origin: string, url = '/verify') =>
    server.inject({ method: 'OPTIONS', url, headers: { origin, ...asked } })

  await assertVerified('OPTIONS', '/verify/x')
  const allowed = await preflight(frontend)
  const refused = await preflight('https://evil.example')
  assert.equal(allowed.statusCode, 204)
  assert.equal(allowed.headers['access-control-allow-origin'], frontend)
  assert.equal(allowed.headers['x-user-id'], undefined)
  assert.equal(refused.headers['access-control-allow-origin'], undefined)
  assert.equal(refused.headers['x-user-id'], undefined)
  assertProblem(await preflight(frontend, '/verify/x'), 'unauthenticated')
})

test('nothing but /verify is served with an unusual method', async (t) => {
  const server = await startServer(t)

  for (const method of ['PROPFIND', 'QUERY', 'SEARCH', 'TRACE', 'OPTIONS']) {
    for (const [url, allow] of [
      ['/livez', 'GET, HEAD'],
      ['/verify-me', undefined],
      ['/login', 'POST'],
    ]) {
      const answer = await server.inject({ method: method as 'GET', url: String(url) })
      const code = allow === undefined ? 'not_found' : 'method_not_allowed'
      assertProblem(answer, code, allow === undefined ? {} : { headers: { allow } })
    }
  }
})

test('/verify answers 429 to bad tokens beyond 600 a minute from one address, and to no others', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const ended = await signedUp(server)
  await server.inject({ method: 'POST', url: '/logout', headers: bearer(ended.access_token) })
  const [address, neighbour] = ['2001:db8:1:1::1', '2001:db8:1:1::2']
  const ask = (token: string | undefined, remoteAddress: string, method = 'GET') =>
    server.inject({
      ...{ method: method as 'GET', url: '/verify', remoteAddress },
      headers: token === undefined ? {} : bearer(token),
    })
  const body = person.access_token.split('.').slice(0, 2).join('.')
  const bad = ['x', 'a.b.c', `${body}.`, `${body}.${'A'.repeat(86)}`, String(person.refresh_token)]
  await leave(bad.length, server, 'bad_token', '2001:db8:1:1::/64')

  // What is no bad token costs nothing.
  assertProblem(await ask(undefined, address), 'unauthenticated')
  assertProblem(await ask(ended.access_token, address), 'session_ended')
  for (const token of bad) assertProblem(await ask(token, address), 'invalid_token')
  for (const token of bad) {
    assertUsedUp(await ask(token, neighbour), 'bad_token', { wait: 60 })
    assertUsedUp(await ask(token, address, 'PATCH'), 'bad_token', { wait: 60 })
  }
  const elsewhere = await ask('x', '192.0.2.1')
  // One that was never seen before, and one that was.
  const { access_token: fresh } = await signedUp(server)
  const genuine = [await ask(fresh, address), await ask(fresh, neighbour)]
  const stillEnded = await ask(ended.access_token, address)
  server.clock.advance(60)
  const later = await ask('x', address)

  assert.deepEqual([genuine[0]?.statusCode, genuine[1]?.statusCode], [200, 200])
  assertProblem(stillEnded, 'session_ended')
  for (const answer of [elsewhere, later]) assertProblem(answer, 'invalid_token')
})
