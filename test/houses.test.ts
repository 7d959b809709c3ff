import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { assertNotLogged, auditEntries, call } from './answers.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'
import {
  aHouse,
  ask,
  assertHouse,
  assertRefused,
  assertStored,
  countHouses,
  deedsOf,
  digestOfHouses,
  type House,
  newAdmin,
  newHouse,
  sharedServer,
  tally,
} from './houses.ts'
import { bearer, PASSWORD, signedIn, signedUp } from './people.ts'
import { assertFaults, assertProblem } from './problems.ts'

const FOX = '🦊'
const UNKNOWN = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'
const ten = <T>(one: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 10 }, (_, index) => one(index)))

const nowOf = ({ clock }: TestServer) => new Date(clock()).toISOString()

const theServer = sharedServer()

/** Somebody who has a house. */
async function withHouse() {
  const server = await theServer()
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  return { server, person, house, address: `/houses/${house.id}` }
}

// Create and read

test('POST /houses answers 201 with the house, its Location and its ETag', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const body = aHouse({ projectName: `Haus "am" See ${FOX}`, projectAddress: '上海市\\%_; --' })

  const response = await ask(server, 'POST /houses', person, { body })

  const now = nowOf(server)
  const rest = { ownerId: person.user.id, version: 1, createdAt: now, updatedAt: now }
  const house = assertHouse(response, 201, { ...body, ...rest })
  await assertStored(server, await signedUp(server), house)
  assert.deepEqual((await deedsOf(server, person)).sort(), ['registered', 'signed_in'])
  assertNotLogged(server, [body.projectNo, body.projectName, '上海市'])
})

test('POST /houses takes no address as null and keeps an empty one apart from it', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const { projectAddress: _none, ...bare } = aHouse()

  const absent = await ask(server, 'POST /houses', person, { body: bare })
  const empty = await newHouse(server, person, { projectAddress: '' })
  const none = await newHouse(server, person, { projectAddress: null })

  assert.equal(absent.statusCode, 201)
  assert.deepEqual(
    [absent.json().projectAddress, empty.projectAddress, none.projectAddress],
    [null, '', null],
  )
  await assertStored(server, person, empty)
  await assertStored(server, person, none)
})

test('GET /houses/:id of an id that is unknown or malformed answers 404', async () => {
  const { server, person, house } = await withHouse()

  for (const id of [
    UNKNOWN,
    house.id.toUpperCase(),
    '1',
    '%00',
    `${house.id}%20`,
    "'%20OR%201=1",
  ]) {
    for (const method of ['GET', 'DELETE']) {
      assertRefused(await ask(server, `${method} /houses/${id}`, person), 'not_found')
    }
    for (const method of ['PUT', 'PATCH']) {
      const answer = await ask(server, `${method} /houses/${id}`, person, { body: aHouse() })
      assertRefused(answer, 'not_found')
    }
  }

  await assertStored(server, person, house)
})

test('HEAD /houses/:id answers with the headers of GET and no body', async () => {
  const { server, person, address } = await withHouse()

  const whole = await ask(server, `GET ${address}`, person)
  const head = await ask(server, `HEAD ${address}`, person)
  const missing = await ask(server, `HEAD /houses/${UNKNOWN}`, person)

  const { date: _one, 'x-request-id': _id, ...expected } = whole.headers
  const { date: _other, 'x-request-id': _other_id, ...seen } = head.headers
  assert.deepEqual([head.statusCode, head.body, seen], [200, '', expected])
  assert.deepEqual([missing.statusCode, missing.body], [404, ''])
})

// Replace

test('PUT /houses/:id replaces all three texts, and an absent address becomes null', async () => {
  const { server, person, house, address } = await withHouse()
  const body = { projectNo: uniqueName('Q'), projectName: 'Anders' }
  server.clock.advance(5)

  const response = await ask(server, `PUT ${address}`, person, { body })

  const change = { ...body, projectAddress: null, version: 2, updatedAt: nowOf(server) }
  const replaced = assertHouse(response, 200, { ...house, ...change })
  await assertStored(server, person, replaced)
  assert.deepEqual((await deedsOf(server, person)).sort(), ['registered', 'signed_in'])
})

