// runs once
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { FILE_LIMIT, UPLOAD_LIMIT, UPLOADS_AT_ONCE, UPLOADS_PER_USER } from '../src/http/limits.ts'
import { type App, createServer } from '../src/http/server.ts'
import { acceptUploads, type Upload } from '../src/http/uploads.ts'
import { formOf } from './pictures.ts'
import { assertFaults, assertProblem } from './problems.ts'
import { exchange, rawConnection } from './raw-http.ts'

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

type Wish = { before?: () => Promise<unknown>; timeouts?: { headers?: number; request?: number } }

/** A server with one address for uploads, which answers with the digest of the file, and one for JSON. */
async function uploadServer(t: TestContext, { before, timeouts = {} }: Wish = {}) {
  const logs: string[] = []
  const uploads: (Upload | Error)[] = []
  const app = createServer({
    http: { trustProxy: [] },
    log: { level: 'trace', stream: { write: (line) => void logs.push(line) } },
    timeouts,
  })
  await app.register(async (scope) => {
    const receive = await acceptUploads(scope, ({ headers }) => headers['x-user']?.toString())
    scope.post('/files', async (request, reply) => {
      await before?.()
      const upload = await receive(request, reply).catch((error) => {
        uploads.push(error)
        throw error
      })
      uploads.push(upload)
      return { length: upload.bytes.length, digest: digest(upload.bytes) }
    })
  })
  app.post('/json', { config: { optionalBody: true } }, async ({ body }) => ({ body }))
  t.after(() => app.close())
  const post = (form: Pick<InjectOptions, 'payload' | 'headers'>) =>
    app.inject({ method: 'POST', url: '/files', ...form })
  return { app, logs, uploads, post }
}

const file = (content: Buffer | string = 'x') => ({ name: 'file', filename: 'x.png', content })
const received = (bytes: Buffer) => ({ length: bytes.length, digest: digest(bytes) })

/** The head of a request over a raw socket. */
function head(lines: string[], boundary = 'b'): string {
  const type = `Content-Type: multipart/form-data; boundary=${boundary}`
  return ['POST /files HTTP/1.1', 'Host: localhost', type, ...lines, '\r\n'].join('\r\n')
}

const PART = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'

