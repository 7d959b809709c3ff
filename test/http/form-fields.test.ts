// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptForms } from '../../src/http/body/forms.ts'
import { assertProblem } from '../support/problems.ts'
import { Thing, unknownField, wire } from '../support/wire-server.ts'

/** A server with a route that takes a form, and answers with what it got. */
function formWire() {
  const app = wire()
  app.register(async (scope) => {
    acceptForms(scope)
    scope.post('/form', { schema: { body: Thing } }, async ({ body }) => ({ got: body }))
  })
  return (payload: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return app.inject({ method: 'POST', url: '/form', headers, payload })
  }
}

for (const name of [
  '__proto__',
  'constructor',
  'prototype',
  '%5F_proto__',
  'constructor[prototype]',
]) {
  test(`a form and a query with ${name} are 400 and change no prototype`, async () => {
    const send = formWire()
    const pointer = `/${decodeURIComponent(name)}`

    const form = await send(`username=lys&email=a%40b.cd&${name}=x&${name}=polluted`)
    const query = await wire().inject({ url: `/page?${name}=x&${name}=polluted` })

    assertProblem(form, 'validation_failed', { errors: [unknownField(pointer)] })
    assertProblem(query, 'validation_failed', { errors: [unknownField(pointer)] })
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    assert.deepEqual(Object.keys(Object.prototype), [])
  })
}

test('a form of 1,000 fields is read and one of 1,001 is 400', async () => {
  const send = formWire()
  const fields = (count: number) => `username=lys&email=a%40b.cd${'&a=1'.repeat(count - 2)}`

  const just = await send(fields(1000))
  const over = await send(fields(1001))

  assertProblem(just, 'validation_failed', { errors: [unknownField('/a')] })
  assertProblem(over, 'malformed_request', { detail: 'The form has more than 1000 fields.' })
})