test('PUT /houses/:id keeps the own number and may repeat what is there', async () => {
  const { server, person, house, address } = await withHouse()
  const { projectNo, projectName, projectAddress } = house

  const body = { projectNo, projectName, projectAddress }
  const response = await ask(server, `PUT ${address}`, person, { body })

  assertHouse(response, 200, { ...house, version: 2 })
})

test('PUT /houses/:id asks for number and name and names both', async () => {
  const { server, person, house, address } = await withHouse()

  const response = await ask(server, `PUT ${address}`, person, { body: { projectAddress: 'x' } })

  assertFaults(response, ['/projectNo required', '/projectName required'])
  await assertStored(server, person, house)
})

// Change in part

test('PATCH /houses/:id changes the texts that it names and nothing else', async () => {
  const { server, person, house, address } = await withHouse()
  let expected = house

  for (const change of [
    { projectNo: uniqueName('Z') },
    { projectName: 'Neuer Name' },
    { projectAddress: 'Neue Straße 7' },
    { projectAddress: null },
    { projectAddress: '' },
    { projectName: 'a', projectAddress: 'b' },
  ]) {
    server.clock.advance(5)
    const response = await ask(server, `PATCH ${address}`, person, { body: change })
    const rest = { version: expected.version + 1, updatedAt: nowOf(server) }
    expected = assertHouse(response, 200, { ...expected, ...change, ...rest })
    await assertStored(server, person, expected)
  }

  assert.deepEqual((await deedsOf(server, person)).sort(), ['registered', 'signed_in'])
})

test('PATCH /houses/:id with {} changes none of the texts', async () => {
  const { server, person, house, address } = await withHouse()

  const response = await ask(server, `PATCH ${address}`, person, { body: {} })

  const same = assertHouse(response, 200, { ...house, version: 2 })
  await assertStored(server, person, same)
})

test('PATCH /houses/:id takes null for the address alone', async () => {
  const { server, person, house, address } = await withHouse()

  const body = { projectNo: null, projectName: null, projectAddress: null }
  const response = await ask(server, `PATCH ${address}`, person, { body })

  assertFaults(response, ['/projectNo wrong_type', '/projectName wrong_type'])
  await assertStored(server, person, house)
})

// Delete

test('DELETE /houses/:id answers 204 and leaves its number free', async () => {
  const { server, person, house, address } = await withHouse()

  const response = await ask(server, `DELETE ${address}`, person)

  assert.deepEqual([response.statusCode, response.body], [204, ''])
  assert.equal(response.headers['content-type'], undefined)
  assert.equal(response.headers['cache-control'], 'no-store')
  assertRefused(await ask(server, `GET ${address}`, person), 'not_found')
  assertRefused(await ask(server, `DELETE ${address}`, person), 'not_found')
  const again = await newHouse(server, person, { projectNo: house.projectNo })
  assert.notEqual(again.id, house.id)
})

// Order of answers

test('answers come in the order 400, 404, 403, 412, 409', async () => {
  const { server, person, house, address } = await withHouse()
  const stranger = await signedUp(server)
  const { projectNo } = await newHouse(server, person)
  const taken = aHouse({ projectNo })
  const stale = { 'if-match': '"9"' }
  const before = await digestOfHouses(server)
  const put = (who: typeof stranger, id: string, body: object, headers = {}) =>
    ask(server, `PUT /houses/${id}`, who, { body, headers })

  assertFaults(await put(stranger, UNKNOWN, { ...taken, projectName: '' }, stale), [
    '/projectName too_short',
  ])
  assertFaults(await put(stranger, house.id, taken, { 'if-match': 'x' }), [
    '/if-match invalid_format',
  ])
  assertRefused(await put(stranger, UNKNOWN, taken, stale), 'not_found')
  assertRefused(await put(stranger, house.id, taken, stale), 'not_owner')
  assertRefused(await put(stranger, house.id, taken), 'not_owner')
  assertRefused(await put(person, house.id, taken, stale), 'precondition_failed')
  assertRefused(await put(person, house.id, taken, { 'if-match': '"1"' }), 'project_no_taken')
  const patched = await ask(server, `PATCH ${address}`, stranger, { body: taken, headers: stale })
  const removed = await ask(server, `DELETE ${address}`, stranger, { headers: stale })
  const gone = await ask(server, `DELETE /houses/${UNKNOWN}`, stranger, { headers: stale })

  assertRefused(patched, 'not_owner')
  assertRefused(removed, 'not_owner')
  assertRefused(gone, 'not_found')
  assert.equal(await digestOfHouses(server), before)
})

