// Attacks on what belongs to others: another address of it, and what a refusal tells. Who may do
// what at each route: authorization.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, castOf, outcomeOf, tinyPhoto } from '../support/callers.ts'
import type { Opened } from '../support/factories.ts'
import { aHouse, ask, digestOfHouses, newHouse, sharedServer } from '../support/houses.ts'

const shared = sharedServer()

test('a photo is found under its own house alone, also for the owner of another house', async () => {
  const server = await shared()
  const { owner, actors } = await castOf(server)
  const stranger = actors.stranger as Opened
  const url = await addressOf(server, '/houses/{id}/photos/{photoId}', owner, await tinyPhoto())
  const [, , houseId = '', , photoId = ''] = url.split('/')
  const foreign = `/houses/${(await newHouse(server, stranger)).id}/photos/${photoId}`
  const before = await digestOfHouses(server)

  for (const method of ['GET', 'DELETE']) {
    for (const person of [stranger, owner, actors.admin as Opened]) {
      const answer = await ask(server, `${method} ${foreign}`, person)
      assert.match(outcomeOf(answer), method === 'GET' ? /^404/ : /^(404 not_found|403 not_owner)$/)
      const crossed = await ask(server, `${method} /houses/${photoId}/photos/${houseId}`, person)
      assert.equal(outcomeOf(crossed), '404 not_found')
    }
  }

  assert.equal(await digestOfHouses(server), before)
  assert.equal((await ask(server, `GET ${url}`, stranger)).statusCode, 200)
})

test('a refused write names the reason alone, for every caller and media type', async () => {
  const server = await shared()
  const { owner, actors } = await castOf(server)
  const { id } = await newHouse(server, owner)

  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const body = method === 'DELETE' ? {} : { body: aHouse() }
    const answer = await ask(server, `${method} /houses/${id}`, actors.stranger as Opened, body)
    assert.ok(!answer.body.includes(owner.username), answer.body)
    assert.ok(!answer.body.includes(owner.user.id), answer.body)
  }
})
