import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from '../support/helper.ts'
import type { House } from '../support/houses.ts'
import {
  NOTHING,
  remains,
  type SignedIn,
  scene,
  upload,
  uploadHead,
} from '../support/photo-scene.ts'
import { aPicture, blackPng, formWith } from '../support/pictures.ts'
import { rawConnection } from '../support/raw-http.ts'

// Clients of uploads that go away: no error of the server, and nothing is left.

type At = { server: TestServer; owner: SignedIn; house: House }

/** Sends some of an upload, and hangs up when it is told to. */
async function begin(
  t: TestContext,
  { server, owner, house }: At,
  wish: { bytes: Buffer; part: number },
) {
  const { payload } = formWith(wish.bytes)
  const connection = await rawConnection(t, server.app)
  const arrived = once(server.app.server, 'request')
  connection.say(uploadHead(owner, house, payload.length))
  connection.say(payload.subarray(0, Math.floor(payload.length * wish.part)))
  await arrived
  return connection
}

/** Waits for the line about the upload that was cut off. */
async function noticed({ server: { logs } }: At, count = 1): Promise<void> {
  const lines = () => logs.filter(({ msg }) => msg === 'The request was cut off.')
  const deadline = Date.now() + 20_000
  while (lines().length < count) {
    assert.ok(Date.now() < deadline, 'nobody noticed')
    await sleep(5)
  }
}

/** No line of the log calls for an operator, and none has a stack. */
function assertQuiet({ server: { logs } }: At): void {
  const loud = logs.filter(({ level, err }) => Number(level) >= 40 || err !== undefined)
  assert.deepEqual(loud, [])
  assert.ok(!JSON.stringify(logs).includes('    at '))
}

for (const [what, part] of [
  ['before its body', 0],
  ['within its file', 0.5],
  ['just before its end', 0.99],
] as const) {
  test(`an upload whose client goes ${what} leaves nothing, and is not an error`, async (t) => {
    const at = await scene(t)
    const { socket } = await begin(t, at, { bytes: await aPicture(), part })
    await sleep(20)
    socket.destroy()
    await noticed(at)

    assert.deepEqual(await remains(at.server, at.house), NOTHING)
    assertQuiet(at)
  })

  test(`an upload whose client resets the connection ${what} is not an error either`, async (t) => {
    const at = await scene(t)
    const { socket } = await begin(t, at, { bytes: await aPicture(), part })
    await sleep(20)
    socket.resetAndDestroy()
    await noticed(at)

    assert.deepEqual(await remains(at.server, at.house), NOTHING)
    assertQuiet(at)
  })
}

test('uploads whose clients leave while they wait for the decoder free their slots', async (t) => {
  const at = await scene(t)
  const large = blackPng(8000, 5000)
  const open = [await begin(t, at, { bytes: large, part: 1 })]
  for (let count = 0; count < 2; count++) open.push(await begin(t, at, { bytes: large, part: 1 }))
  await sleep(50)

  for (const { socket } of open) socket.destroy()
  await noticed(at, 3)
  const next = await upload(at.server, at.owner, at.house, formWith(await aPicture()))

  assert.equal(next.statusCode, 201, next.body)
  assert.deepEqual(await remains(at.server, at.house), { rows: 1, files: 1, places: 1 })
  assertQuiet(at)
})