// Validation

const FIELDS = ['projectNo', 'projectName', 'projectAddress'] as const

const TOO_SHORT = { projectNo: [''], projectName: [''], projectAddress: [] }
const TOO_LONG = { projectNo: 129, projectName: 257, projectAddress: 257 }
const BROKEN = ['a\u0000', '\n', 'a\tb', '\u007f', '\u0085', '\ud800', 'x\udc00y']

for (const field of FIELDS) {
  test(`a ${field} out of bounds, or with control characters or broken Unicode, is refused`, async () => {
    const { server, person, house, address } = await withHouse()
    const long = ['x', FOX].map((letter) => letter.repeat(TOO_LONG[field]))
    const wrong = [
      ...TOO_SHORT[field].map((value) => [value, 'too_short']),
      ...long.map((value) => [value, 'too_long']),
      ...BROKEN.map((value) => [value, 'invalid_format']),
    ] as const

    for (const [value, code] of wrong) {
      const body = { ...aHouse(), [field]: value }
      const made = await ask(server, 'POST /houses', person, { body })
      const put = await ask(server, `PUT ${address}`, person, { body })
      const patch = await ask(server, `PATCH ${address}`, person, { body: { [field]: value } })
      for (const answer of [made, put, patch]) assertFaults(answer, [`/${field} ${code}`])
    }

    await assertStored(server, person, house)
    assert.equal(await countHouses(server, person), 1)
  })
}

test('each text is taken at its bounds, counted in code points', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (const letter of ['x', FOX, 'ß', '\u0390', '"', '\\', '\ufb03', '\u2028']) {
    const longest = { projectNo: letter.repeat(128), projectName: letter.repeat(256) }
    const body = { ...longest, projectAddress: letter.repeat(256) }
    const made = await newHouse(server, person, body)
    const put = await ask(server, `PUT /houses/${made.id}`, person, { body })
    const shortest = { projectNo: letter, projectName: letter, projectAddress: '' }
    const patch = await ask(server, `PATCH /houses/${made.id}`, person, { body: shortest })
    assertHouse(put, 200, { ...made, ...body, version: 2 })
    assertHouse(patch, 200, { ...made, ...shortest, version: 3 })
  }
})

test('a house with another JSON type or an operator of the database for a text is refused', async () => {
  const { server, person, house, address } = await withHouse()
  const operators = [{ set: 'x' }, { contains: '' }, { not: null }, { connect: { id: UNKNOWN } }]

  for (const value of [5, 0, true, false, ['x'], [], {}, ...operators]) {
    const body = Object.fromEntries(FIELDS.map((field) => [field, value]))
    for (const line of ['POST /houses', `PUT ${address}`, `PATCH ${address}`]) {
      assertFaults(
        await ask(server, line, person, { body }),
        FIELDS.map((field) => `/${field} wrong_type`),
      )
    }
  }

  await assertStored(server, person, house)
  assert.equal(await countHouses(server, person), 1)
})

test('a house takes no field that is the server’s to set, nor any other', async () => {
  const { server, person, house, address } = await withHouse()
  const shown = ['id', 'ownerId', 'version', 'createdAt', 'updatedAt']
  const hidden = ['searchNo', 'searchName', 'searchAddress', 'owner', 'photos', 'photoCount', 'x']
  const more = Object.fromEntries([...shown, ...hidden].map((field) => [field, house.ownerId]))
  const unknown = (fields: string[]) => fields.map((field) => `/${field} unknown_field`)

  const created = await ask(server, 'POST /houses', person, { body: { ...aHouse(), ...more } })
  const put = await ask(server, `PUT ${address}`, person, { body: { ...aHouse(), ...more } })
  const patched = await ask(server, `PATCH ${address}`, person, { body: more })

  assertFaults(created, unknown([...shown, ...hidden]))
  // What GET shows may come back, and is passed over.
  assertFaults(put, unknown(hidden))
  assertFaults(patched, unknown(hidden))
  await assertStored(server, person, house)
  assert.equal(await countHouses(server, person), 1)
})

