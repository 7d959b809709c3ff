// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertProblem } from '../support/problems.ts'
import { fault, post, thing, wire } from '../support/wire-server.ts'

for (const [name, values] of [
  ['host', ['localhost', 'evil.example']],
  ['host', ['localhost', 'localhost']],
  ['authorization', ['Bearer a.b.c', 'Bearer d.e.f']],
  ['content-type', ['application/json', 'text/plain']],
] as const) {
  test(`a request with ${name} twice (${values.join(', ')}) is 400`, async () => {
    const answer = await wire().inject(post(thing, { [name]: values }))

    assertProblem(answer, 'malformed_request', { detail: `The header ${name} was sent twice.` })
  })
}

test('100 header fields are taken and 101 are 431', async () => {
  const app = wire()
  const { rawHeaders } = (await app.inject({ url: '/page' })).raw.req
  const send = (count: number) => {
    const more = Array.from({ length: count - rawHeaders.length / 2 }, (_, at) => [`x-${at}`, '1'])
    return app.inject({ url: '/page', headers: Object.fromEntries(more) })
  }

  assert.equal((await send(100)).statusCode, 200)
  assertProblem(await send(101), 'headers_too_large', {
    detail: 'A request may have at most 100 header fields.',
  })
})

test('a header out of bounds is 400 and is named', async () => {
  const answer = await wire().inject({ url: '/page', headers: { 'idempotency-key': 'abcd' } })

  assertProblem(answer, 'validation_failed', {
    errors: [fault('/idempotency-key', 'too_long', 'The value must have at most 3 characters.')],
  })
})
