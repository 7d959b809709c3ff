// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { createServer } from '../../src/http/app.ts'
import { assertHeaders, defaultHeaders, overHttps, spoken } from '../support/default-headers.ts'
import { assertProblem } from '../support/problems.ts'
import { ID, post, thing, wire } from '../support/wire-server.ts'

test('a valid request is answered with JSON, a request id and the default headers', async () => {
  const answer = await wire().inject(post({ ...thing, name: null, size: 1 }))

  assert.deepEqual(answer.json(), { got: { ...thing, name: null, size: 1 } })
  const { date: _date, 'x-request-id': id, ...headers } = answer.headers
  assert.match(String(id), /^req-[0-9a-f-]{36}$/)
  assert.deepEqual(headers, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(answer.body)),
    ...defaultHeaders,
    ...overHttps,
    connection: 'keep-alive',
  })
})

test('a server without an https address sends no HSTS, and the rest is the same', async () => {
  const http = { trustProxy: [], publicUrl: 'http://localhost:3000' }
  const app = createServer({ http, log: { level: 'silent' } })

  const answer = await app.inject({ url: '/nowhere' })

  assertHeaders(answer, { ...defaultHeaders, ...spoken, 'strict-transport-security': undefined })
})

test('every refusal has the default headers, the earliest too', async () => {
  const app = wire()
  const refusals: [status: number, request: InjectOptions][] = [
    [400, post('{')],
    [400, { url: '/things/%ff' }],
    [404, { url: '/nowhere' }],
    [404, { url: `/things/${'a'.repeat(500)}` }],
    [405, { method: 'PUT', url: '/page' }],
    [406, { url: '/page', headers: { accept: 'image/png' } }],
    [413, post('x'.repeat(65_537))],
    [414, { url: `/${'a'.repeat(8192)}` }],
    [415, post('a', { 'content-type': 'text/plain' })],
    [500, { url: '/throws/error' }],
    [503, { url: '/throws/locked' }],
  ]

  for (const [status, request] of refusals) {
    const answer = await app.inject(request)
    assert.equal(answer.statusCode, status, answer.body)
    assertHeaders(answer, { ...defaultHeaders, ...spoken, ...overHttps }, String(status))
  }
})

test('a request id that a client sends is not believed', async () => {
  const answer = await wire().inject({ url: '/page', headers: { 'x-request-id': 'req-1' } })

  assert.notEqual(answer.headers['x-request-id'], 'req-1')
})

test('HEAD answers as GET does, with the length and without the body', async () => {
  const app = wire()

  for (const url of [`/things/${ID}`, '/things/x', '/throws/error', '/throws/unauthenticated']) {
    const get = await app.inject({ url })
    const head = await app.inject({ method: 'HEAD', url })
    const plain = ({ headers }: typeof get) => ({ ...headers, date: '', 'x-request-id': '' })

    assert.equal(head.body, '')
    assert.equal(head.statusCode, get.statusCode)
    assert.deepEqual(plain(head), plain(get))
  }
})

const accepted: [accept: string, isAccepted: boolean][] = [
  ['*/*', true],
  ['', true],
  ['application/json', true],
  ['application/*;q=0.1', true],
  ['text/html, application/json; charset=UTF-8; q=0.5', true],
  ['application/problem+json, */*;q=0', false],
  ['application/json;q=0', false],
  ['text/html', false],
  ['garbage', false],
]
for (const [accept, isAccepted] of accepted) {
  test(`Accept: ${accept} ${isAccepted ? 'takes' : 'excludes'} JSON`, async () => {
    const answer = await wire().inject({ url: '/page', headers: { accept } })

    if (isAccepted) assert.equal(answer.statusCode, 200)
    else {
      assertProblem(answer, 'not_acceptable', {
        detail: 'This path sends application/json.',
      })
    }
  })
}

test('Accept is held against what the route produces, before its body is read', async () => {
  const app = wire()
  const ask = (accept: string) =>
    app.inject({ method: 'POST', url: '/text', headers: { accept }, payload: '{' })

  assertProblem(await ask('application/json'), 'not_acceptable', {
    detail: 'This path sends text/csv or text/plain.',
  })
  assert.equal(
    (await app.inject({ method: 'POST', url: '/text', headers: { accept: 'text/*' } })).body,
    'a,b',
  )
})
