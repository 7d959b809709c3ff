// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertProblem } from '../support/problems.ts'
import { ID, wire } from '../support/wire-server.ts'

for (const url of [
  '/',
  '/nope',
  '/things',
  '/Page',
  '/page//',
  '//page',
  '/page;x',
  '/things/%2e%2e%2fpage',
]) {
  test(`GET ${url} has no route and is 404 or 405`, async () => {
    const answer = await wire().inject({ url })

    if (url === '/things') {
      assertProblem(answer, 'method_not_allowed', { headers: { allow: 'POST' } })
    } else assertProblem(answer, 'not_found')
  })
}

for (const id of [
  'x',
  ID.toUpperCase(),
  `${ID}x`,
  'a'.repeat(500),
  '01932c07-209f-4c5d-a3b2-5a1f6c0d9e42',
]) {
  test(`a malformed id of ${id.length} characters is 404: ${id.slice(0, 40)}`, async () => {
    assertProblem(await wire().inject({ url: `/things/${id}` }), 'not_found')
  })
}

const methods = [
  ['POST', 'GET, HEAD, DELETE'],
  ['PUT', 'GET, HEAD, DELETE'],
  ['PATCH', 'GET, HEAD, DELETE'],
  ['OPTIONS', 'GET, HEAD, DELETE'],
  ['TRACE', 'GET, HEAD, DELETE'],
  ['PROPFIND', 'GET, HEAD, DELETE'],
  ['QUERY', 'GET, HEAD, DELETE'],
] as const
for (const [method, allow] of methods) {
  test(`${method} on an address without it is 405 with Allow, with any body`, async () => {
    const app = wire()
    const url = `/things/${ID}`

    const bare = await app.inject({ method: method as 'POST', url })
    const full = await app.inject({
      method: method as 'POST',
      url: `${url}?a=1`,
      headers: { 'content-type': 'text/x' },
      payload: '{',
    })
    const nowhere = await app.inject({ method: method as 'POST', url: '/nowhere' })

    assertProblem(bare, 'method_not_allowed', { headers: { allow } })
    assertProblem(full, 'method_not_allowed', { headers: { allow } })
    assertProblem(nowhere, 'not_found')
  })
}

test('an encoded address finds the same route and the same 405', async () => {
  const app = wire()

  assert.equal((await app.inject({ url: '/%70age' })).statusCode, 200)
  assertProblem(await app.inject({ method: 'PUT', url: '/%70age' }), 'method_not_allowed', {
    headers: { allow: 'GET, HEAD' },
  })
})

for (const [line, url] of [
  ['GET', '/page/?size=5'],
  ['HEAD', '/page/'],
  ['GET', `/things/${ID}/`],
  ['DELETE', `/things/${ID}/`],
  ['POST', '/things/'],
  ['PUT', '/things/'],
  ['POST', `/things/${ID}/`],
  ['OPTIONS', '/page/'],
  ['GET', '/nope/'],
  ['GET', '/page/?size=0'],
] as const) {
  test(`${line} ${url} is the same as without its last slash`, async () => {
    const app = wire()
    const send = async (address: string) => {
      const { statusCode, headers, body } = await app.inject({ method: line, url: address })
      const text = body.replaceAll(String(headers['x-request-id']), '')
      return [statusCode, headers.allow, text]
    }

    assert.deepEqual(await send(url), await send(url.replace(/\/(?=\?|$)/, '')))
  })
}

test('an address with an invalid encoding is 400', async () => {
  assertProblem(await wire().inject({ url: '/things/%ff' }), 'malformed_request', {
    detail: 'The path is not valid percent-encoded UTF-8.',
  })
})

test('an address over 8,192 characters is 414, with a route, without one or malformed', async () => {
  const app = wire()
  const long = 'a'.repeat(8192)

  for (const url of [`/page?${long}`, `/${long}`, `/things/${long}`, `/%ff${long}`]) {
    assertProblem(await app.inject({ url }), 'uri_too_long')
  }
})
