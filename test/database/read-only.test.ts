import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { aHouse, ask, assertHouse, type House, newHouse, sharedServer } from '../support/houses.ts'
import { assertFaults } from '../support/problems.ts'

// What a schema marks as read-only may come back with what was read, and is passed over.

const theServer = sharedServer({ RATE_LIMITS: 'off' })

async function withHouse() {
  const server = await theServer()
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  const address = `/houses/${house.id}`
  const read = (await ask(server, `GET ${address}`, person)).json<House>()
  return { server, person, house, address, read }
}

for (const method of ['PUT', 'PATCH']) {
  test(`${method} /houses/:id takes the whole record that GET gave, with a change`, async () => {
    const { server, person, house, address, read } = await withHouse()

    const body = { ...read, projectName: 'Another name' }
    const answer = await ask(server, `${method} ${address}`, person, { body })

    assertHouse(answer, 200, { ...house, projectName: 'Another name', version: 2 })
  })

  test(`${method} /houses/:id ignores read-only members with any value`, async () => {
    const { server, person, house, address } = await withHouse()
    const { projectNo } = house
    const names = ['id', 'ownerId', 'version', 'createdAt', 'updatedAt']

    for (const value of [null, 7, 'x', [], { not: '' }, true]) {
      const odd = Object.fromEntries(names.map((name) => [name, value]))
      const body = { ...odd, projectNo, projectName: 'Name' }
      const answer = await ask(server, `${method} ${address}`, person, { body })
      const { id, ownerId, createdAt } = answer.json<House>()
      assert.equal(answer.statusCode, 200, answer.body)
      assert.deepEqual([id, ownerId, createdAt], [house.id, house.ownerId, house.createdAt])
    }
    const unknown = await ask(server, `${method} ${address}`, person, {
      body: { ...aHouse({ projectNo }), owner: 'x' },
    })
    assertFaults(unknown, ['/owner unknown_field'])
  })
}

test('POST /houses refuses them, since nothing was read', async () => {
  const { server, person, read } = await withHouse()

  const answer = await ask(server, 'POST /houses', person, { body: read })

  const names = ['id', 'ownerId', 'version', 'createdAt', 'updatedAt']
  assertFaults(
    answer,
    names.map((name) => `/${name} unknown_field`),
  )
})

test('PATCH /me takes the whole user that GET gave, with a change', async () => {
  const server = await theServer()
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  const me = (await call(server, 'GET /me', undefined, headers)).json()

  const body = { ...me, name: 'Ada', role: 'admin', emailVerified: true, id: 'x' }
  const answer = await call(server, 'PATCH /me', { ...body, currentPassword: PASSWORD }, headers)

  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(answer.json(), { ...me, name: 'Ada' })
})

test('the document marks them readOnly, and leaves them out of its examples', async () => {
  const server = await theServer()
  const { paths, components } = (await server.inject({ url: '/openapi.json' })).json()
  const expected: Record<string, string[]> = {
    'put /houses/{id}': ['id', 'ownerId', 'version', 'createdAt', 'updatedAt'],
    'patch /houses/{id}': ['id', 'ownerId', 'version', 'createdAt', 'updatedAt'],
    'patch /me': ['id', 'role', 'emailVerified', 'pendingEmail', 'createdAt'],
    'post /houses': [],
  }

  for (const [line, names] of Object.entries(expected)) {
    const [method = '', path = ''] = line.split(' ')
    const media = paths[path][method].requestBody.content['application/json']
    const schema = components.schemas[media.schema.$ref.split('/').at(-1)]
    const marked = Object.keys(schema.properties).filter((name) => schema.properties[name].readOnly)
    assert.deepEqual(marked, names, line)
    for (const name of names)
      assert.ok(!JSON.stringify(media.examples ?? media.example).includes(`"${name}"`))
  }
})
