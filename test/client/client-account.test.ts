import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Latchkey } from '../../client/src/index.ts'
import { memoryStorage } from '../../client/src/storage.ts'
import { NEW_PASSWORD, signedUpClient, wait } from '../support/clients.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { answerLost, clientOf, unreachable } from '../support/network.ts'
import { operator } from '../support/operator.ts'

// What the client does with an account: a change of password, the end of a session, the end of an
// account.

/** The server does what it is asked, and a gateway answers in its place. */
const answerOfGateway: typeof answerLost = async (_request, deliver) => {
  await deliver()
  return new Response('<h1>Bad gateway</h1>', { status: 502 })
}

/** What a signed-in caller is told of a wrong `currentPassword`. */
const WRONG_PASSWORD = {
  type: '/problems/wrong_password',
  title: 'Wrong password',
  status: 403,
  detail: 'The current password is wrong.',
  instance: 'req-1',
  code: 'wrong_password',
  action: 'fix_request',
  errors: [{ pointer: '/currentPassword', code: 'wrong', detail: 'The password is wrong.' }],
}

const CONFIRMED: Record<string, (latchkey: Latchkey) => Promise<void>> = {
  'PUT /password': (latchkey) =>
    latchkey.changePassword({ currentPassword: 'a wrong guess', newPassword: NEW_PASSWORD }),
  'DELETE /me': (latchkey) => latchkey.deleteAccount({ currentPassword: 'a wrong guess' }),
}

// Together, since much of them is waiting.
describe('The client', { concurrency: 5 }, () => {
  test('The client stays signed in after a change of password, and other sessions end', async (t) => {
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

  for (const [how, fate] of [
    ['lost', answerLost],
    ['that of a gateway', answerOfGateway],
  ] as const) {
    test(`The client stays signed in with the new password when the answer to its change is ${how}`, async (t) => {
      const world = await signedUpClient(t)
      const { latchkey, network, person, events } = world
      network.befall('PUT /password', fate)

      await latchkey.changePassword({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD })
      wait(2000, world)
      const { response } = await latchkey.api.GET('/me')

      assert.equal(response.status, 200)
      assert.equal(network.sent('PUT /password').length, 1)
      assert.deepEqual(network.sent('POST /login').length, 1)
      assert.ok(events.every((event) => event.endsWith(person.username)))
    })
  }

  test('The client keeps its session when a change of password never arrived', async (t) => {
    const { latchkey, network, person, events } = await signedUpClient(t)
    network.befall('PUT /password', unreachable)
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }

    await assert.rejects(latchkey.changePassword(change), TypeError)
    const { response } = await latchkey.api.GET('/me')

    assert.equal(response.status, 200)
    assert.deepEqual(events, [`signedIn ${person.username}`])
  })

  for (const [name, confirm] of Object.entries(CONFIRMED)) {
    test(`The client asks once for ${name} with a wrong password, and stays signed in`, async (t) => {
      const { latchkey, network, user } = await signedUpClient(t)
      network.befall(name, async () => Response.json(WRONG_PASSWORD, { status: 403 }))

      await assert.rejects(confirm(latchkey), { code: 'wrong_password', status: 403 })

      assert.equal(network.sent(name).length, 1)
      assert.equal(network.sent('POST /refresh').length, 0)
      assert.deepEqual(latchkey.user, user)
    })
  }

  test('The client waits for a running change of password before it signs in', async (t) => {
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
    await operator(server).disable(person.username)
    storage.removeItem = () => {
      throw new Error('no room')
    }

    await assert.rejects(latchkey.api.GET('/me'), /no room/)

    assert.deepEqual(events.slice(1), ['signedOut session_ended'])
  })

  test('The client deletes the account and is signed out', async (t) => {
    const { latchkey, person, events } = await signedUpClient(t)

    await assert.rejects(latchkey.deleteAccount({ currentPassword: NEW_PASSWORD }), {
      name: 'LatchkeyError',
      code: /^(invalid_credentials|wrong_password)$/,
    })
    await latchkey.deleteAccount({ currentPassword: PASSWORD })

    assert.equal(latchkey.user, null)
    assert.deepEqual(events.slice(1), ['signedOut by itself'])
    await assert.rejects(latchkey.signIn({ username: person.username, password: PASSWORD }))
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
})
