// runs once
// `latchkey.fetch` in the place of `fetch`: what it takes, what it repeats, and where the token
// goes.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NEW_PASSWORD, signedUpClient, wait } from '../support/clients.ts'
import { bearer } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import { clientOf, createNetwork, listeningServer } from '../support/network.ts'
import { aPicture } from '../support/pictures.ts'

/** Every form in which a library may name what it wants to be fetched. */
const INPUTS: Record<string, (address: string) => Parameters<typeof fetch>[0]> = {
  'a string': (address) => address,
  'a URL': (address) => new URL(address),
  'a Request': (address) => new Request(address),
}

/** Every form of a body that `fetch` takes, with a house of that name in it. */
const BODIES: Record<string, (json: string) => RequestInit> = {
  'a string': (json) => ({ body: json }),
  bytes: (json) => ({ body: new TextEncoder().encode(json) }),
  'a Blob': (json) => ({ body: new Blob([json]) }),
  'a stream': (json) => ({ body: new Blob([json]).stream(), duplex: 'half' }),
}

describe('latchkey.fetch', { concurrency: 5 }, () => {
  for (const [kind, inputOf] of Object.entries(INPUTS)) {
    test(`latchkey.fetch takes ${kind}, signs it, and repeats it after a refresh`, async (t) => {
      const { server, latchkey, user, network } = await signedUpClient(t)
      const { fetch } = latchkey
      server.clock.advance(2000)

      const answer = await fetch(inputOf(`${server.baseUrl}/me`))

      assert.deepEqual(await answer.json(), user)
      assert.equal(network.sent('GET /me').length, 2)
    })

    test(`latchkey.fetch sends its token nowhere else, when it is given ${kind}`, async (t) => {
      const { latchkey, network } = await signedUpClient(t)
      const other = await listeningServer(t)

      await latchkey.fetch(inputOf(`${other.baseUrl}/me`), { method: 'POST' })

      const [sent] = network.sent('POST /me')
      assert.deepEqual([sent?.key, sent?.token], [null, null])
    })
  }

  for (const [kind, initOf] of Object.entries(BODIES)) {
    test(`latchkey.fetch keeps ${kind} for one repetition after a refresh`, async (t) => {
      const { server, latchkey, network } = await signedUpClient(t)
      const house = { projectNo: uniqueName(), projectName: '海景花园' }
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, ...initOf(JSON.stringify(house)) }
      server.clock.advance(2000)

      const answer = await latchkey.fetch(new Request(`${server.baseUrl}/houses`, init))

      assert.equal(answer.status, 201)
      const { projectName } = (await answer.json()) as typeof house
      assert.equal(projectName, house.projectName)
      const keys = network.sent('POST /houses').map(({ key }) => key)
      assert.equal(keys.length, 2)
    })
  }

  test('latchkey.fetch signs nothing outside the path of the server', async (t) => {
    const { baseUrl } = await listeningServer(t)
    const seen: [string, string | null][] = []
    const network = createNetwork()
    const fetch = async (request: Request) => {
      const { url, headers } = request
      seen.push([url.slice(baseUrl.length), headers.get('authorization')])
      if (!url.startsWith(`${baseUrl}/auth/`)) return new Response('another program')
      const body = request.body ? await request.text() : undefined
      const { method } = request
      const inner = { method, headers, ...(body ? { body } : {}) }
      return network.fetch(new Request(url.replace('/auth/', '/'), inner))
    }
    const { latchkey } = clientOf(`${baseUrl}/auth`, { fetch })
    const username = uniqueName()
    await latchkey.register({ username, email: `${username}@example.com`, password: NEW_PASSWORD })
    seen.length = 0

    const outside = ['/', '/other', '/authority', '/auth/../other', '/auth/%2e%2e/other', '/auth']
    for (const path of outside) await latchkey.fetch(baseUrl + path)
    for (const path of ['/me', '/auth/me']) await latchkey.fetch(path)

    const signed = seen.filter(([, token]) => token?.startsWith('Bearer '))
    assert.equal(seen.length, outside.length + 2)
    assert.deepEqual(
      signed.map(([path]) => path),
      ['/auth/me', '/auth/me'],
    )
  })

  test('latchkey.fetch leaves a request with its own Authorization header alone', async (t) => {
    const { server, latchkey, network } = await signedUpClient(t)

    const { status } = await latchkey.fetch('/me', { headers: bearer('another') })
    await latchkey.fetch(`${server.baseUrl}/me`, { headers: bearer('another') })

    assert.equal(status, 401)
    assert.ok(network.sent('GET /me').every(({ token }) => token === 'Bearer another'))
    assert.ok(latchkey.user)
  })
})

describe('What the client says of the user and of files', { concurrency: 5 }, () => {
  test('user follows PATCH /me by any way, and says so once', async (t) => {
    const { latchkey } = await signedUpClient(t)
    const heard: unknown[] = []
    latchkey.on('userChanged', ({ name }) => heard.push(name))
    const before = latchkey.user

    await latchkey.api.GET('/me')
    const same = latchkey.user
    const { data } = await latchkey.api.PATCH('/me', { body: { name: 'Ada' } })
    const body = JSON.stringify({ name: 'Grace' })
    const headers = { 'content-type': 'application/json' }
    await latchkey.fetch('/me', { method: 'PATCH', headers, body })
    await latchkey.api.PATCH('/me', { body: { name: 'Grace' } })

    assert.equal(same, before)
    assert.equal(data?.name, 'Ada')
    assert.equal(latchkey.user?.name, 'Grace')
    assert.deepEqual(heard, ['Ada', 'Grace'])
  })

  test('user follows a change that another device made, with the next refresh', async (t) => {
    const world = await signedUpClient(t)
    const { server, latchkey, user } = world
    const heard: unknown[] = []
    latchkey.on('userChanged', ({ name }) => heard.push(name))
    const token = await latchkey.accessToken()
    const headers = bearer(token ?? '')
    await server.inject({ method: 'PATCH', url: '/me', headers, payload: { name: 'Ada' } })
    wait(2000, world)

    await latchkey.accessToken()

    assert.deepEqual(latchkey.user, { ...user, name: 'Ada' })
    assert.deepEqual(heard, ['Ada'])
  })

  test("upload sends a file where progress is not available, and throws the server's error", async (t) => {
    const { server, latchkey } = await signedUpClient(t)
    const body = { projectNo: uniqueName(), projectName: 'Sea View' }
    const { data } = await latchkey.api.POST('/houses', { body })
    const path = `/houses/${data?.id}/photos`
    const file = new Blob([await aPicture('png')], { type: 'image/png' })
    server.clock.advance(2000)

    const photo = await latchkey.upload(path, file, { onProgress: () => undefined })
    const address = await latchkey.photoUrl(photo)
    const { type } = await (await fetch(address)).blob()
    URL.revokeObjectURL(address)

    assert.equal(photo.width, 40)
    assert.equal(type, 'image/png')
    await assert.rejects(latchkey.upload(path, new Blob(['no picture'])), {
      ...{ name: 'LatchkeyError', code: 'unsupported_media_type', status: 415 },
    })
    await assert.rejects(latchkey.upload(path, file, { field: 'picture' }), { status: 400 })
    await assert.rejects(latchkey.photoUrl({ url: `${path}/${data?.id}` }), { code: 'not_found' })
  })
})
