// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { formOf } from '../support/pictures.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'
import { file, PART, received, uploadServer } from '../support/upload-server.ts'

test('a file arrives as it was sent, in chunks of any size', async (t) => {
  const { post } = await uploadServer(t)
  const content = Buffer.concat([Buffer.from('\r\n--latchkey-boundar\r\n--'), randomBytes(3000)])
  const { payload, headers } = formOf([file(content)])

  for (const size of [1, 7, 64, 1000, payload.length]) {
    const pieces = Array.from({ length: Math.ceil(payload.length / size) }, (_, index) =>
      payload.subarray(index * size, (index + 1) * size),
    )
    const chunked = { ...headers, 'transfer-encoding': 'chunked' }
    const answer = await post({ headers: chunked, payload: Readable.from(pieces) })

    assert.deepEqual([answer.statusCode, answer.json()], [200, received(content)], `${size}`)
  }
})

test('a part without a file name is a file, and one of no bytes too', async (t) => {
  const { post } = await uploadServer(t)

  for (const part of [
    { name: 'file', content: 'x' },
    { ...file('x'), type: 'text/plain' },
  ]) {
    assert.deepEqual((await post(formOf([part]))).json(), received(Buffer.from('x')))
  }
  assert.deepEqual((await post(formOf([file('')]))).json(), received(Buffer.of()))
})

test('text before the first and after the last boundary is ignored', async (t) => {
  const { post } = await uploadServer(t)
  const { payload, headers } = formOf([file()])
  const wrapped = Buffer.concat([Buffer.from('preamble\r\n'), payload, Buffer.from('epilogue')])

  const answer = await post({ payload: wrapped, headers })

  assert.deepEqual(answer.json(), received(Buffer.from('x')))
})

test('boundaries of 1 to 252 bytes work, and longer ones are malformed', async (t) => {
  const { post } = await uploadServer(t)

  for (let length = 1; length <= 300; length += length < 70 ? 23 : 1) {
    const answer = await post(formOf([file()], 'b'.repeat(length)))

    if (length <= 252) assert.equal(answer.statusCode, 200, `${length}`)
    else assertProblem(answer, 'malformed_request', { detail: MALFORMED })
  }
})

const MALFORMED = 'The body is not valid multipart/form-data.'
const REQUIRED = ['/file required']
const UNKNOWN = [' unknown_field']

for (const [what, parts, issues] of [
  ['no part', [], REQUIRED],
  ['another name', [{ ...file(), name: 'photo' }], UNKNOWN],
  ['an empty name', [{ ...file(), name: '' }], UNKNOWN],
  ['no name', [{ ...file(), name: null }], UNKNOWN],
  ['a name in capital letters', [{ ...file(), name: 'FILE' }], UNKNOWN],
  ['a part named __proto__', [{ ...file(), name: '__proto__' }], UNKNOWN],
  ['a part named constructor', [{ ...file(), name: 'constructor' }], UNKNOWN],
  ['a field before the file', [{ name: 'title', content: 'x' }, file()], UNKNOWN],
  ['a field after the file', [file(), { name: 'title', content: 'x' }], UNKNOWN],
  ['a field named __proto__ after the file', [file(), { name: '__proto__' }], UNKNOWN],
  ['two files', [file('one'), file('two')], UNKNOWN],
  ['10,000 parts', Array.from({ length: 10_000 }, () => file()), UNKNOWN],
  ['10,000 other parts', Array.from({ length: 10_000 }, () => ({ name: 'a' })), UNKNOWN],
] as const) {
  test(`a form with ${what} is refused`, async (t) => {
    const { post } = await uploadServer(t)

    const answer = await post(formOf([...parts]))

    assertFaults(answer, [...issues])
  })
}

test('a part without Content-Disposition is ignored', async (t) => {
  const { post } = await uploadServer(t)
  const { headers } = formOf([], 'b')

  const alone = await post({ headers, payload: '--b\r\nX: y\r\n\r\nx\r\n--b--\r\n' })
  const other = await post({
    headers,
    payload: '--b\r\nContent-Disposition: attachment; name="file"\r\n\r\nx\r\n--b--\r\n',
  })

  assertFaults(alone, REQUIRED)
  assertFaults(other, REQUIRED)
})

for (const [what, payload] of [
  ['ends within the file', `${PART}half`],
  ['ends within the headers of the part', '--b\r\nContent-Disposition: form-da'],
  ['has no boundary', 'just text'],
  ['has no end', '--b\r\n'],
  ['has another boundary', formOf([file()], 'other').payload.toString()],
] as const) {
  test(`a body that ${what} is malformed`, async (t) => {
    const { post } = await uploadServer(t)

    const answer = await post({ payload, headers: formOf([], 'b').headers })

    assertProblem(answer, 'malformed_request', { detail: MALFORMED })
  })
}

test('an empty body of any type, or none, is a form without a file', async (t) => {
  const { post } = await uploadServer(t)

  assertFaults(await post({ headers: formOf([], 'b').headers, payload: '' }), REQUIRED)
  assertFaults(await post({ headers: { 'content-type': 'image/png' }, payload: '' }), REQUIRED)
  assertFaults(await post({}), REQUIRED)
})

test('a type without a boundary is malformed', async (t) => {
  const { post } = await uploadServer(t)

  for (const type of ['multipart/form-data', 'multipart/form-data; boundary=']) {
    const answer = await post({ headers: { 'content-type': type }, payload: 'x' })

    assertProblem(answer, 'malformed_request', { detail: MALFORMED })
  }
})

test('anything but multipart/form-data is 415', async (t) => {
  const { post } = await uploadServer(t)
  const detail = 'Send the file as multipart/form-data.'

  for (const type of [
    'application/json',
    'image/png',
    'multipart/mixed; boundary=b',
    'text/plain',
  ]) {
    const answer = await post({ headers: { 'content-type': type }, payload: '{"file":"x"}' })

    assertProblem(answer, 'unsupported_media_type', { detail })
  }
})

test('a compressed upload is 415', async (t) => {
  const { post } = await uploadServer(t)
  const { payload, headers } = formOf([file()])

  const answer = await post({ payload, headers: { ...headers, 'content-encoding': 'gzip' } })

  assertProblem(answer, 'unsupported_media_type', {
    detail: 'Send the body without Content-Encoding.',
  })
})

test('other addresses still take JSON alone', async (t) => {
  const { app } = await uploadServer(t)

  const form = await app.inject({ method: 'POST', url: '/json', ...formOf([file()]) })
  const json = await app.inject({ method: 'POST', url: '/json', payload: { a: 1 } })

  assertProblem(form, 'unsupported_media_type')
  assert.deepEqual(json.json(), { body: { a: 1 } })
})

test('the log has nothing of what was sent, at any level', async (t) => {
  const { post, logs } = await uploadServer(t)
  const form = formOf([{ ...file('SECRET-CONTENT'), filename: 'SECRET-NAME' }, file()])
  const headers = { ...form.headers, authorization: 'Bearer SECRET-TOKEN', cookie: 'a=SECRET' }

  await post({ payload: form.payload, headers })

  assert.ok(logs.some((line) => line.includes('busboyOptions')))
  assert.ok(!logs.join('').includes('SECRET'))
})
