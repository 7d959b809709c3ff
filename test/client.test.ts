import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEvents } from '../client/src/events.ts'
import { LatchkeyError, type LatchkeyStorage } from '../client/src/index.ts'
import { createStopwatch } from '../client/src/stopwatch.ts'
import { memoryStorage } from '../client/src/storage.ts'
import { freshDatabase, testClock, uniqueName } from './helper.ts'
import {
  answerBroken,
  answerLost,
  clientOf,
  createNetwork,
  gateway,
  listeningServer,
  unreachable,
} from './network.ts'
import { bearer, PASSWORD, REFRESH_COOKIE, signedUp } from './people.ts'

/** The client `latchkey/client` against a real server, over a network that fails as networks do. */

const NEW_PASSWORD = 'a quite different sentence'

function newcomer() {
  const username = uniqueName()
  return { username, email: `${username}@example.com`, password: PASSWORD }
}

/** A server and a client on which somebody has just registered. */
async function signedUpClient(t: TestContext, options: Parameters<typeof clientOf>[1] = {}) {
  const server = await listeningServer(t)
  const client = clientOf(server.baseUrl, options)
  const person = newcomer()
  const user = await client.latchkey.register(person)
  return { server, ...client, person, user }
}

/** Lets both clocks run, so that the access token is due, or over. */
function wait(seconds: number, { server, pass }: Awaited<ReturnType<typeof signedUpClient>>) {
  server.clock.advance(seconds)
  pass(seconds)
}

