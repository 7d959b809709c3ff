// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { bearer, signedUp } from '../support/factories.ts'
import { newHouse, tally } from '../support/houses.ts'
import { scene, upload } from '../support/photo-scene.ts'
import { aPicture, blackPng, formWith } from '../support/pictures.ts'

test('two photos of a user wait for the decoder, one more is 429, and others go in between', async (t) => {
  const { server, owner, house } = await scene(t)
  const other = await signedUp(server)
  const form = formWith(blackPng(4000, 2500))
  const order: string[] = []
  const sent = async (name: string, answer: Promise<LightMyRequestResponse>) => {
    const { statusCode } = await answer
    if (statusCode === 201) order.push(name)
    return answer
  }

  const many = Array.from({ length: 6 }, () => sent('owner', upload(server, owner, house, form)))
  const nextDoor = await newHouse(server, other)
  const [small, ...large] = await Promise.all([
    sent('other', upload(server, other, nextDoor, formWith(blackPng(1, 1)))),
    ...many,
  ])

  assert.equal(small.statusCode, 201)
  assert.deepEqual(tally(large), { '201': 3, '429 rate_limited': 3 })
  // Behind one of the owner at most: which of the first two is read first is left to the machine.
  assert.ok(order.indexOf('other') <= 1, order.join())
  for (const { headers, statusCode } of large) {
    if (statusCode === 429) assert.match(String(headers['retry-after']), /^[25]$/)
  }
})

test('a photo waits for the decoder in the queue of its network, from any account', async (t) => {
  const { server, owner, house } = await scene(t)
  const add = t.mock.method(server.services.photos, 'add')

  const { payload, headers } = formWith(await aPicture())
  const answer = await server.inject({
    ...{ method: 'POST', url: `/houses/${house.id}/photos`, payload },
    headers: { ...headers, ...bearer(owner.access_token) },
    remoteAddress: '2001:db8:1:2::3',
  })

  assert.equal(answer.statusCode, 201, answer.body)
  assert.equal(add.mock.calls[0]?.arguments[0].site, '2001:db8:1::/48')
})
