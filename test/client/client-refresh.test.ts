// runs once

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createStopwatch } from '../../client/src/stopwatch.ts'
import { memoryStorage } from '../../client/src/storage.ts'
import { newcomer, signedUpClient, until, wait } from '../support/clients.ts'
import { testClock } from '../support/helper.ts'
import {
  answerBroken,
  answerLost,
  clientOf,
  createNetwork,
  listeningServer,
  unreachable,
} from '../support/network.ts'
import { operator } from '../support/operator.ts'

// How the client carries its session on, over a network that fails as networks do.

for (const years of [-30, 30]) {
  test(`The client works on a device whose clock is wrong by ${years} years and then set right`, async (t) => {
    const { baseUrl } = await listeningServer(t, { clock: testClock(Date.UTC(2026, 10, 20)) })
    t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026 + years, 10, 20) })
    const { latchkey, events } = clientOf(baseUrl, { now: createStopwatch() })
    await latchkey.register(newcomer())
    const before = await latchkey.api.GET('/me')
    t.mock.timers.setTime(Date.UTC(2026, 10, 20))

    const after = [await latchkey.api.GET('/me'), await latchkey.api.GET('/me')]

    const statuses = [before, ...after].map(({ response }) => response.status)
    assert.deepEqual(statuses, [200, 200, 200])
    assert.ok(events.every((event) => !event.startsWith('signedOut')))
  })
}

// Together, since much of them is waiting.
describe('The client', { concurrency: 5 }, () => {
  test('The client refreshes a token that is due beside the call, before it ends', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, events, user } = world
    wait(850, world)

    const first = await latchkey.api.GET('/me')
    await until(() => events.length === 2)
    const second = await latchkey.api.GET('/me')

    const [one, other] = network.sent('GET /me').map(({ token }) => token)
    assert.equal(first.response.status, 200)
    assert.equal(second.response.status, 200)
    assert.notEqual(one, other)
    assert.equal(network.sent('POST /refresh').length, 1)
    assert.deepEqual(events, [`signedIn ${user.username}`, `refreshed ${user.username}`])
  })

  test('The client refreshes once for all parallel calls when the token has expired', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, user } = world
    wait(2000, world)

    const answers = await Promise.all(Array.from({ length: 20 }, () => latchkey.api.GET('/me')))

    assert.ok(answers.every(({ data }) => data?.id === user.id))
    assert.equal(network.sent('POST /refresh').length, 1)
    assert.equal(network.sent('GET /me').length, 20)
  })

  test('The client believes the server that a token has expired, even if its own clock disagrees', async (t) => {
    const { server, latchkey, network, user } = await signedUpClient(t)
    server.clock.advance(2000)

    const answers = await Promise.all(Array.from({ length: 5 }, () => latchkey.api.GET('/me')))

    assert.ok(answers.every(({ data }) => data?.id === user.id))
    assert.equal(network.sent('POST /refresh').length, 1)
    assert.equal(network.sent('GET /me').length, 10)
  })

  test('The client sends a refresh again, under the same key, when its answer is lost or breaks off', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, events, user } = world
    wait(2000, world)
    network.befall('POST /refresh', answerLost, answerBroken, unreachable)

    const { data } = await latchkey.api.GET('/me')

    const keys = network.sent('POST /refresh').map(({ key }) => key)
    assert.equal(data?.id, user.id)
    assert.equal(keys.length, 4)
    assert.equal(new Set(keys).size, 1)
    assert.deepEqual(events.slice(1), [`refreshed ${user.username}`])
  })

  test('The client keeps the session when a refresh fails, and retries later with the same key', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, events, user } = world
    wait(2000, world)
    network.befall('POST /refresh', answerLost, answerLost, answerLost, answerLost)
    await assert.rejects(latchkey.api.GET('/me'), TypeError)
    wait(3600, world)

    const { data } = await latchkey.api.GET('/me')

    assert.equal(data?.id, user.id)
    assert.equal(new Set(network.sent('POST /refresh').map(({ key }) => key)).size, 1)
    assert.deepEqual(events.slice(1), [`refreshed ${user.username}`])
  })

  test('The client works on with a token that is due while no refresh can be had', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, events } = world
    wait(850, world)
    network.befall('POST /refresh', unreachable, unreachable, unreachable, unreachable)

    const answers = [await latchkey.api.GET('/me'), await latchkey.api.GET('/me')]

    assert.deepEqual(
      answers.map(({ response }) => response.status),
      [200, 200],
    )
    assert.equal(events.length, 1)
  })

  test('Two tabs of one browser refresh at once, and both stay signed in', async (t) => {
    const server = await listeningServer(t)
    const { fetch } = createNetwork()
    const shared = { transport: 'cookie' as const, fetch, storage: memoryStorage() }
    const tabs = [clientOf(server.baseUrl, shared), clientOf(server.baseUrl, shared)]
    await tabs[0]?.latchkey.register(newcomer())
    await tabs[1]?.latchkey.restore()

    for (const round of [1, 2, 3]) {
      server.clock.advance(2000)
      const answers = await Promise.all(tabs.map(({ latchkey }) => latchkey.api.GET('/me')))

      const statuses = answers.map(({ response }) => response.status)
      assert.deepEqual(statuses, [200, 200], `round ${round}`)
    }
    for (const { events } of tabs)
      assert.ok(events.every((event) => !event.startsWith('signedOut')))
  })

  test('The client learns from a refresh that its session has ended', async (t) => {
    const world = await signedUpClient(t)
    const { server, latchkey, events, person } = world
    await operator(server).disable(person.username)
    wait(2000, world)

    const { error } = await latchkey.api.GET('/me')
    const { outcome } = await latchkey.restore()

    assert.equal(error?.action, 'login')
    assert.equal(outcome, 'noSession')
    assert.deepEqual(events.slice(1), ['signedOut session_ended'])
  })
})
