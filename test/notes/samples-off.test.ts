import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { freshDatabase, startServer } from '../support/helper.ts'
import { ask, assertRefused, newHouse } from '../support/houses.ts'
import { newNote } from '../support/notes.ts'
import { operationsOf } from '../support/operations.ts'
import { routesOf } from '../support/routes.ts'

type Document = { tags: { name: string }[] }

for (const { env, absent, present } of [
  { env: { NOTES: 'off' }, absent: ['Notes'], present: ['Houses', 'Photos'] },
  { env: { HOUSES: 'off' }, absent: ['Houses', 'Photos'], present: ['Notes'] },
  { env: { NOTES: 'off', HOUSES: 'off' }, absent: ['Notes', 'Houses', 'Photos'], present: [] },
] as const) {
  const name = Object.keys(env).join(' and ')
  const paths = absent.map((tag) => `/${tag.toLowerCase()}`).filter((path) => path !== '/photos')
  const isAbsent = (path: string) => paths.some((start) => path.startsWith(start))

  test(`${name}=off leaves out ${absent}: routes, reference and dashboard`, async (t) => {
    const server = await startServer(t, { env })
    const person = await signedUp(server)

    const lines = (await operationsOf(server)).map(({ line }) => line)
    const document = (await server.inject({ url: '/openapi.json' })).json<Document>()
    const dashboard = await ask(server, 'GET /dashboard', person)

    const tags = document.tags.map((tag) => tag.name)
    assert.deepEqual(
      tags.filter((tag) => (absent as readonly string[]).includes(tag)),
      [],
    )
    for (const tag of present) assert.ok(tags.includes(tag), tag)
    for (const line of [...lines, ...routesOf(server)]) {
      assert.ok(!isAbsent(line.split(' ')[1] ?? ''), line)
    }
    for (const path of paths) {
      assert.ok(!(path.slice(1) in dashboard.json<object>()), path)
      for (const line of [`GET ${path}`, `POST ${path}`, `GET ${path}/${person.user.id}`]) {
        assertRefused(await ask(server, line, person), 'not_found')
      }
    }
    assert.equal((await ask(server, 'GET /me', person)).statusCode, 200)
  })
}

test('an account that is deleted while both samples are off takes its rows along', async (t) => {
  const url = await freshDatabase(t)
  const before = await startServer(t, { url })
  const [person, other] = [await signedUp(before), await signedUp(before)]
  for (const owner of [person, other]) {
    await newNote(before, owner)
    await newHouse(before, owner)
  }

  const server = await startServer(t, { url, env: { NOTES: 'off', HOUSES: 'off' } })
  const body = { currentPassword: PASSWORD }
  const gone = await call(server, 'DELETE /me', body, bearer(person.access_token))

  assert.equal(gone.statusCode, 204, gone.body)
  const { client } = server.database
  const owners = [
    await client.note.findMany({ select: { ownerId: true } }),
    await client.house.findMany({ select: { ownerId: true } }),
  ]
  assert.deepEqual(owners, [[{ ownerId: other.user.id }], [{ ownerId: other.user.id }]])
  assert.deepEqual(await client.user.findMany({ select: { id: true } }), [{ id: other.user.id }])
})