test('what is no JSON object is refused: nothing, null, a list, a text, a form, a merge patch', async () => {
  const { server, person, house, address } = await withHouse()
  const types = ['application/x-www-form-urlencoded', 'application/merge-patch+json', 'text/plain']
  const json = { 'content-type': 'application/json' }

  for (const line of ['POST /houses', `PUT ${address}`, `PATCH ${address}`]) {
    const missing = ['/projectNo required', '/projectName required']
    const nothing = line.startsWith('PATCH') ? [' required'] : missing
    assertFaults(await ask(server, line, person), nothing)
    for (const body of ['null', '[]', '"x"', '7']) {
      assertFaults(await ask(server, line, person, { body, headers: json }), [' wrong_type'])
    }
    for (const type of types) {
      const headers = { 'content-type': type }
      const answer = await ask(server, line, person, { body: '{}', headers })
      assertProblem(answer, 'unsupported_media_type')
    }
  }

  await assertStored(server, person, house)
})

test('a body that nobody reads is refused, and a query is passed over', async () => {
  const { server, person, house, address } = await withHouse()

  const read = await ask(server, `GET ${address}?fields=id`, person)
  const listed = await ask(server, 'GET /houses?fields=id', person)
  const removed = await ask(server, `DELETE ${address}?force=true`, person, { body: { a: 1 } })

  assertHouse(read, 200, house)
  assertFaults(listed, ['/fields unknown_field'])
  assertFaults(removed, [' not_allowed'])
  await assertStored(server, person, house)
})

// Unique numbers

test('project numbers differ by case, by spaces and by every code point', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const numbers = ['A', 'a', 'A ', 'A  ', ' A', 'Á', 'A\u0301', 'Ａ', 'A\u200b', 'ss', 'ß', 'ẞ']
  const more = [
    'ſs',
    'I',
    'İ',
    'ı',
    'i',
    '\u03a9',
    '\u2126',
    'K',
    '\u212a',
    '1',
    '１',
    '01',
    ' ',
    '  ',
  ]

  for (const projectNo of [...numbers, ...more]) {
    const house = await newHouse(server, person, { projectNo })
    await assertStored(server, person, house)
    const again = await ask(server, 'POST /houses', person, { body: aHouse({ projectNo }) })
    assertRefused(again, 'project_no_taken')
  }

  assert.equal(await server.database.client.house.count(), numbers.length + more.length)
})

test('POST, PUT and PATCH with a number that is taken answer 409 and change nothing', async () => {
  const { server, house, address, person } = await withHouse()
  const { projectNo } = await newHouse(server, await signedUp(server))
  const body = aHouse({ projectNo })

  assertRefused(await ask(server, 'POST /houses', person, { body }), 'project_no_taken')
  assertRefused(await ask(server, `PUT ${address}`, person, { body }), 'project_no_taken')
  assertRefused(await ask(server, `PATCH ${address}`, person, { body }), 'project_no_taken')

  await assertStored(server, person, house)
  assert.equal(await countHouses(server, person), 1)
})

test('POST /houses of one number 20 times at once makes one house', async () => {
  const server = await theServer()
  const people = [await signedUp(server), await signedUp(server)]
  const body = aHouse()

  const answers = await Promise.all(
    [...people, ...people, ...people, ...people, ...people]
      .flatMap((person) => [person, person])
      .map((person) => ask(server, 'POST /houses', person, { body })),
  )

  assert.deepEqual(tally(answers), { 201: 1, '409 project_no_taken': 19 })
  assert.equal(await server.database.client.house.count({ where: body }), 1)
})

test('PATCH of ten houses to one free number at once gives it to one of them', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const houses = await ten(() => newHouse(server, person))
  const projectNo = uniqueName('wanted')

  const answers = await Promise.all(
    houses.map(({ id }) => ask(server, `PATCH /houses/${id}`, person, { body: { projectNo } })),
  )

  assert.deepEqual(tally(answers), { 200: 1, '409 project_no_taken': 9 })
  assert.equal(await server.database.client.house.count({ where: { projectNo } }), 1)
})

// Races for one house

test('ten PUTs at once with one ETag: one is answered 200, nine 412', async () => {
  const { server, person, house, address } = await withHouse()

  for (const version of [2, 3, 4]) {
    const headers = { 'if-match': `"${version - 1}"` }
    const answers = await ten((index) =>
      ask(server, `PUT ${address}`, person, {
        body: { ...aHouse(), projectName: `number ${index}` },
        headers,
      }),
    )

    assert.deepEqual(tally(answers), { 200: 1, '412 precondition_failed': 9 })
    const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
    const { projectNo, projectAddress } = (answers[winner] as LightMyRequestResponse).json<House>()
    const stored = { projectNo, projectName: `number ${winner}`, projectAddress, version }
    await assertStored(server, person, { ...house, ...stored })
  }
})

