import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedUp } from '../support/factories.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertRefused,
  assertStored,
  newHouse,
  sharedServer,
} from '../support/houses.ts'
import { assertFaults } from '../support/problems.ts'

// Conditional requests (RFC 9110 13) on one house.

const theServer = sharedServer()

/** Somebody who has a house of version 1. */
async function withHouse() {
  const server = await theServer()
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  return { server, person, house, address: `/houses/${house.id}` }
}

const listOf = (length: number) =>
  Array.from({ length }, (_, index) => `"${length - index}"`).join()
/** Some proxies gather the tags of all that they keep. */
const LIST = listOf(150)

/** Header values for a house of version 1: those that name it, and those that name another. */
const NAMING = [
  ...['"1"', '*', '"0", "1"', '"0","1"', '"a,b" , "1"', 'W/"0", "1"', LIST],
  // nginx, HAProxy and Envoy · Apache and Caddy · Jetty · LiteSpeed · some of them one behind the
  // other
  ...['W/"1"', '"1-gzip"', '"1-br"', '"1-zstd"', '"1-deflate"', '"1--gzip"', '"1;gz"', '"1;br"'],
  ...['"1:gzip"', '"1-GZIP"', 'W/"1-gzip"', 'W/"1;br"', 'W/"1--gzip"', '"0", W/"1-gzip"'],
]
const OTHER = [
  '"2"',
  '"0"',
  '""',
  '"01"',
  '"1.0"',
  '"-1"',
  '"1e0"',
  '"1,1"',
  '"\\"',
  '"99999999999999999999"',
  '"é"',
  '"0", "2"',
  ...['W/"2"', 'W/"2-gzip"', '"2;br"', '"0-gzip"', '"11-gzip"'],
  ...['"1-"', '"1gzip"', '"1-gzip-gzip"', '"1-x"', '"1-gzip2"', '"1---gzip"', '"-gzip"', '"gzip"'],
]
const MALFORMED = ['1', '"1', '1"', "'1'", '"1" "1"', '"a b"', 'w/"1"', 'W/ "1"', 'W/1', '**']
const MIXED = ['*, "1"', '"1", *', '"1", 1', '"1";"2"']

test('PUT, PATCH and DELETE with an If-Match that names the version succeed', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (const value of NAMING) {
    const headers = { 'if-match': value }
    const one = await newHouse(server, person)
    const { id, projectNo } = await newHouse(server, person)
    const body = aHouse({ projectNo })
    const put = await ask(server, `PUT /houses/${id}`, person, { body, headers })
    const patch = await ask(server, `PATCH /houses/${one.id}`, person, { body: {}, headers })
    const other = await newHouse(server, person)
    const removed = await ask(server, `DELETE /houses/${other.id}`, person, { headers })
    const statuses = [put.statusCode, patch.statusCode, removed.statusCode]
    assert.deepEqual(statuses, [200, 200, 204], value)
  }
})

for (const [what, header, values] of [
  ['an If-Match of another version', 'if-match', OTHER],
  ['an If-None-Match that names the version', 'if-none-match', NAMING],
] as const) {
  test(`PUT, PATCH and DELETE with ${what} answer 412`, async () => {
    const { server, person, house, address } = await withHouse()
    const body = aHouse()

    for (const value of values) {
      const headers = { [header]: value }
      for (const answer of [
        await ask(server, `PUT ${address}`, person, { body, headers }),
        await ask(server, `PATCH ${address}`, person, { body, headers }),
        await ask(server, `DELETE ${address}`, person, { headers }),
      ]) {
        assert.equal(answer.statusCode, 412, `${value}: ${answer.body}`)
        assertRefused(answer, 'precondition_failed')
      }
    }

    await assertStored(server, person, house)
  })
}

test('PUT, PATCH and DELETE with an If-None-Match of other versions succeed', async () => {
  const { server, person, house, address } = await withHouse()
  const headers = { 'if-none-match': '"0", W/"9", "a"', 'if-match': '*' }

  const body = aHouse()
  const put = await ask(server, `PUT ${address}`, person, { body, headers })
  const patch = await ask(server, `PATCH ${address}`, person, { body: {}, headers })
  const removed = await ask(server, `DELETE ${address}`, person, { headers })

  assertHouse(put, 200, { ...house, ...body, version: 2 })
  assert.deepEqual([patch.statusCode, removed.statusCode], [200, 204])
})

