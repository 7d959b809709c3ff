// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../../src/http/app.ts'
import type { Upload } from '../../src/http/body/uploads.ts'
import { UPLOADS_AT_ONCE } from '../../src/http/limits.ts'
import { formOf } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'
import { rawConnection } from '../support/raw-http.ts'
import {
  file,
  formBy,
  head,
  PART,
  UPLOADS_PER_USER,
  until,
  uploadServer,
} from '../support/upload-server.ts'

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

const FOUR_UNDER_WAY = {
  detail: 'You have 4 uploads in progress; wait as long as Retry-After says.',
  headers: { 'retry-after': '2' },
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

test('a limited number of uploads run in parallel until one of them ends', async (t) => {
  const { app, post } = await uploadServer(t)
  const users = Array.from({ length: UPLOADS_AT_ONCE }, (_, index) => `user-${index}`)
  const open = await begin(t, app, users)

  const refused = await post(formBy('late'))
  open[0]?.socket.destroy()
  await until(async () => (await post(formBy('late'))).statusCode === 200)
  for (const { socket } of open) socket.destroy()

  assertProblem(refused, 'overloaded', { headers: { 'retry-after': '2' } })
})

test('one network with many users gives way to another one where uploads arrive', async (t) => {
  const { app, post } = await uploadServer(t)
  const users = Array.from({ length: UPLOADS_AT_ONCE }, (_, index) => `user-${index}`)
  const open = await begin(t, app, users)

  const near = await post(formBy('late'))
  const other = await post({ ...formBy('late'), remoteAddress: '198.51.100.1' })
  await until(() => open.some(({ heard }) => heard() !== ''))
  const answered = open.map(({ heard }) => heard()).filter((text) => text !== '')
  for (const { socket } of open) socket.destroy()

  assertProblem(near, 'overloaded', { headers: { 'retry-after': '2' } })
  assert.equal(other.statusCode, 200, other.body)
  assert.equal(answered.length, 1)
  assert.match(answered[0] ?? '', /^HTTP\/1\.1 503 /)
})

test('uploads of one user leave room for those of others', async (t) => {
  const { app, post } = await uploadServer(t)
  const open = await begin(t, app, Array(UPLOADS_PER_USER).fill('busy'))

  const refused = await post(formBy('busy'))
  const other = await post(formBy('other'))
  open[0]?.socket.destroy()
  await until(async () => (await post(formBy('busy'))).statusCode === 200)
  for (const { socket } of open) socket.destroy()

  assertProblem(refused, 'rate_limited', FOUR_UNDER_WAY)
  assert.equal(other.statusCode, 200)
})

test('an upload counts for its user until it is stored, also when its client has gone', async (t) => {
  const stored = new Set<() => void>()
  const store = () => new Promise<void>((resolve) => stored.add(resolve))
  const { app, post } = await uploadServer(t, { store })
  const { payload } = formOf([file()], 'b')
  const lines = [`Content-Length: ${payload.length}`, 'X-User: busy']
  const open = await Promise.all(
    Array.from({ length: UPLOADS_PER_USER }, () => rawConnection(t, app)),
  )
  for (const { say } of open) say(Buffer.concat([Buffer.from(head(lines)), payload]))
  await until(() => stored.size === UPLOADS_PER_USER)

  const waiting = await post(formBy('busy'))
  for (const { socket } of open) socket.destroy()
  await sleep(50)
  const gone = await post(formBy('busy'))
  const [end] = stored
  end?.()
  await sleep(0)
  void post(formBy('busy'))
  await until(() => stored.size === UPLOADS_PER_USER + 1)
  for (const resolve of stored) resolve()

  assertProblem(waiting, 'rate_limited', FOUR_UNDER_WAY)
  assertProblem(gone, 'rate_limited', FOUR_UNDER_WAY)
})

test('a file that has arrived frees its slot for another, however long it waits', async (t) => {
  const stored = new Set<() => void>()
  const store = () => new Promise<void>((resolve) => stored.add(resolve))
  const { post } = await uploadServer(t, { store })
  const many = UPLOADS_AT_ONCE + 4

  const answers = []
  for (let count = 1; count <= many; count++) {
    answers.push(post(formBy(`user-${count}`)))
    await until(() => stored.size === count)
  }
  for (const resolve of stored) resolve()

  const codes = (await Promise.all(answers)).map(({ statusCode }) => statusCode)
  assert.deepEqual(codes, Array(many).fill(200))
})

test('the signal of an upload is aborted once the client has gone', async (t) => {
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
