// runs once
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newcomer, signedUpClient } from '../support/clients.ts'
import { freshDatabase, uniqueName } from '../support/helper.ts'
import { answerLost, clientOf, gateway, listeningServer, unreachable } from '../support/network.ts'

// The calls of an application through the client: what is sent, repeated, and never repeated.

// Together, since much of them is waiting.
describe('The client', { concurrency: 5 }, () => {
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

  test('The client waits as long as Retry-After says, and repeats', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('GET /me', gateway(429, { 'retry-after': '1' }), gateway(503))
    const startedAt = performance.now()

    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 200)
    assert.equal(network.sent('GET /me').length, 3)
    assert.ok(performance.now() - startedAt >= 1500)
  })

  test('The client passes on at once a refusal with a very long Retry-After', async (t) => {
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
    const retryAfterSeconds = 9
    network.befall('GET /me', gateway(503, { 'retry-after': String(retryAfterSeconds) }))
    const controller = new AbortController()
    const startedAt = performance.now()
    setTimeout(() => controller.abort(), 50)

    await assert.rejects(latchkey.api.GET('/me', { signal: controller.signal }), {
      name: 'AbortError',
    })

    assert.ok(performance.now() - startedAt < retryAfterSeconds * 1000)
  })

  test('The client never sends a changing request again whose answer is lost', async (t) => {
    const { latchkey, network } = await signedUpClient(t)
    network.befall('POST /houses', answerLost)
    const house = { projectNo: uniqueName(), projectName: 'Sea View' }

    await assert.rejects(latchkey.api.POST('/houses', { body: house }), TypeError)

    assert.equal(network.sent('POST /houses').length, 1)
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
})