test('GET and HEAD with an If-None-Match that names the version, also weakly, answer 304', async () => {
  const { server, person, address } = await withHouse()

  for (const value of NAMING) {
    for (const method of ['GET', 'HEAD']) {
      const headers = { 'if-none-match': value }
      const answer = await ask(server, `${method} ${address}`, person, { headers })
      assert.deepEqual([answer.statusCode, answer.body], [304, ''], value)
      assert.equal(answer.headers.etag, '"1"')
      assert.equal(answer.headers['cache-control'], 'no-store')
      assert.equal(answer.headers['content-type'], undefined)
    }
  }
})

test('GET with an If-None-Match of another version answers with the house', async () => {
  const { server, person, house, address } = await withHouse()

  for (const value of OTHER) {
    const answer = await ask(server, `GET ${address}`, person, {
      headers: { 'if-none-match': value },
    })
    assertHouse(answer, 200, house)
  }
})

test('a malformed If-Match or If-None-Match is 400 and names its header', async () => {
  const { server, person, house, address } = await withHouse()
  const body = aHouse()

  for (const value of [...MALFORMED, ...MIXED]) {
    for (const name of ['if-match', 'if-none-match']) {
      const headers = { [name]: value }
      const issue = [`/${name} invalid_format`]
      assertFaults(await ask(server, `PUT ${address}`, person, { body, headers }), issue)
      assertFaults(await ask(server, `PATCH ${address}`, person, { body, headers }), issue)
      assertFaults(await ask(server, `DELETE ${address}`, person, { headers }), issue)
    }
    const headers = { 'if-none-match': value }
    const read = await ask(server, `GET ${address}`, person, { headers })
    assertFaults(read, ['/if-none-match invalid_format'])
  }

  await assertStored(server, person, house)
})

test('empty elements of a list of entity tags are ignored', async () => {
  const { server, person, address } = await withHouse()

  // RFC 9110 5.6.1.2: a recipient must parse and ignore a reasonable number of them.
  for (const value of ['"0",, "1"', ', "1"', '"1" ,', ',\t,"0" , ,"1",,']) {
    const known = { 'if-none-match': value }
    const read = await ask(server, `GET ${address}`, person, { headers: known })
    const both = { 'if-match': value, ...known }
    const write = await ask(server, `PATCH ${address}`, person, { body: {}, headers: both })
    assert.equal(read.statusCode, 304, value)
    assertRefused(write, 'precondition_failed')
  }
  const headers = { 'if-match': '"0",, "1",' }
  const removed = await ask(server, `DELETE ${address}`, person, { headers })

  assert.equal(removed.statusCode, 204)
})

test('a very long If-Match is refused, or is one decision: the version that the change makes is not changed again', async () => {
  const { server, person, house, address } = await withHouse()
  const body = { projectName: 'x' }
  const others = listOf(2000).replace(',"2","1"', '')
  const headers = { 'if-match': `"1",${others},"2"` }

  const response = await ask(server, `PATCH ${address}`, person, { body, headers })

  if (response.statusCode === 400) assertFaults(response, ['/if-match too_long'])
  else
    await assertStored(
      server,
      person,
      assertHouse(response, 200, { ...house, ...body, version: 2 }),
    )
})

test('a very long If-None-Match of other versions is refused or allows the change', async () => {
  const { server, person, house, address } = await withHouse()
  const headers = { 'if-none-match': listOf(2000).replace(',"1"', '') }

  const response = await ask(server, `PATCH ${address}`, person, { body: {}, headers })

  if (response.statusCode === 400) assertFaults(response, ['/if-none-match too_long'])
  else assertHouse(response, 200, { ...house, version: 2 })
})

test('issues of the body and of both headers come in one response', async () => {
  const { server, person, address } = await withHouse()

  const headers = { 'if-match': '1', 'if-none-match': 'x' }
  const body = { projectNo: '' }
  const response = await ask(server, `PUT ${address}`, person, { body, headers })

  assertFaults(response, [
    '/projectNo too_short',
    '/projectName required',
    '/if-match invalid_format',
    '/if-none-match invalid_format',
  ])
})

test('an ETag follows each change, and the one before it is stale from then on', async () => {
  const { server, person, house, address } = await withHouse()
  let etag = '"1"'

  for (const version of [2, 3, 4]) {
    const body = { projectName: `name ${version}` }
    const fresh = await ask(server, `PATCH ${address}`, person, {
      body,
      headers: { 'if-match': etag },
    })
    const stale = await ask(server, `PATCH ${address}`, person, {
      body,
      headers: { 'if-match': etag },
    })
    assertHouse(fresh, 200, { ...house, ...body, version })
    assertRefused(stale, 'precondition_failed')
    etag = String(fresh.headers.etag)
  }
})