test('a file arrives as it was sent, in whatever pieces', async (t) => {
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

test('text before the first and after the last boundary is passed over', async (t) => {
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

for (const [what, parts, faults] of [
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

    assertFaults(answer, [...faults])
  })
}

test('a part without Content-Disposition is none', async (t) => {
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

test('headers of a part that are too many or too long hide nothing', async (t) => {
  const { post } = await uploadServer(t)
  const many = Array.from({ length: 5000 }, (_, index) => `X-${index}: y`)

  const first = await post(formOf([{ ...file(), headers: many }]))
  const long = await post(formOf([{ ...file(), filename: 'x'.repeat(4000) }]))
  const longer = await post(formOf([{ ...file(), filename: 'x'.repeat(60_000) }]))

  assert.deepEqual(first.json(), received(Buffer.from('x')))
  assert.deepEqual(long.json(), received(Buffer.from('x')))
  assert.ok([200, 400].includes(longer.statusCode), longer.body)
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

test('other addresses go on taking JSON alone', async (t) => {
  const { app } = await uploadServer(t)

  const form = await app.inject({ method: 'POST', url: '/json', ...formOf([file()]) })
  const json = await app.inject({ method: 'POST', url: '/json', payload: { a: 1 } })

  assertProblem(form, 'unsupported_media_type')
  assert.deepEqual(json.json(), { body: { a: 1 } })
})

test('5 MiB are taken, and one byte more is 413', async (t) => {
  const { post } = await uploadServer(t)
  const most = randomBytes(FILE_LIMIT)

  const taken = await post(formOf([file(most)]))
  const refused = await post(formOf([file(Buffer.concat([most, Buffer.of(0)]))]))

  assert.deepEqual(taken.json(), received(most))
  assertProblem(refused, 'payload_too_large', { detail: TOO_LARGE })
})

const TOO_LARGE = 'A file may have at most 5 MiB.'

test('a length over the limit is refused before any of the body arrives', async (t) => {
  const { app } = await uploadServer(t)

  const answer = await exchange(t, app, head([`Content-Length: ${UPLOAD_LIMIT + 1}`]))

  assert.deepEqual([answer.statusCode, answer.headers.connection], [413, 'close'])
  assert.equal(JSON.parse(answer.body).detail, TOO_LARGE)
})

for (const [what, start] of [
  ['preamble', 'no boundary '],
  ['header of a part', '--b\r\nX: '],
  ['file', PART],
  ['epilogue', `${PART}x\r\n--b--\r\n`],
] as const) {
  test(`a ${what} without end is cut off with 413`, async (t) => {
    const { app } = await uploadServer(t)
    const connection = await rawConnection(t, app)
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`

    connection.say(head(['Transfer-Encoding: chunked']))
    connection.say(`${start.length.toString(16)}\r\n${start}\r\n`)
    for (let sent = 0; sent <= UPLOAD_LIMIT && !connection.socket.closed; sent += 65_536) {
      connection.say(chunk)
      await sleep(0)
    }
    const [answer] = await connection.answers()

    assert.deepEqual([answer?.statusCode, answer?.headers.connection], [413, 'close'])
    assert.equal(JSON.parse(answer?.body ?? '{}').detail, TOO_LARGE)
  })
}

test('a connection serves the next request after a refused upload', async (t) => {
  const { app } = await uploadServer(t)
  const refused = formOf([{ name: 'other', content: 'x'.repeat(60_000) }, file()], 'b').payload
  const taken = formOf([file()], 'b').payload
  const connection = await rawConnection(t, app)

  connection.say(head([`Content-Length: ${refused.length}`]))
  connection.say(refused.subarray(0, 1000))
  await until(() => connection.heard() !== '')
  // Slowly, so that a server that does not read it stops before the next request.
  for (let sent = 1000; sent < refused.length; sent += 20_000) {
    connection.say(refused.subarray(sent, sent + 20_000))
    await sleep(20)
  }
  connection.say(head([`Content-Length: ${taken.length}`, 'Connection: close']))
  connection.say(taken)
  const answers = await connection.answers()

  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [400, 200],
  )
})

test('an upload that its client cuts off fails, and lets the next one in', async (t) => {
  const { app, post, uploads } = await uploadServer(t)
  const connection = await rawConnection(t, app)

  connection.say(`${head(['Content-Length: 1000'])}${PART}half`)
  await once(app.server, 'request')
  await sleep(20)
  connection.socket.destroy()
  await until(() => uploads.length === 1)

  assert.match(String(uploads[0]), /The request was cut off/)
  assert.equal((await post(formOf([file()]))).statusCode, 200)
})

test('a client that is gone before its file is asked for holds nothing up', async (t) => {
  let letGo = () => {}
  const before = () => new Promise<void>((resolve) => (letGo = resolve))
  const { app, uploads } = await uploadServer(t, { before })
  const connection = await rawConnection(t, app)

  connection.say(`${head(['Content-Length: 1000'])}${PART}half`)
  const [request] = await once(app.server, 'request')
  connection.socket.destroy()
  // It also emits an error, which is what `once` would wait for.
  await new Promise((resolve) => request.on('close', resolve).on('error', () => undefined))
  letGo()
  await until(() => uploads.length === 1)

  assert.match(String(uploads[0]), /The request was cut off/)
})

test('an upload that arrives too slowly is 408', async (t) => {
  const { app, uploads } = await uploadServer(t, { timeouts: { headers: 200, request: 300 } })
  const connection = await rawConnection(t, app)

  connection.say(`${head(['Content-Length: 1000'])}${PART}slow`)
  const answers = await connection.answers()
  await until(() => uploads.length === 1)

  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [408],
  )
})

/** A small upload of a user. */
function formBy(user: string) {
  const { payload, headers } = formOf([file()])
  return { payload, headers: { ...headers, 'x-user': user } }
}

/** Begins an upload for each of the users, all of which stay on the way. */
async function begin(t: TestContext, app: App, users: string[]) {
  const open = await Promise.all(users.map(() => rawConnection(t, app)))
  let begun = 0
  app.server.on('request', () => begun++)
  for (const [index, { say }] of open.entries()) {
    say(`${head(['Content-Length: 1000', `X-User: ${users[index]}`])}${PART}half`)
  }
  await until(() => begun === users.length)
  await sleep(20)
  return open
}

test('a part without headers is refused and holds nothing up', async (t) => {
  const { app, post } = await uploadServer(t)
  const body = `--b\r\n\r\n${'A'.repeat(100_000)}\r\n--b--\r\n`

  const answers = await Promise.all(
    Array.from({ length: UPLOADS_PER_USER }, () =>
      exchange(t, app, `${head([`Content-Length: ${body.length}`, 'Connection: close'])}${body}`),
    ),
  )

  // On Node 20 the parser stops there for ever; on later ones it finds no file.
  for (const { statusCode } of answers) assert.equal(statusCode, 400)
  assert.equal((await post(formOf([file()]))).statusCode, 200)
})

test('so many uploads arrive at once and no more, until one of them ends', async (t) => {
  const { app, post } = await uploadServer(t)
  const users = Array.from({ length: UPLOADS_AT_ONCE }, (_, index) => `user-${index}`)
  const open = await begin(t, app, users)

  const refused = await post(formBy('late'))
  open[0]?.socket.destroy()
  await until(async () => (await post(formBy('late'))).statusCode === 200)
  for (const { socket } of open) socket.destroy()

  assertProblem(refused, 'overloaded', { headers: { 'retry-after': '2' } })
})

test('uploads of one user leave room for those of others', async (t) => {
  const { app, post } = await uploadServer(t)
  const open = await begin(t, app, Array(UPLOADS_PER_USER).fill('busy'))

  const refused = await post(formBy('busy'))
  const other = await post(formBy('other'))
  open[0]?.socket.destroy()
  await until(async () => (await post(formBy('busy'))).statusCode === 200)
  for (const { socket } of open) socket.destroy()

  assertProblem(refused, 'overloaded', { headers: { 'retry-after': '2' } })
  assert.equal(other.statusCode, 200)
})

test('the signal of an upload is set off once nobody waits for the answer', async (t) => {
  const { app, post, uploads } = await uploadServer(t)

  await post(formOf([file()]))
  const connection = await rawConnection(t, app)
  const { payload } = formOf([file()], 'b')
  connection.say(head([`Content-Length: ${payload.length}`, 'Connection: close']))
  connection.say(payload)
  await connection.answers()
  const [first, second] = uploads as Upload[]

  await until(() => first?.signal.aborted === true && second?.signal.aborted === true)
  assert.match(String(second?.signal.reason), /The request was cut off/)
})

test('the log has nothing of what was sent, at any level', async (t) => {
  const { post, logs } = await uploadServer(t)
  const form = formOf([{ ...file('SECRET-CONTENT'), filename: 'SECRET-NAME' }, file()])
  const headers = { ...form.headers, authorization: 'Bearer SECRET-TOKEN', cookie: 'a=SECRET' }

  await post({ payload: form.payload, headers })

  assert.ok(logs.some((line) => line.includes('busboyOptions')))
  assert.ok(!logs.join('').includes('SECRET'))
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'it never happened')
    await sleep(10)
  }
}