/** Until what runs beside the calls has come to its end. */
async function until(isDone: () => boolean) {
  for (let tries = 0; !isDone() && tries < 200; tries++) await sleep(10)
  assert.ok(isDone(), 'it did not happen within 2 s')
}

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

  test('The client refreshes once for all calls of a moment when the token is over', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, user } = world
    wait(2000, world)

    const answers = await Promise.all(Array.from({ length: 20 }, () => latchkey.api.GET('/me')))

    assert.ok(answers.every(({ data }) => data?.id === user.id))
    assert.equal(network.sent('POST /refresh').length, 1)
    assert.equal(network.sent('GET /me').length, 20)
  })

  test('The client believes the server that a token is over, whatever its own clock says', async (t) => {
    const { server, latchkey, network, user } = await signedUpClient(t)
    server.clock.advance(2000)

    const answers = await Promise.all(Array.from({ length: 5 }, () => latchkey.api.GET('/me')))

    assert.ok(answers.every(({ data }) => data?.id === user.id))
    assert.equal(network.sent('POST /refresh').length, 1)
    assert.equal(network.sent('GET /me').length, 10)
  })

  test('The client repeats a body after a refresh, a photo among them', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, server } = world
    server.clock.advance(2000)
    const house = { projectNo: uniqueName(), projectName: 'Sea View' }

    const created = await latchkey.api.POST('/houses', { body: house })
    server.clock.advance(2000)
    const id = created.data?.id ?? ''
    const upload = await latchkey.api.POST('/houses/{id}/photos', {
      params: { path: { id } },
      body: { file: new Blob(['not a picture'], { type: 'image/png' }) },
    })

    assert.equal(created.data?.projectName, 'Sea View')
    // The server has read the file and finds that it is none.
    assert.equal(upload.response.status, 415)
    assert.equal(upload.error?.code, 'unsupported_media_type')
  })

  test('The client gives each POST a key, so that a repeated one does nothing twice', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('POST /houses', async (_request, deliver) => {
      await deliver()
      return new Response('', { status: 503 })
    })
    const house = { projectNo: uniqueName(), projectName: 'Sea View' }

    const { response } = await latchkey.api.POST('/houses', { body: house })
    const list = await latchkey.api.GET('/houses', { params: { query: { page: '1' } } })

    assert.equal(response.status, 201)
    assert.equal((list.data as { totalItems?: number }).totalItems, 1)
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

  test('The client keeps the session when a refresh cannot be had, and goes on with its key later', async (t) => {
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

  test('The client learns from a refresh that its session is over', async (t) => {
    const world = await signedUpClient(t)
    const { server, latchkey, events, person } = world
    await server.services.administration.disable(person.username)
    wait(2000, world)

    const { error } = await latchkey.api.GET('/me')
    const { outcome } = await latchkey.restore()

    assert.equal(error?.action, 'login')
    assert.equal(outcome, 'noSession')
    assert.deepEqual(events.slice(1), ['signedOut session_ended'])
  })

  test('The client waits as long as Retry-After says, and repeats', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('GET /me', gateway(429, { 'retry-after': '1' }), gateway(503))
    const startedAt = performance.now()

    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 200)
    assert.equal(network.sent('GET /me').length, 3)
    assert.ok(performance.now() - startedAt >= 1500)
  })

  test('The client hands a refusal on at once that asks for more patience than anybody has', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('GET /me', gateway(429, { 'retry-after': '60' }))

    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '60')
    assert.equal(network.sent('GET /me').length, 1)
  })

  test('The client gives up after four tries, and keeps the session', async (t) => {
    const { latchkey, network, user } = await signedUpClient(t)
    network.befall('GET /me', gateway(503), unreachable, gateway(503), gateway(503))

    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 503)
    assert.equal(network.sent('GET /me').length, 4)
    assert.deepEqual(latchkey.user, user)
  })

  test('The client stops waiting when its call is aborted', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('GET /me', gateway(503, { 'retry-after': '9' }))
    const controller = new AbortController()
    const startedAt = performance.now()
    setTimeout(() => controller.abort(), 50)

    await assert.rejects(latchkey.api.GET('/me', { signal: controller.signal }), {
      name: 'AbortError',
    })

    assert.ok(performance.now() - startedAt < 5000)
  })

  test('The client never sends a changing request again whose answer is lost', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('POST /houses', answerLost)
    const house = { projectNo: uniqueName(), projectName: 'Sea View' }

    await assert.rejects(latchkey.api.POST('/houses', { body: house }), TypeError)

    assert.equal(network.sent('POST /houses').length, 1)
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

  test('The client calls what the types do not know, and no other host', async (t) => {
    const { latchkey, network, user } = await signedUpClient(t)

    const answer = await latchkey.fetch('/me')

    assert.deepEqual(await answer.json(), user)
    for (const path of [
      '//evil.example/x',
      '/\\evil.example',
      '/\t/evil.example',
      '.evil.example',
    ]) {
      await assert.rejects(latchkey.fetch(path), TypeError, path)
    }
    assert.equal(network.sent('GET /x').length, 0)
  })

  test('The client rides over a restart of the server', async (t) => {
    const url = await freshDatabase(t)
    const first = await listeningServer(t, { url })
    const { latchkey, events } = clientOf(first.baseUrl)
    const user = await latchkey.register(newcomer())
    const port = Number(new URL(first.baseUrl).port)
    await first.close()
    const restarting = sleep(300).then(async () => {
      const second = await listeningServer(t, { url, clock: first.clock, port })
      return second
    })

    const { data } = await latchkey.api.GET('/me')

    await restarting
    assert.deepEqual(data, user)
    assert.deepEqual(events, [`signedIn ${user.username}`])
  })

  test('The client goes on after a change of password, and other sessions end', async (t) => {
    const { server, latchkey, person, events } = await signedUpClient(t)
    const other = clientOf(server.baseUrl)
    await other.latchkey.signIn({ username: person.username, password: PASSWORD })

    await latchkey.changePassword({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD })

    const { response } = await latchkey.api.GET('/me')
    const refused = await other.latchkey.api.GET('/me')
    assert.equal(response.status, 200)
    assert.equal(refused.error?.code, 'session_ended')
    assert.deepEqual(events.slice(1), [`refreshed ${person.username}`])
  })

  test('The client stays signed in when the answer to a change of password is lost', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network, person, events } = world
    network.befall('PUT /password', answerLost)
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }

    await assert.rejects(latchkey.changePassword(change), TypeError)
    wait(2000, world)
    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 200)
    assert.equal(network.sent('PUT /password').length, 1)
    assert.deepEqual(events.slice(1), Array(2).fill(`refreshed ${person.username}`))
  })

  test('The client stays signed in when a gateway answers for a change of password that was done', async (t) => {
    const world = await signedUpClient(t)
    const { latchkey, network } = world
    network.befall('PUT /password', async (_request, deliver) => {
      await deliver()
      return new Response('<h1>Bad gateway</h1>', { status: 502 })
    })
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }

    await assert.rejects(latchkey.changePassword(change), { name: 'LatchkeyError', status: 502 })
    wait(2000, world)
    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 200)
  })

  test('The client signs in after a change of password that is under way, not before', async (t) => {
    const { server, latchkey, network } = await signedUpClient(t)
    const second = await signedUp(server)
    network.befall('PUT /password', async (_request, deliver) => {
      await sleep(100)
      return deliver()
    })
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }

    const changing = latchkey.changePassword(change)
    await latchkey.signIn({ username: second.username, password: PASSWORD })
    await changing
    const { data } = await latchkey.api.GET('/me')

    assert.equal(data?.username, second.username)
    assert.equal(latchkey.user?.username, second.username)
  })

  test('The client ends the session by its access token where the storage has lost the other', async (t) => {
    const storage = memoryStorage()
    const { server, latchkey, network } = await signedUpClient(t, { storage })
    storage.getItem = () => null

    await latchkey.api.GET('/me')
    const [token] = network.sent('GET /me').map((sent) => sent.token)
    await latchkey.signOut()

    const answer = await server.inject({ url: '/me', headers: { authorization: token ?? '' } })
    assert.equal(answer.json().code, 'session_ended')
  })

  test('The client tells of a sign-out though the storage fails', async (t) => {
    const storage = memoryStorage()
    const { server, latchkey, person, events } = await signedUpClient(t, { storage })
    await server.services.administration.disable(person.username)
    storage.removeItem = () => {
      throw new Error('no room')
    }

    await assert.rejects(latchkey.api.GET('/me'), /no room/)

    assert.deepEqual(events.slice(1), ['signedOut session_ended'])
  })

  test('A tab that found nobody finds who signed in on another one', async (t) => {
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

  test('The client sends its token to no other server that a call names', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    const other = await listeningServer(t)

    const { error } = await latchkey.api.GET('/me', { baseUrl: other.baseUrl })

    assert.equal(error?.code, 'unauthenticated')
    assert.deepEqual(
      network.sent('GET /me').map(({ token }) => token),
      [null],
    )
    assert.ok(latchkey.user)
  })

  test('The client deletes the account and is signed out', async (t) => {
    const { latchkey, person, events } = await signedUpClient(t)

    await assert.rejects(latchkey.deleteAccount({ currentPassword: NEW_PASSWORD }), {
      name: 'LatchkeyError',
      code: 'invalid_credentials',
    })
    await latchkey.deleteAccount({ currentPassword: PASSWORD })

    assert.equal(latchkey.user, null)
    assert.deepEqual(events.slice(1), ['signedOut by itself'])
    await assert.rejects(latchkey.signIn({ username: person.username, password: PASSWORD }))
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

  test('The client stays signed in when it could not tell the server of a sign-out', async (t) => {
    const { latchkey, network, events, user } = await signedUpClient(t)
    network.befall('POST /logout', unreachable, unreachable, unreachable, unreachable)

    await assert.rejects(latchkey.signOut(), TypeError)
    const kept = latchkey.user
    await latchkey.signOut()

    assert.deepEqual(kept, user)
    assert.equal(latchkey.user, null)
    assert.deepEqual(events.slice(1), ['signedOut by itself'])
  })

  test('The client signs in anew while an old call is still under way', async (t) => {
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

test('The client takes what it cannot read in a storage for nothing', async (t) => {
  const { baseUrl } = await listeningServer(t)
  for (const text of ['null', '{"refreshToken":', '[]', '42']) {
    const storage = memoryStorage()
    storage.getItem = () => text
    const { latchkey } = clientOf(baseUrl, { storage })

    assert.deepEqual(await latchkey.restore(), { outcome: 'noSession', user: null }, text)
  }
})

test('A listener that throws stops nobody, and one that is taken away hears nothing', (t) => {
  const { on, emit } = createEvents<{ signedIn: string }>()
  const heard: string[] = []
  on('signedIn', () => heard.push('gone'))()
  on('signedIn', () => {
    throw new Error('a fault of the application')
  })
  on('signedIn', (name) => heard.push(name))
  const later = t.mock.method(globalThis, 'setTimeout', () => undefined)

  emit('signedIn', 'lyshark')

  const [report] = later.mock.calls[0]?.arguments ?? []
  later.mock.restore()
  assert.deepEqual(heard, ['lyshark'])
  assert.throws(report as unknown as () => void, /a fault of the application/)
})
