import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { NotOwner } from '../../src/contract/errors.ts'
import { signedUp } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { ask, type House, newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { NOTHING, remains, type SignedIn, scene, uploadHead } from '../support/photo-scene.ts'
import { adding, photosWith } from '../support/photos.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import { rawConnection } from '../support/raw-http.ts'

test('the owner of a house is checked again when a photo is stored', async (t) => {
  const { server, house } = await scene(t)
  const { user } = await signedUp(server)
  const { photos } = server.services
  const bytes = await aPicture()
  const actor = { userId: user.id, isAdmin: false }
  const { signal } = new AbortController()

  const attempt = photos.add({ houseId: house.id, bytes, actor, signal })

  await assert.rejects(attempt, { definition: NotOwner.definition })
  assert.equal(await server.database.client.photo.count(), 0)
})

/** Sends half of an upload, does something else, then sends the other half. */
async function interrupted(
  t: TestContext,
  { server, owner, house }: { server: TestServer; owner: SignedIn; house: House },
  then: () => Promise<unknown>,
) {
  const { payload } = formWith(await aPicture())
  const connection = await rawConnection(t, server.app)
  connection.say(uploadHead(owner, house, payload.length))
  connection.say(payload.subarray(0, payload.length / 2))
  await once(server.app.server, 'request')
  await then()
  connection.say(payload.subarray(payload.length / 2))
  const [answer] = await connection.answers()
  return `${answer?.statusCode} ${JSON.parse(answer?.body ?? '{}').code}`
}

test('an interrupted upload leaves nothing and uses no slot', async (t) => {
  const { server, owner, house } = await scene(t)
  const { payload } = formWith(await aPicture())
  const connection = await rawConnection(t, server.app)
  const isLogged = () => server.logs.some(({ msg }) => msg === 'The request was cut off.')

  connection.say(uploadHead(owner, house, payload.length))
  connection.say(payload.subarray(0, -20))
  await once(server.app.server, 'request')
  connection.socket.destroy()
  while (!isLogged()) await new Promise(setImmediate)

  assert.deepEqual(await remains(server, house), NOTHING)
})

test('an upload whose session ends on the way is refused and leaves nothing', async (t) => {
  const at = await scene(t)
  const { server, owner, house } = at

  const answer = await interrupted(t, at, () => ask(server, 'POST /logout', owner))

  assert.equal(answer, '401 session_ended')
  assert.deepEqual(await remains(server, house), NOTHING)
})

test('an upload of an admin who loses the role on the way is refused', async (t) => {
  const { server, house } = await scene(t)
  // The last administrator would keep the role.
  const [admin] = [await newAdmin(server), await newAdmin(server)]
  const administration = operator(server)

  const answer = await interrupted(t, { server, owner: admin, house }, () =>
    administration.changeRole(admin.username, 'user'),
  )

  assert.equal(answer, '401 token_expired')
  assert.deepEqual(await remains(server, house), NOTHING)
})

test('an upload whose house is deleted on the way is 404 and leaves nothing', async (t) => {
  const at = await scene(t)
  const { server, owner, house } = at

  const answer = await interrupted(t, at, () => ask(server, `DELETE /houses/${house.id}`, owner))

  assert.equal(answer, '404 not_found')
  assert.deepEqual(await remains(server), NOTHING)
})

test('nothing is stored for a client that left while the image was encoded', async (t) => {
  const at = await scene(t)
  const { server, house } = at
  const client = new AbortController()
  const { photos } = await photosWith(
    server,
    {},
    {
      reencode: async (bytes) => {
        client.abort(new Error('gone'))
        return { bytes, contentType: 'image/jpeg', width: 40, height: 30 }
      },
    },
  )
  const wish = { ...(await adding(at)), signal: client.signal }

  await assert.rejects(photos.add(wish), { message: 'gone' })

  assert.deepEqual(await remains(server, house), NOTHING)
})

test('nothing is stored for a client that left while the file was written', async (t) => {
  const at = await scene(t)
  const { server, house } = at
  const client = new AbortController()
  const { photos, storage } = await photosWith(server, {
    write: async (name, bytes) => {
      await storage.write(name, bytes)
      client.abort(new Error('gone'))
    },
  })
  const wish = { ...(await adding(at)), signal: client.signal }

  await assert.rejects(photos.add(wish), { message: 'gone' })

  assert.deepEqual(await remains(server, house), NOTHING)
})
