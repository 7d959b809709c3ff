import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer } from '../support/factories.ts'
import { newAdmin, sharedServer } from '../support/houses.ts'
import { documentOf, linesWithQuery } from '../support/reference.ts'
import { routesOf } from '../support/routes.ts'

// A last slash means the same path, and a query where there are no parameters means nothing.

const theServer = sharedServer({ RATE_LIMITS: 'off' })
const NOTHING = '01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42'

/** Every route of the server once, about things that are not there, so that nothing changes. */
async function routes() {
  const server = await theServer()
  const { access_token } = await newAdmin(server)
  const headers = bearer(access_token)
  const lines = routesOf(server).filter((line) => !/\*|DELETE \/sessions$|POST \/logout/.test(line))
  const ask = async (line: string) => {
    const { statusCode, headers: got, body } = await call(server, line, undefined, headers)
    const { code, errors } = /problem/.test(String(got['content-type']))
      ? JSON.parse(body || '{}')
      : {}
    return [statusCode, code, errors, got.allow, got.location]
  }
  const withQuery = linesWithQuery(await documentOf(server))
  return { lines: lines.map((line) => line.replaceAll(/\{\w+\}/g, NOTHING)), withQuery, ask }
}

test('every route has its path with a last slash, and HEAD wherever GET', async () => {
  const { lines, ask } = await routes()

  assert.ok(lines.length > 20)
  for (const line of lines.filter((each) => !each.endsWith('/'))) {
    const plain = await ask(line)
    assert.deepEqual(await ask(`${line}/`), plain, line)
    // A callback is used up by its first request, so HEAD does not ask for it.
    if (!line.startsWith('GET ') || line.endsWith('/callback')) continue
    const [status] = await ask(`${line.replace('GET', 'HEAD')}/`)
    assert.equal(status, plain[0], line)
  }
})

test('a method that a path does not serve is 405 with the same Allow behind a last slash', async () => {
  const { lines, ask } = await routes()
  const paths = new Set(lines.map((line) => line.split(' ')[1] ?? ''))

  // What gateways ask takes every method.
  const strict = [...paths].filter((each) => !each.endsWith('/') && each !== '/verify')
  for (const path of strict) {
    const plain = await ask(`PROPFIND ${path}`)
    assert.equal(plain[0], 405, path)
    assert.deepEqual(await ask(`PROPFIND ${path}/`), plain)
  }
})

test('a query is ignored by every route without parameters, and checked where there are some', async () => {
  const { lines, withQuery, ask } = await routes()

  for (const line of lines) {
    const plain = await ask(line)
    for (const query of ['_=1764357526', 'size=1e2', 'a=1&a=2', 'a=%']) {
      const answer = await ask(`${line}?${query}`)
      if (withQuery.includes(line)) assert.equal(answer[0], 400)
      else assert.deepEqual(answer, plain, `${line}?${query}`)
    }
  }
})
