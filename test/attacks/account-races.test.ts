// Races for names and accounts. No matter who wins, the state is the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { newHouse } from '../support/houses.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { beside, CROWD, crowd, filesOf, removeAccount, statuses } from '../support/races.ts'

test('POST /register of one name 50 times at once in any case makes one account', async (t) => {
  const server = await startServer(t)
  const name = uniqueName('racer')
  const register = (username: string, email: string) =>
    server.inject({
      method: 'POST',
      url: '/register',
      payload: { username, email, password: PASSWORD },
    })

  const answers = await Promise.all(
    crowd((index) => register(inSomeCase(name, index), `${uniqueName('mail')}@example.com`)),
  )

  assert.deepEqual(statuses(answers), { 201: 1, '409 username_taken': CROWD - 1 })
  const rows = await server.database.client.user.count({ where: { usernameKey: name } })
  assert.equal(rows, 1)
})

test('POST /register of a few names and addresses crosswise makes each account once', async (t) => {
  const server = await startServer(t)
  const stem = uniqueName('cross')

  const answers = await Promise.all(
    crowd((index) => {
      const username = inSomeCase(`${stem}-${index % 3}`, index)
      const email = inSomeCase(`${stem}-${index % 4}@example.com`, index)
      const payload = { username, email, password: PASSWORD }
      return server.inject({ method: 'POST', url: '/register', payload })
    }),
  )

  const counts = statuses(answers)
  const { 201: made = 0, '409 username_taken': name = 0, '409 email_taken': mail = 0 } = counts
  assert.equal(made + name + mail, CROWD, JSON.stringify(counts))
  assert.ok(made >= 1 && made <= 3)
  const rows = await server.database.client.user.count({
    where: { usernameKey: { startsWith: stem } },
  })
  assert.equal(rows, made)
})

test('PATCH /me by ten people to one free name at once gives it to one of them', async (t) => {
  const server = await startServer(t)
  const people = await Promise.all(Array.from({ length: 10 }, () => signedUp(server)))
  const name = uniqueName('wanted')

  const answers = await Promise.all(
    people.map(({ access_token }, index) => rename(server, access_token, inSomeCase(name, index))),
  )

  assert.deepEqual(statuses(answers), { 200: 1, '409 username_taken': 9 })
})

test('PATCH /me by one person to one name ten times at once succeeds each time', async (t) => {
  const server = await startServer(t)
  const { access_token } = await signedUp(server)
  const name = uniqueName('wanted')

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => rename(server, access_token, name)),
  )

  assert.deepEqual(statuses(answers), { 200: 10 })
})

test('DELETE /me ten times at once deletes once and refuses the rest as signed out', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)

  const answers = await Promise.all(Array.from({ length: 10 }, () => removeAccount(server, person)))

  assert.deepEqual(statuses(answers), { 204: 1, '401 session_ended': 9 })
  assert.equal(await server.database.client.user.count({ where: { id: person.user.id } }), 0)
})

test('DELETE /me beside uploads leaves no photo of the account, neither row nor file', async (t) => {
  const server = await startServer(t)
  const picture = await aPicture('png')

  for (let round = 0; round < 4; round++) {
    const person = await signedUp(server)
    const { id } = await newHouse(server, person)
    const form = formWith(picture)
    const upload = () =>
      server.inject({
        method: 'POST',
        url: `/houses/${id}/photos`,
        payload: form.payload,
        headers: { ...form.headers, ...bearer(person.access_token) },
      })

    const [removed, ...uploaded] = await beside(round, () => removeAccount(server, person), [
      upload,
      upload,
    ])

    assert.equal(removed.statusCode, 204, removed.body)
    const allowed = ['201', '404 not_found', '401 session_ended']
    for (const outcome of Object.keys(statuses(uploaded))) assert.ok(allowed.includes(outcome))
  }

  server.clock.advance(601)
  await server.services.photoCleaner.clean()
  assert.deepEqual([await server.database.client.photo.count(), await filesOf(server)], [0, []])
})

/** Each letter large or small by a bit of the number. */
function inSomeCase(text: string, number: number): string {
  return [...text]
    .map((letter, index) => ((number >> (index % 6)) & 1 ? letter.toUpperCase() : letter))
    .join('')
}

function rename(server: TestServer, token: string, username: string) {
  return server.inject({
    method: 'PATCH',
    url: '/me',
    headers: bearer(token),
    payload: { username, currentPassword: PASSWORD },
  })
}
