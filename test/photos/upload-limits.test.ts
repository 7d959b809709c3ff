// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FILE_LIMIT, UPLOAD_LIMIT } from '../../src/http/limits.ts'
import { formOf } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'
import { exchange, rawConnection } from '../support/raw-http.ts'
import {
  file,
  formBy,
  head,
  PART,
  received,
  UPLOADS_PER_USER,
  until,
  uploadServer,
} from '../support/upload-server.ts'

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

test('a length of exactly the limit is taken', async (t) => {
  const { post } = await uploadServer(t)
  const { payload, headers } = formOf([file(randomBytes(1000))])
  const padded = (length: number) =>
    post({ headers, payload: Buffer.concat([payload, Buffer.alloc(length - payload.length)]) })

  const taken = await padded(UPLOAD_LIMIT)
  const refused = await padded(UPLOAD_LIMIT + 1)

  assert.equal(taken.statusCode, 200)
  assertProblem(refused, 'payload_too_large', { detail: TOO_LARGE })
})

for (const [what, start] of [
  ['preamble', 'no boundary '],
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

test('an upload that takes too long as a whole is 408', async (t) => {
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

test('a body that comes slower than 4 KiB a second is 408, and lets the next one in', async (t) => {
  const { app, post, uploads } = await uploadServer(t)
  // Short enough to be read to its end, if that were all.
  const lines = ['Content-Length: 50000', 'X-User: slow']
  const slow = await Promise.all(
    Array.from({ length: UPLOADS_PER_USER }, () => rawConnection(t, app)),
  )
  const brisk = await rawConnection(t, app)
  const bytes = formOf([file('x'.repeat(150_000))], 'b').payload

  for (const { say } of slow) say(`${head(lines)}${PART}`)
  brisk.say(head([`Content-Length: ${bytes.length}`, 'Connection: close']))
  // Each is sent for as long as the slow ones last: 2 KiB a second, and 8.
  const drip = setInterval(() => {
    for (const { socket } of slow) if (!socket.closed) socket.write('x'.repeat(512))
  }, 250)
  let sent = 0
  const stream = setInterval(() => {
    brisk.say(bytes.subarray(sent, sent + 2048))
    sent += 2048
  }, 250)
  const refused = await Promise.all(slow.map(({ answers }) => answers()))
  clearInterval(drip)
  clearInterval(stream)
  brisk.say(bytes.subarray(sent))
  const taken = await brisk.answers()

  for (const [answer] of refused) {
    assert.deepEqual([answer?.statusCode, answer?.headers.connection], [408, 'close'])
    const { code, detail } = JSON.parse(answer?.body ?? '{}')
    assert.deepEqual([code, detail], ['request_timeout', TOO_SLOW])
  }
  assert.deepEqual(
    taken.map(({ statusCode }) => statusCode),
    [200],
  )
  assert.equal(uploads.length, UPLOADS_PER_USER + 1)
  assert.equal((await post(formBy('slow'))).statusCode, 200)
})

const TOO_SLOW = 'The body took 5 s at less than 4 KiB a second.'
