// runs once
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createEvents } from '../../client/src/events.ts'
import { LatchkeyError, type LatchkeyStorage } from '../../client/src/index.ts'
import { memoryStorage } from '../../client/src/storage.ts'
import { newcomer, signedUpClient } from '../support/clients.ts'
import { bearer, PASSWORD, REFRESH_COOKIE, signedUp } from '../support/factories.ts'
import {
  answerLost,
  clientOf,
  createNetwork,
  gateway,
  listeningServer,
} from '../support/network.ts'

// The client `@latchkey/client` against a real server: signing in, being found again, signing out.

// Together, since much of them is waiting.
describe('The client', { concurrency: 5 }, () => {
  for (const transport of ['body', 'cookie'] as const) {
    test(`The client in ${transport} transport registers, calls, signs out and signs in again`, async (t) => {
      const { baseUrl } = await listeningServer(t)
      const { latchkey, events } = clientOf(baseUrl, { transport })
      const person = newcomer()
      const { username } = person

      const registered = await latchkey.register(person)
      const me = await latchkey.api.GET('/me')
      await latchkey.signOut()
      const without = await latchkey.api.GET('/me')
      const again = await latchkey.signIn({ username, password: PASSWORD })

      assert.deepEqual(me.data, registered)
      assert.equal(without.error?.code, 'unauthenticated')
      assert.deepEqual(again, registered)
      assert.deepEqual(latchkey.user, registered)
      const signedIn = `signedIn ${username}`
      assert.deepEqual(events, [signedIn, 'signedOut by itself', signedIn])
    })

    test(`The client in ${transport} transport finds the session again after a new start`, async (t) => {
      const { baseUrl } = await listeningServer(t)
      const { fetch } = createNetwork()
      const shared = { transport, fetch, storage: memoryStorage() }
      const user = await clientOf(baseUrl, shared).latchkey.register(newcomer())

      const { latchkey, events } = clientOf(baseUrl, shared)
      const { user: restored } = await latchkey.restore()
      const me = await clientOf(baseUrl, shared).latchkey.api.GET('/me')

      assert.deepEqual(restored, user)
      assert.deepEqual(events, [`signedIn ${user.username}`])
      assert.deepEqual(me.data, user)
    })

    test(`The client in ${transport} transport asks for the same refresh again after a lost answer and a new start`, async (t) => {
      const server = await listeningServer(t)
      const network = createNetwork()
      const shared = { transport, fetch: network.fetch, storage: memoryStorage() }
      await clientOf(server.baseUrl, shared).latchkey.register(newcomer())
      network.befall('POST /refresh', answerLost, answerLost, answerLost, answerLost)
      const lost = await clientOf(server.baseUrl, shared).latchkey.restore()
      server.clock.advance(3600)

      const restored = await clientOf(server.baseUrl, shared).latchkey.restore()

      assert.equal(lost.outcome, 'noServer')
      assert.equal(restored.outcome, 'signedIn')
      const keys = network.sent('POST /refresh').map(({ key }) => key)
      assert.equal(keys.length, 5)
      assert.equal(new Set(keys).size, 1)
    })
  }

  test('The client in cookie transport never holds a refresh token', async (t) => {
    const kept: string[] = []
    const storage: LatchkeyStorage = {
      ...memoryStorage(),
      setItem: (_name, item) => void kept.push(item),
    }
    const { latchkey, network, server, pass } = await signedUpClient(t, {
      transport: 'cookie',
      storage,
    })
    const token = network.cookies.get(REFRESH_COOKIE) ?? ''
    server.clock.advance(900)
    pass(900)

    await latchkey.api.GET('/me')

    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.ok(kept.length > 0)
    assert.ok(
      kept.every((item) => !/refreshToken|eyJ/.test(item)),
      kept.join('\n'),
    )
  })

  test('The client drops its session only when an answer says login', async (t) => {
    const { server, latchkey, network, events, person } = await signedUpClient(t)
    network.befall('GET /me', gateway(401), gateway(403), gateway(500))
    const statuses = []
    for (let call = 0; call < 3; call++) {
      const { response } = await latchkey.api.GET('/me')
      statuses.push(response.status)
    }
    const userBefore = latchkey.user
    const { json } = await server.inject({
      method: 'POST',
      url: '/login',
      payload: { username: person.username, password: PASSWORD },
    })
    const { access_token: token } = json()
    await server.inject({ method: 'DELETE', url: '/sessions', headers: bearer(token) })

    const { error } = await latchkey.api.GET('/me')

    assert.deepEqual(statuses, [401, 403, 500])
    assert.equal(userBefore?.username, person.username)
    assert.equal(error?.code, 'session_ended')
    assert.equal(latchkey.user, null)
    assert.deepEqual(events.slice(1), ['signedOut session_ended'])
  })

  test('The client signs in once, though the answer is lost', async (t) => {
    const { latchkey, network, person } = await signedUpClient(t)
    network.befall('POST /login', answerLost)

    await assert.rejects(
      latchkey.signIn({ username: person.username, password: PASSWORD }),
      TypeError,
    )

    assert.equal(network.sent('POST /login').length, 1)
  })

  test('The client ends the session that a new sign-in replaces', async (t) => {
    const { server, latchkey, person, events } = await signedUpClient(t)
    const second = await signedUp(server)

    await latchkey.signIn({ username: second.username, password: PASSWORD })
    await latchkey.signIn({ username: person.username, password: PASSWORD })

    const { data } = await latchkey.api.GET('/sessions')
    assert.equal(data?.items.length, 1)
    assert.deepEqual(
      events,
      [person, second, person].map(({ username }) => `signedIn ${username}`),
    )
  })

  test('Clients of two servers that share a storage keep their sessions apart', async (t) => {
    const [one, other] = [await listeningServer(t), await listeningServer(t)]
    const storage = memoryStorage()
    const user = await clientOf(one.baseUrl, { storage }).latchkey.register(newcomer())
    const stranger = clientOf(other.baseUrl, { storage })

    const found = await stranger.latchkey.restore()

    const again = await clientOf(`${one.baseUrl}/`, { storage }).latchkey.restore()
    assert.equal(found.outcome, 'noSession')
    assert.equal(stranger.network.sent('POST /refresh').length, 0)
    assert.deepEqual(again.user, user)
  })

  test('A tab without a session finds the session of another tab', async (t) => {
    const { baseUrl } = await listeningServer(t)
    const { fetch } = createNetwork()
    const shared = { transport: 'cookie' as const, fetch, storage: memoryStorage() }
    const [one, other] = [clientOf(baseUrl, shared), clientOf(baseUrl, shared)]
    const before = await other.latchkey.restore()
    const user = await one.latchkey.register(newcomer())

    const after = await other.latchkey.restore()

    assert.equal(before.outcome, 'noSession')
    assert.deepEqual(after.user, user)
  })

  test('The client throws what the server said of a registration', async (t) => {
    const { baseUrl } = await listeningServer(t)
    const { latchkey, events } = clientOf(baseUrl)
    const person = { ...newcomer(), username: 'x', password: 'short' }

    const refused = await latchkey.register(person).catch((error: unknown) => error)

    assert.ok(refused instanceof LatchkeyError)
    assert.equal(refused.code, 'validation_failed')
    assert.equal(refused.status, 400)
    assert.deepEqual(
      refused.problem.errors?.map(({ pointer }) => pointer),
      ['/username', '/password'],
    )
    assert.deepEqual(events, [])
  })

  test('The client signs in again while an old call is still running', async (t) => {
    const { server, latchkey, network, events } = await signedUpClient(t)
    const second = await signedUp(server)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    network.befall('GET /me', async (_request, deliver) => {
      await released
      return deliver()
    })
    const old = latchkey.api.GET('/me')
    await latchkey.signOut()
    await latchkey.signIn({ username: second.username, password: PASSWORD })

    release()
    const { error } = await old

    assert.equal(error?.code, 'session_ended')
    assert.equal(latchkey.user?.username, second.username)
    assert.equal(events.at(-1), `signedIn ${second.username}`)
  })
})

test('The client treats an unreadable storage entry as absent', async (t) => {
  const { baseUrl } = await listeningServer(t)
  for (const text of ['null', '{"refreshToken":', '[]', '42']) {
    const storage = memoryStorage()
    storage.getItem = () => text
    const { latchkey } = clientOf(baseUrl, { storage })

    assert.deepEqual(await latchkey.restore(), { outcome: 'noSession', user: null }, text)
  }
})

test('A listener that throws stops no other, and a removed one hears nothing', (t) => {
  const { on, emit } = createEvents<{ signedIn: string }>()
  const heard: string[] = []
  on('signedIn', () => heard.push('gone'))()
  on('signedIn', () => {
    throw new Error('an error of the application')
  })
  on('signedIn', (name) => heard.push(name))
  const later = t.mock.method(globalThis, 'setTimeout', () => undefined)

  emit('signedIn', 'lyshark')

  const [report] = later.mock.calls[0]?.arguments ?? []
  later.mock.restore()
  assert.deepEqual(heard, ['lyshark'])
  assert.throws(report as unknown as () => void, /an error of the application/)
})
