// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { strictObject } from '../../src/contract/schema.ts'
import { assertProblem } from '../support/problems.ts'
import { fault, post, required, thing, unknownField, wire } from '../support/wire-server.ts'

const bodies: [name: string, body: unknown, errors: object[]][] = [
  ['an empty object', {}, [required('/username'), required('/email')]],
  ['null', null, [fault('', 'wrong_type', 'The value must be a JSON object.')]],
  ['an array', [thing], [fault('', 'wrong_type', 'The value must be a JSON object.')]],
  ['a string', '"x"', [fault('', 'wrong_type', 'The value must be a JSON object.')]],
  ['an unknown field', { ...thing, role: 'admin' }, [unknownField('/role')]],
  [
    'a long unknown field, without repeating its name',
    { ...thing, ['x'.repeat(65)]: 1 },
    [unknownField('')],
  ],
  [
    'names with signs of JSON pointers',
    { ...thing, nested: { '~/': 1 } },
    [required('/nested/a~1b~0c'), unknownField('/nested/~0~1')],
  ],
  [
    'wrong types, which are not converted',
    { username: 12345, email: ['ly@example.com'], size: '5', name: false, tags: 'a' },
    [
      fault('/username', 'wrong_type', 'The value must be a string.'),
      fault('/email', 'wrong_type', 'The value must be a string.'),
      fault('/name', 'wrong_type', 'The value must be a string or null.'),
      fault('/size', 'wrong_type', 'The value must be a whole number.'),
      fault('/tags', 'wrong_type', 'The value must be an array.'),
    ],
  ],
  [
    'values out of bounds',
    { username: 'ab', email: 'no', size: 0, name: 'too long', tags: [], kind: 'other' },
    [
      fault('/username', 'too_short', 'The value must have at least 3 characters.'),
      fault('/email', 'invalid_format', 'This is not a valid e-mail address.'),
      fault('/name', 'too_long', 'The value must have at most 5 characters.'),
      fault('/kind', 'not_allowed', 'The value must be one of: body, cookie.'),
      fault('/size', 'too_small', 'The value must be at least 1.'),
      fault('/tags', 'too_short', 'The value must have at least 1 item.'),
    ],
  ],
  [
    'values out of the other bounds',
    { ...thing, username: `-${'a'.repeat(32)}`, size: 101, tags: ['a', 'b', 'c'] },
    [
      fault('/username', 'too_long', 'The value must have at most 32 characters.'),
      fault(
        '/username',
        'invalid_format',
        'The username may have A-Z a-z 0-9 _ . - and must start with a letter or a digit.',
      ),
      fault('/size', 'too_large', 'The value must be at most 100.'),
      fault('/tags', 'too_long', 'The value must have at most 2 items.'),
    ],
  ],
  [
    'a value that no alternative takes',
    { ...thing, either: 5 },
    [fault('/either', 'wrong_type', 'The value must be a string or true or false.')],
  ],
  [
    'a value that is wrong within one alternative',
    { ...thing, either: 'abc' },
    [fault('/either', 'too_long', 'The value must have at most 2 characters.')],
  ],
  [
    'control characters',
    { ...thing, name: 'a\u0000' },
    [fault('/name', 'invalid_format', 'Control characters and broken Unicode are not allowed.')],
  ],
  [
    'an issue of the schema beside issues of the refinements',
    { username: 'lyshark', password: 'weak', again: 'other' },
    [
      required('/email'),
      fault('/password', 'too_common', 'Is common.'),
      fault('/again', 'mismatch', 'The two passwords must be the same.'),
    ],
  ],
]
for (const [name, body, errors] of bodies) {
  test(`a body with ${name} is 400 with all issues at once`, async () => {
    const answer = await wire().inject(post(body as object))

    assertProblem(answer, 'validation_failed', { errors: errors as never })
  })
}

test('a size of 1e400 in the text of the body is not a whole number', async () => {
  const answer = await wire().inject(post('{"username":"lys","email":"a@b.cd","size":1e400}'))

  assertProblem(answer, 'validation_failed', {
    errors: [fault('/size', 'wrong_type', 'The value must be a whole number.')],
  })
})

test('a lone surrogate is refused and an emoji counts as one character', async () => {
  const app = wire()

  const broken = await app.inject(post(`{"username":"lys","email":"a@b.cd","name":"\\ud800"}`))
  const whole = await app.inject(post({ ...thing, name: '😀😀😀😀😀' }))

  assertProblem(broken, 'validation_failed', {
    errors: [
      fault('/name', 'invalid_format', 'Control characters and broken Unicode are not allowed.'),
    ],
  })
  assert.deepEqual(whole.json(), { got: { ...thing, name: '😀😀😀😀😀' } })
})

test('issues that all name one error get that error as the response', async () => {
  const answer = await wire().inject(post({ ...thing, password: 'weak' }))

  assertProblem(answer, 'weak_password', {
    errors: [fault('/password', 'too_common', 'Is common.')],
  })
})

test('issues of body, query and headers come in one response', async () => {
  const app = wire()
  app.post(
    '/all',
    {
      schema: {
        body: strictObject({}),
        querystring: strictObject({}),
        headers: Type.Object({ 'x-key': Type.String() }),
      },
    },
    async () => ({}),
  )

  const answer = await app.inject({ method: 'POST', url: '/all?b=1', payload: { a: 1 } })

  assertProblem(answer, 'validation_failed', {
    errors: [unknownField('/a'), unknownField('/b'), required('/x-key')],
  })
})

test('of hundreds of issues the response has the first hundred', async () => {
  const body = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`f${index}`, 1]))

  const answer = await wire().inject(post({ ...thing, ...body }))

  assert.equal(answer.json().errors.length, 100)
})

test('a missing body is 400 and names the fields that are missing', async () => {
  const app = wire()
  const expected = { errors: [required('/username'), required('/email')] }

  assertProblem(await app.inject({ method: 'POST', url: '/things' }), 'validation_failed', expected)
  assertProblem(await app.inject(post('')), 'validation_failed', expected)
})
