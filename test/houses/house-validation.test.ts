import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedUp } from '../support/factories.ts'
import { FOX, theServer, UNKNOWN, withHouse } from '../support/house-server.ts'
import { aHouse, ask, assertHouse, assertStored, countHouses, newHouse } from '../support/houses.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

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

test('everything but a JSON object is refused: nothing, null, a list, a text, a form, a merge patch', async () => {
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

test('a body on a route without one is refused, and a query is ignored', async () => {
  const { server, person, house, address } = await withHouse()

  const read = await ask(server, `GET ${address}?fields=id`, person)
  const listed = await ask(server, 'GET /houses?fields=id', person)
  const removed = await ask(server, `DELETE ${address}?force=true`, person, { body: { a: 1 } })

  assertHouse(read, 200, house)
  assertFaults(listed, ['/fields unknown_field'])
  assertFaults(removed, [' not_allowed'])
  await assertStored(server, person, house)
})
