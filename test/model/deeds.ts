import assert from 'node:assert/strict'
import { operator } from '../support/operator.ts'
import { DAY_MS, pick, pickSession } from './choices.ts'
import { digest } from './compare.ts'
import * as reference from './reference.ts'
import { type Command, killAll, refreshNewest } from './requests.ts'
import type { World } from './world.ts'

const json = (value: unknown) => JSON.stringify(value)

/** What an operator does; the model and the server are told alike. */
export function administer(number: number, deed: 'disable' | 'enable' | 'user' | 'admin'): Command {
  const target = (world: Readonly<World>) => pick(world.accounts.length, number)
  return {
    check: (world) => world.accounts[target(world)]?.isDeleted === false,
    async run(world, subject) {
      const index = target(world)
      const administration = operator(subject.server)
      const login = reference.at(world.accounts, index).username
      if (deed === 'user' || deed === 'admin') {
        reference.changeRole(world, index, deed)
        await administration.changeRole(login, deed)
        return
      }
      if (deed === 'enable') {
        reference.enable(world, index)
        await administration.enable(login)
        return
      }
      reference.disable(world, index)
      await administration.disable(login)
      killAll(subject, -1, subject.userIds[index])
    },
    toString: () => `administer ${json({ number, deed })}`,
  }
}

export const advance = (seconds: number): Command => ({
  check: () => true,
  async run(world, { server }) {
    world.now += seconds * 1000
    server.clock.advance(seconds)
    assert.equal(server.clock(), world.now)
  },
  toString: () => `${seconds} s later`,
})

export const restart = (): Command => ({
  check: () => true,
  run(world, subject) {
    reference.restart(world)
    return subject.restart()
  },
  toString: () => 'restart',
})

/**
 * Jobs that run once a second or a minute; the test chooses the moment.
 */
export const maintain = (): Command => ({
  check: () => true,
  async run(_world, { server }) {
    const { keys, revocations, sessions, audit } = server.services
    await keys.refresh()
    await revocations.poll()
    await sessions.clean()
    await audit.clean()
  },
  toString: () => 'maintain',
})

/** A backup is put back that has an older state of one session: its client is ahead of the row. */
export function restore(number: number, back: number): Command {
  const target = (world: Readonly<World>) => pickSession(world, number)
  return {
    check: (world) => {
      const session = world.sessions[target(world)]
      const snapshot = session?.ended ? undefined : session?.history.at(-1 - back)
      return snapshot !== undefined && world.now < snapshot.expiresAt + DAY_MS
    },
    async run(world, { server, sessions }) {
      const index = target(world)
      const snapshot = reference.restore(world, index, back)
      const session = reference.at(sessions, index)
      assert.ok(snapshot)
      session.restorations++
      const { generation, lowestLiving, seen, rotatedAt, key, expiresAt, authTime } = snapshot
      const { renewedAt } = snapshot
      const { count } = await server.database.client.session.updateMany({
        where: { id: session.id },
        data: {
          generation,
          lowestLiving,
          seenGeneration: seen,
          renewedAt: renewedAt === undefined ? null : new Date(renewedAt),
          rotatedAt: new Date(rotatedAt),
          rotationKeyHash: digest(key),
          expiresAt: new Date(expiresAt),
          authTime: new Date(authTime),
        },
      })
      assert.equal(count, 1)
    },
    toString: () => `restore ${json({ number, back })}`,
  }
}

/** A client that comes back just in time, again and again, until the session's absolute end. */
export function liveLong(number: number, returns: number): Command {
  return {
    check: () => true,
    async run(world, subject) {
      const session = pickSession(world, number)
      for (let turn = 0; session >= 0 && turn < returns; turn++) {
        await advance(2_591_999).run(world, subject)
        await refreshNewest(session).run(world, subject)
      }
    },
    toString: () => `live long ${json({ number, returns })}`,
  }
}

/** A client that comes back with its token some time after a backup was put back. */
export function comeBackAfterRestore(number: number, back: number, seconds: number): Command {
  const restored = restore(number, back)
  return {
    check: restored.check,
    async run(world, subject) {
      const session = pickSession(world, number)
      await restored.run(world, subject)
      await advance(seconds).run(world, subject)
      await refreshNewest(session).run(world, subject)
    },
    toString: () => `come back after restore ${json({ number, back, seconds })}`,
  }
}