test('ten PATCHes at once without If-Match: all are answered 200, each with its own version', async () => {
  const { server, person, house, address } = await withHouse()

  const answers = await ten((index) =>
    ask(server, `PATCH ${address}`, person, { body: { projectName: `number ${index}` } }),
  )

  assert.deepEqual(tally(answers), { 200: 10 })
  const seen = answers.map((answer, index) => {
    const { version } = answer.json<House>()
    return assertHouse(answer, 200, { ...house, projectName: `number ${index}`, version })
  })
  const last = seen.sort((one, other) => one.version - other.version).at(-1)
  assert.deepEqual(
    seen.map(({ version }) => version),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  )
  await assertStored(server, person, last as House)
})

test('ten DELETEs at once: one is answered 204, nine 404', async () => {
  const { server, person, address } = await withHouse()

  const answers = await ten(() => ask(server, `DELETE ${address}`, person))

  assert.deepEqual(tally(answers), { 204: 1, '404 not_found': 9 })
})

test('PUTs and DELETEs at once with one ETag have one winner', async () => {
  const server = await theServer()
  const person = await signedUp(server)

  for (let round = 0; round < 4; round++) {
    const { id } = await newHouse(server, person)
    const headers = { 'if-match': '"1"' }
    const answers = await ten((index) =>
      index % 2 === round % 2
        ? ask(server, `DELETE /houses/${id}`, person, { headers })
        : ask(server, `PUT /houses/${id}`, person, { body: aHouse(), headers }),
    )

    const counts = tally(answers)
    const { 200: put = 0, 204: removed = 0, '412 precondition_failed': stale = 0 } = counts
    assert.equal(put + removed, 1, JSON.stringify(counts))
    assert.equal(stale + (counts['404 not_found'] ?? 0), 9, JSON.stringify(counts))
    assert.equal(await server.database.client.house.count({ where: { id } }), put)
  }
})

// Who may write

test('a stranger reads a house and may neither change nor delete it', async () => {
  const { server, person, house, address } = await withHouse()
  const stranger = await signedUp(server)
  const before = await digestOfHouses(server)

  await assertStored(server, stranger, house)
  for (const headers of [{}, { 'if-match': '"1"' }, { 'if-match': '*' }]) {
    for (const method of ['PUT', 'PATCH']) {
      const options = { body: aHouse(), headers }
      assertRefused(await ask(server, `${method} ${address}`, stranger, options), 'not_owner')
    }
    assertRefused(await ask(server, `DELETE ${address}`, stranger, { headers }), 'not_owner')
  }

  assert.equal(await digestOfHouses(server), before)
  await assertStored(server, person, house)
})

test('an administrator changes and deletes the houses of others, which stay theirs', async () => {
  const { server, person, house, address } = await withHouse()
  const admin = await newAdmin(server)
  const body = aHouse()

  const put = await ask(server, `PUT ${address}`, admin, { body })
  const patch = await ask(server, `PATCH ${address}`, admin, {
    body: { projectName: 'Amt' },
    headers: { 'if-match': '"2"' },
  })
  const stale = await ask(server, `DELETE ${address}`, admin, { headers: { 'if-match': '"2"' } })
  const removed = await ask(server, `DELETE ${address}`, admin)

  assertHouse(put, 200, { ...house, ...body, version: 2 })
  assertHouse(patch, 200, { ...house, ...body, projectName: 'Amt', version: 3 })
  assertRefused(stale, 'precondition_failed')
  assert.equal(removed.statusCode, 204)
  assertRefused(await ask(server, `GET ${address}`, person), 'not_found')
  const entries = await auditEntries(server)
  const deeds = entries.filter(
    ({ userId, type }) => userId === admin.user.id && /^house_/.test(type),
  )
  const deed = { userId: admin.user.id, sessionId: null, detail: house.id }
  assert.deepEqual(deeds, [
    { type: 'house_changed_by_admin', ...deed },
    { type: 'house_changed_by_admin', ...deed },
    { type: 'house_deleted_by_admin', ...deed },
  ])
})

