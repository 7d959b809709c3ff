// runs once
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEVICE_COOKIE, PASSWORD } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import { listeningServer, unreachable } from '../support/network.ts'
import { createPhone } from '../support/phone.ts'
import { aPicture } from '../support/pictures.ts'

/**
 * The client in an app of React Native, which has no DOM, no Web Crypto, no locks and a fetch of
 * its own.
 */

/** A server and a phone, in whose app somebody has just registered. */
async function registeredPhone(t: TestContext) {
  const server = await listeningServer(t)
  const phone = await createPhone()
  const app = phone.start(server.baseUrl)
  t.after(() => app.kill())
  const username = uniqueName()
  const email = `${username}@example.com`
  const user = structuredClone(await app.latchkey.register({ username, email, password: PASSWORD }))
  const restart = () => {
    app.kill()
    const next = phone.start(server.baseUrl)
    t.after(() => next.kill())
    return next
  }
  const wait = (seconds: number) => {
    server.clock.advance(seconds)
    phone.pass(seconds)
  }
  return { server, phone, app, restart, wait, user }
}

/** A photo in the library of the phone, as a picker hands it to an app, in a form of the app. */
async function photoForm({ phone, app }: Awaited<ReturnType<typeof registeredPhone>>) {
  const uri = 'file:///data/user/0/photo.jpg'
  phone.files.set(uri, new Blob([await aPicture('jpeg')], { type: 'image/jpeg' }))
  return app.run(`(() => {
    const form = new FormData()
    form.append('file', { uri: '${uri}', name: 'photo.jpg', type: 'image/jpeg' })
    return form
  })()`) as { file: Blob }
}

describe('The client on a phone', { concurrency: 8 }, () => {
  test('The client on a phone finds the session again after the app was killed', async (t) => {
    const { phone, restart, user } = await registeredPhone(t)

    const { latchkey } = restart()
    const { user: restored } = await latchkey.restore()
    const { data } = await latchkey.api.GET('/me')

    assert.deepEqual(structuredClone(restored), user)
    assert.deepEqual(structuredClone(data), user)
    assert.equal(phone.network.sent('POST /refresh').length, 1)
  })

  test('The client on a phone refreshes once for all parallel calls when the token has expired', async (t) => {
    const { phone, app, wait, user } = await registeredPhone(t)
    wait(2000)

    const calls = Array.from({ length: 5 }, () => app.latchkey.api.GET('/me'))
    const answers = await Promise.all(calls)

    assert.ok(answers.every(({ data }) => data?.id === user.id))
    assert.equal(phone.network.sent('POST /refresh').length, 1)
  })

  test('The client on a phone repeats a call after a refresh that the server asks for', async (t) => {
    const { server, phone, app } = await registeredPhone(t)
    server.clock.advance(2000)
    const body = { projectNo: uniqueName(), projectName: '海景花园' }

    const { data } = await app.latchkey.api.POST('/houses', { body })

    assert.equal(data?.projectName, '海景花园')
    assert.equal(phone.network.sent('POST /houses').length, 2)
  })

  test('The client on a phone uploads a photo from a form, also after a refresh', async (t) => {
    const world = await registeredPhone(t)
    const { latchkey } = world.app
    const body = { projectNo: uniqueName(), projectName: 'Sea View' }
    const { data: house } = await latchkey.api.POST('/houses', { body })
    const form = await photoForm(world)
    const params = { path: { id: house?.id ?? '' } }
    world.server.clock.advance(2000)

    const first = await latchkey.api.POST('/houses/{id}/photos', { params, body: form })
    const second = await latchkey.fetch(`/houses/${house?.id}/photos`, {
      method: 'POST',
      body: form as unknown as FormData,
    })

    const { contentType, width, height } = first.data ?? {}
    assert.deepEqual(
      { contentType, width, height },
      { contentType: 'image/jpeg', width: 40, height: 30 },
    )
    assert.equal(second.status, 201)
  })

  test('The client on a phone stays signed in when the app is killed during a refresh', async (t) => {
    const { server, phone, app, restart, wait, user } = await registeredPhone(t)
    wait(2000)
    const answered = new Promise<void>((resolve) => {
      phone.network.befall('POST /refresh', async (_request, deliver) => {
        const response = await deliver()
        app.kill()
        resolve()
        return response
      })
    })
    app.latchkey.api.GET('/me').catch(() => undefined)
    await answered
    server.clock.advance(3600)

    const { user: restored } = await restart().latchkey.restore()

    const keys = phone.network.sent('POST /refresh').map(({ key }) => key)
    assert.equal(restored?.id, user.id)
    assert.equal(keys.length, 2)
    assert.equal(keys[0], keys[1])
    assert.match(keys[0] ?? '', /^[0-9a-z]{8,}-[0-9a-z]{8,}$/)
  })

  test('The client on a phone does not mistake a lost network for a sign-out', async (t) => {
    const { phone, app, wait, user } = await registeredPhone(t)
    wait(2000)
    phone.hurry()
    phone.network.befall('POST /refresh', unreachable, unreachable, unreachable, unreachable)

    await assert.rejects(app.latchkey.api.GET('/me'), { name: 'TypeError' })
    const { data } = await app.latchkey.api.GET('/me')

    assert.deepEqual(structuredClone(data), user)
    assert.equal(new Set(phone.network.sent('POST /refresh').map(({ key }) => key)).size, 1)
  })

  test('The client on a phone gives up an answer that never comes, and asks again', async (t) => {
    const { phone, app, wait, user } = await registeredPhone(t)
    wait(2000)
    phone.hurry()
    phone.network.befall('POST /refresh', async ({ signal }) => {
      // Asked again and again: a signal that nobody holds may be gone before it tells.
      while (!signal.aborted) await sleep(10)
      throw signal.reason
    })

    const { data } = await app.latchkey.api.GET('/me')

    assert.deepEqual(structuredClone(data), user)
    assert.equal(phone.network.sent('POST /refresh').length, 2)
  })

  test('The client on a phone stops a call that the app aborts', async (t) => {
    const { app } = await registeredPhone(t)
    const controller = new AbortController()

    const call = app.latchkey.api.GET('/me', { signal: controller.signal })
    controller.abort()

    await assert.rejects(call, { name: 'AbortError' })
  })

  test('The client on a phone signs out, keeps nothing, and signs in beside the cookies of the phone', async (t) => {
    const { phone, app, restart, user } = await registeredPhone(t)

    await app.latchkey.signOut()
    const kept = phone.kept.size
    const without = await app.latchkey.api.GET('/me')
    const { latchkey } = restart()
    const { user: restored } = await latchkey.restore()
    const again = await latchkey.signIn({ username: user.username, password: PASSWORD })

    assert.equal(kept, 0)
    assert.equal(without.error?.code, 'unauthenticated')
    assert.equal(restored, null)
    assert.ok(phone.network.cookies.has(DEVICE_COOKIE))
    assert.deepEqual(structuredClone(again), user)
  })

  test('The client on a phone throws what the server said of a registration', async (t) => {
    const { app, user } = await registeredPhone(t)
    const taken = { ...user, email: 'other@example.com', password: PASSWORD }
    const { username, email, password } = taken

    await assert.rejects(app.latchkey.register({ username, email, password }), {
      name: 'LatchkeyError',
      code: 'username_taken',
      status: 409,
    })
  })
})
