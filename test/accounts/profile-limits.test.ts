import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertUsedUp, leave } from '../support/budgets.ts'
import { PASSWORD, refresh, signedUp } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { patch } from '../support/profile.ts'

const HOUR = 3600

test('PATCH /me asks about ten names an hour for one user, free or taken, and spellings cost nothing', async (t) => {
  const server = await startServer(t)
  const [person, other] = [await signedUp(server), await signedUp(server)]
  await leave(3, server, 'rename_user', person.user.id)
  const wish = (changes: object) => patch(server, person, { ...changes, currentPassword: PASSWORD })

  const respelled = await wish({ username: person.username.toUpperCase(), name: 'x' })
  const taken = await wish({ username: other.username })
  const both = await wish({ username: uniqueName(), email: `${uniqueName()}@example.com` })
  const refused = await wish({ username: other.username })
  const free = await wish({ username: uniqueName() })
  const named = await wish({ name: 'y' })
  const stranger = await patch(server, other, { username: uniqueName(), currentPassword: PASSWORD })
  server.clock.advance(HOUR)
  const { access_token } = (await refresh(server, person.refresh_token)).json()
  const again = { username: uniqueName(), currentPassword: PASSWORD }
  const later = await patch(server, { ...person, access_token }, again)

  assertProblem(taken, 'username_taken')
  for (const answer of [refused, free]) assertUsedUp(answer, 'rename_user', { wait: HOUR })
  const statuses = [respelled, both, named, stranger, later].map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [200, 200, 200, 200, 200])
})

test('PATCH /me asks about ten names an hour from one network, and a request that is refused costs nothing', async (t) => {
  const server = await startServer(t)
  const [person, other] = [await signedUp(server), await signedUp(server)]
  await leave(1, server, 'rename_network', '127.0.0.1')
  await leave(1, server, 'rename_user', person.user.id)
  const wish = { email: other.email, currentPassword: PASSWORD }
  const twice = { ...wish, username: uniqueName() }

  const tooMuch = await patch(server, other, { ...twice, email: person.email })
  const taken = await patch(server, person, wish)
  const refused = await patch(server, other, { ...wish, email: person.email })

  assertUsedUp(tooMuch, 'rename_network', { wait: HOUR })
  assertProblem(taken, 'email_taken')
  assertUsedUp(refused, 'rename_network', { wait: HOUR })
})

test('PATCH /me with a taken username answers the same whether or not the address is taken', async (t) => {
  const server = await startServer(t)
  const [person, other] = [await signedUp(server), await signedUp(server)]
  const ask = async (email: string) => {
    const wish = { username: other.username, email, currentPassword: PASSWORD }
    const { instance: _id, ...answer } = (await patch(server, person, wish)).json()
    return answer
  }

  const [taken, free] = [await ask(other.email), await ask(`${uniqueName()}@example.com`)]

  assert.equal(taken.code, 'username_taken')
  assert.deepEqual(taken, free)
})
