// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertProblem } from '../support/problems.ts'
import { fault, ID, unknownField, wire } from '../support/wire-server.ts'

for (const query of ['a=1', 'a=1&a=2', '%', 'a=%ff', '_=1764357526', '__proto__[x]=1', '?', '&&']) {
  test(`the query ?${query} is ignored where a route has no parameters`, async () => {
    const app = wire()

    for (const method of ['GET', 'HEAD', 'DELETE'] as const) {
      const plain = await app.inject({ method, url: `/things/${ID}` })
      const answer = await app.inject({ method, url: `/things/${ID}?${query}` })
      assert.deepEqual([answer.statusCode, answer.body], [plain.statusCode, plain.body])
      assert.ok(answer.statusCode < 300)
    }
  })
}

const badSizes = ['1e2', '%205', '5.5', '0', '-1', '100', '', '+5', '５']
for (const size of badSizes) {
  test(`a query with size=${size} is 400, since nothing is converted`, async () => {
    const answer = await wire().inject({ url: `/page?size=${size}` })

    assertProblem(answer, 'validation_failed', {
      errors: [fault('/size', 'invalid_format', 'The value does not have the required format.')],
    })
  })
}

test('a repeated or bracketed query parameter is 400', async () => {
  const app = wire()

  assertProblem(await app.inject({ url: '/page?size=5&size=5' }), 'validation_failed', {
    errors: [fault('/size', 'wrong_type', 'The value must be a string.')],
  })
  assertProblem(await app.inject({ url: '/page?size[gt]=5' }), 'validation_failed', {
    errors: [unknownField('/size[gt]')],
  })
  assertProblem(await app.inject({ url: '/page?__proto__=5' }), 'validation_failed', {
    errors: [unknownField('/__proto__')],
  })
})