test('an administrator writes the own houses as everybody does, without a trace', async () => {
  const server = await theServer()
  const admin = await newAdmin(server)
  const { id } = await newHouse(server, admin)

  const patch = await ask(server, `PATCH /houses/${id}`, admin, { body: {} })
  const removed = await ask(server, `DELETE /houses/${id}`, admin)

  assert.deepEqual([patch.statusCode, removed.statusCode], [200, 204])
  assert.ok(!(await deedsOf(server, admin)).some((type) => type.startsWith('house_')))
})

test('an administrator who is one no longer may not write, with old tokens and with new', async () => {
  const { server, person, house, address } = await withHouse()
  const admin = await newAdmin(server)

  await server.services.administration.changeRole(admin.username, 'user')
  const old = await ask(server, `PUT ${address}`, admin, { body: aHouse() })
  const anew = await signedIn(server, admin)
  const fresh = await ask(server, `PUT ${address}`, anew, { body: aHouse() })
  const removed = await ask(server, `DELETE ${address}`, anew)

  assertProblem(old, 'token_expired')
  assertRefused(fresh, 'not_owner')
  assertRefused(removed, 'not_owner')
  await assertStored(server, person, house)
})

// Houses and their owners

test('GET /dashboard counts the houses that one has made and not deleted', async () => {
  const { server, person, address } = await withHouse()
  const other = await signedUp(server)
  await newHouse(server, other)
  await newHouse(server, person)
  await newHouse(server, person)
  await ask(server, `DELETE ${address}`, person)

  const counts = [person, other, await signedUp(server)].map(async (one) => {
    const answer = await ask(server, 'GET /dashboard', one)
    return answer.json<{ houses: number }>().houses
  })

  assert.deepEqual(await Promise.all(counts), [2, 1, 0])
})

test('DELETE /me takes the houses of the account along and no others', async () => {
  const { server, person, house, address } = await withHouse()
  const other = await signedUp(server)
  const kept = await newHouse(server, other)
  await newHouse(server, person)

  const gone = await ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } })

  assert.equal(gone.statusCode, 204, gone.body)
  assertRefused(await ask(server, `GET ${address}`, other), 'not_found')
  await assertStored(server, other, kept)
  assert.deepEqual([await countHouses(server, person), await countHouses(server, other)], [0, 1])
  await newHouse(server, other, { projectNo: house.projectNo })
})

test('POST /houses of an account that is just gone answers session_ended', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  await server.database.client.user.deleteMany({ where: { id: person.user.id } })

  const response = await ask(server, 'POST /houses', person, { body: aHouse() })

  assertRefused(response, 'session_ended')
})

test('POST /houses beside DELETE /me leaves no house behind and never fails', async () => {
  const server = await theServer()

  for (let round = 0; round < 6; round++) {
    const person = await signedUp(server)
    const make = () => ask(server, 'POST /houses', person, { body: aHouse() })
    const [gone, ...made] = await Promise.all([
      ask(server, 'DELETE /me', person, { body: { currentPassword: PASSWORD } }),
      ...[make, make, make, make].map(async (one, index) => {
        for (let turn = 0; turn < round * index * 3; turn++) await new Promise(setImmediate)
        return one()
      }),
    ])

    assert.equal(gone.statusCode, 204, gone.body)
    const { 201: before = 0, '401 session_ended': after = 0 } = tally(made)
    assert.equal(before + after, 4, JSON.stringify(tally(made)))
    assert.equal(await countHouses(server, person), 0)
  }
})

test('every request for houses without a good credential answers 401 before it reads anything', async () => {
  const server = await theServer()
  const address = `/houses/${UNKNOWN}`

  for (const line of ['POST /houses', ...['GET', 'PUT', 'PATCH', 'DELETE'].map(at)]) {
    const body = line.startsWith('GET') ? undefined : { unknown: 1 }
    const broken = { 'if-match': 'x', 'if-none-match': 'x', 'idempotency-key': 'two words' }
    assertProblem(await call(server, line, body, broken), 'unauthenticated')
    const forged = { ...broken, ...bearer('a.b.c') }
    assertProblem(await call(server, line, body, forged), 'invalid_token')
  }

  function at(method: string) {
    return `${method} ${address}`
  }
})
