// What each statement on the Session table asks for by itself: whoever read the row before may be
// overtaken.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type Session, sessionOf } from '../../src/features/sessions/session.ts'
import { createSessionStore } from '../../src/features/sessions/store.ts'
import { signInTime } from '../../src/features/users/sign-in-time.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { aSession, aUser, openFreshDatabase } from '../support/databases.ts'

const now = new Date('2026-11-20T10:00:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const device = { ip: '192.0.2.1', userAgent: 'test' }

async function openStore(t: TestContext) {
  const { client, statements } = await openFreshDatabase(t)
  const user = aUser()
  await client.user.create({ data: user })
  const add = async (columns: Partial<Session> = {}) =>
    sessionOf(
      await client.session.create({
        data: { ...aSession(user.id), expiresAt: later(60), endsAt: later(90), ...columns },
      }),
    )
  const read = async (id: string) =>
    sessionOf(await client.session.findUniqueOrThrow({ where: { id } }))
  return {
    client,
    userId: user.id as UserId,
    store: createSessionStore({ db: client, statements, signInTime }),
    add,
    read,
  }
}

type Change = Partial<Session>
/** What may have happened to a session since it was read, after which it does not go on. */
const overtaken: Record<string, Change> = {
  'was rotated': { generation: 2 },
  'was ended': { revokedAt: now },
  'has reached its end': { endsAt: later(1) },
}

for (const [what, change] of Object.entries(overtaken)) {
  test(`a session that ${what} meanwhile is not rotated`, async (t) => {
    const { client, store, add, read } = await openStore(t)
    const [row, other] = [await add(), await add()]
    await client.session.update({ where: { id: row.id }, data: change })
    const before = await read(row.id)
    const next = { generation: 2, rotatedAt: later(1), rotationKeyHash: null, expiresAt: later(61) }

    const rotated = await store.rotate(row, { ...next, ...device })
    const control = await store.rotate(other, { ...next, ...device })

    assert.deepEqual([rotated, control], [false, true])
    assert.deepEqual(await read(row.id), before)
    assert.equal((await read(other.id)).generation, 2)
  })
}

for (const [what, change] of Object.entries({
  'was ended': { revokedAt: now },
  'is over': { expiresAt: later(1) },
})) {
  test(`a session that ${what} meanwhile is not renewed, and one that lives is, in every column`, async (t) => {
    const { client, store, userId, add, read } = await openStore(t)
    const live = { generation: 3, seenGeneration: 2, rotationKeyHash: 'key' }
    const [row, other] = [await add({ ...live, ...change }), await add(live)]

    const renewed: boolean[] = []
    const fresh = { now: later(1), expiresAt: later(61), amr: 'pwd otp mfa', keyHash: 'new key' }
    const renewal = { ...fresh, ...device }
    for (const { id } of [row, other]) {
      await client.$transaction(async (tx) => {
        renewed.push(await store.renew(tx, userId, id, renewal))
      })
    }

    assert.deepEqual([renewed, await read(row.id)], [[false, true], row])
    assert.deepEqual(await read(other.id), {
      ...other,
      amr: 'pwd otp mfa',
      ...{ generation: 4, lowestLiving: 4, rotationKeyHash: 'new key', expiresAt: later(61) },
      ...{ rotatedAt: later(1), renewedAt: later(1), authTime: later(1), ...device },
    })
  })
}

test('a generation is marked as seen while it is the current one, and no mark is taken back', async (t) => {
  const { store, userId, add, read } = await openStore(t)
  const marks: [generation: number, seen: number, note: number, after: number][] = [
    [2, 0, 2, 2],
    [2, 1, 2, 2],
    [3, 1, 2, 1],
    [2, 0, 3, 0],
  ]

  for (const [generation, seenGeneration, note, after] of marks) {
    const { id } = await add({ generation, seenGeneration })
    await store.markSeen(userId, id, note)
    assert.equal((await read(id)).seenGeneration, after, `${[generation, seenGeneration, note]}`)
  }
})

test('sessions that have expired or ended do not count toward the limit', async (t) => {
  const { client, store, userId, add } = await openStore(t)
  const many = (count: number, columns: Partial<Session>) =>
    client.session.createMany({
      data: Array.from({ length: count }, () => ({
        ...{ ...aSession(userId), id: randomUUID(), expiresAt: later(60), ...columns },
      })),
    })
  const oldest = await add({ createdAt: later(-60) })
  await many(60, { createdAt: later(-30), expiresAt: now })
  await many(60, { createdAt: later(-30), revokedAt: now })
  await many(99, { createdAt: later(-20) })

  const within = await store.beyondLimit(userId, now)
  const live = await store.countLive(userId, now)
  await many(1, { createdAt: later(-10) })
  const beyond = await store.beyondLimit(userId, now)

  assert.deepEqual([within, live, beyond], [[], 100, [oldest.id]])
})
