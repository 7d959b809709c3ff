import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { sharedServer } from '../support/houses.ts'
import { operationsOf } from '../support/operations.ts'
import { exchange } from '../support/raw-http.ts'

// A body of no bytes is no body, whatever the headers say of it.

const theServer = sharedServer({ RATE_LIMITS: 'off' })

const NOTHING = '01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42'
const types = [
  'application/json',
  'Application/JSON; charset=UTF-8',
  'application/json; charset=latin1',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
  'application/octet-stream',
  'application/vnd.api+json; x=";"',
  'nonsense',
]
const framings = [
  'Content-Length: 0\r\n',
  'Content-Length: 0\r\nContent-Encoding: gzip\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked\r\nContent-Encoding: br\r\n',
]

test('an empty body of any type counts as no body, for every operation that may have one', async (t) => {
  const server = await theServer()
  const person = await signedUp(server)

  for (const { line } of await operationsOf(server)) {
    const [method, path = ''] = line.split(' ')
    const url = path.replaceAll(/\{\w+\}/g, NOTHING)
    const token = line === 'POST /logout' ? '' : person.access_token
    const start = `${method} ${url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n`
    const ask = async (headers: string) => {
      const end = headers.includes('chunked') ? '0\r\n\r\n' : ''
      const { statusCode, body } = await exchange(t, server.app, `${start}${headers}\r\n${end}`)
      const { code, errors } = body.startsWith('{') ? JSON.parse(body) : {}
      return { statusCode, code, errors }
    }
    const expected = await ask('')
    assert.ok(![413, 415].includes(expected.statusCode), line)
    assert.notEqual(expected.code, 'malformed_request', line)
    for (const type of types) {
      const framing = framings[types.indexOf(type) % framings.length]
      const actual = await ask(`Content-Type: ${type}\r\n${framing}`)
      assert.deepEqual(actual, expected, `${line} ${type} ${framing}`)
    }
  }
})

test('PUT /password without a body names every missing field, in each framing', async (t) => {
  const server = await theServer()
  const { access_token } = await signedUp(server)
  const start = `PUT /password HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${access_token}\r\n`

  for (const type of types) {
    for (const framing of framings) {
      const end = framing.includes('chunked') ? '0\r\n\r\n' : ''
      const head = `${start}Content-Type: ${type}\r\n${framing}\r\n${end}`
      const { statusCode, body } = await exchange(t, server.app, head)
      const { code, errors = [] } = JSON.parse(body) as { code: string; errors?: Fault[] }
      const faults = errors.map((fault) => `${fault.pointer} ${fault.code}`)
      assert.deepEqual(
        [statusCode, code, faults],
        [400, 'validation_failed', ['/currentPassword required', '/newPassword required']],
        `${type} ${framing}`,
      )
    }
  }
})

type Fault = { pointer: string; code: string }

test('a chunked body that comes late and in pieces is read whole', async (t) => {
  const server = await theServer()
  const { username } = await signedUp(server)
  const body = JSON.stringify({ username, password: PASSWORD })
  const chunks = [body.slice(0, 1), body.slice(1)].map(
    (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
  )
  const head =
    'POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'

  const { statusCode } = await exchange(t, server.app, `${head}${chunks.join('')}0\r\n\r\n`)

  assert.equal(statusCode, 200)
})

test('a compressed body stays 415, and GET and DELETE may name a type', async () => {
  const server = await theServer()
  const { access_token } = await signedUp(server)
  const headers = { ...bearer(access_token), 'content-type': 'application/json' }
  const packed = { ...headers, 'content-encoding': 'gzip' }

  const patch = await server.inject({ method: 'PATCH', url: '/me', headers: packed, payload: '{}' })
  const read = await server.inject({ url: '/me', headers })
  const ended = await server.inject({ method: 'DELETE', url: '/sessions', headers })

  assert.deepEqual([patch.statusCode, read.statusCode, ended.statusCode], [415, 200, 200])
})
