import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isUnavailable } from '../../src/platform/database/database.ts'
import { openConnection } from '../../src/platform/database/sqlite/connection.ts'
import { createWriter } from '../../src/platform/database/sqlite/writer.ts'
import {
  aSession,
  aUser,
  emptyDatabase,
  isMysql,
  openAt,
  openFreshDatabase,
} from '../support/databases.ts'

const pathOf = (url: string) => url.slice('file:'.length)

if (!isMysql) {
  describe('SQLite under contention', () => {
    it('keeps 200 writes beside transactions that roll back, and shows nothing of those', async (t) => {
      const { client } = await openFreshDatabase(t)
      let isDone = false
      let rolledBack = 0
      const rollBack = async () => {
        while (!isDone) {
          const attempt = client.$transaction(async (tx) => {
            await tx.user.create({ data: { ...aUser(), role: 'ghost' } })
            await sleep(1)
            throw new Error('undo')
          })
          await assert.rejects(attempt, { message: 'undo' })
          rolledBack += 1
        }
      }
      const rolling = [rollBack(), rollBack()]
      const ghosts: number[] = []
      const write = async () => {
        for (let i = 0; i < 20; i += 1) {
          await client.user.create({ data: aUser() })
          await sleep(1)
          ghosts.push(await client.user.count({ where: { role: 'ghost' } }))
        }
      }

      await Promise.all(Array.from({ length: 10 }, write))
      isDone = true
      await Promise.all(rolling)

      assert.ok(rolledBack > 10, `${rolledBack} rolled back`)
      assert.deepEqual([ghosts.length, Math.max(...ghosts)], [200, 0])
      assert.equal(await client.user.count(), 200)
    })

    it('keeps reading while another process holds the lock, fails writes in time, and recovers', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      await client.user.create({ data: { ...aUser(), name: 'before' } })
      const holder = await holdLock(t, url)
      const delay = monitorEventLoopDelay({ resolution: 5 })
      delay.enable()
      const writes = Promise.allSettled([
        ...Array.from({ length: 10 }, () => client.user.create({ data: aUser() })),
        client.$transaction((tx) => tx.user.create({ data: aUser() })),
      ])
      let reads = 0
      const names = new Set<string | null>()
      let isDone = false
      const read = async () => {
        while (!isDone) {
          for (const { name } of await client.user.findMany()) names.add(name)
          reads += 1
          await tick()
        }
      }
      const reading = read()

      const outcomes = await writes
      isDone = true
      await reading
      delay.disable()
      const queued = client.user.create({ data: { ...aUser(), name: 'after' } })
      await holder.release()
      await queued

      const errors = outcomes.map((outcome) => 'reason' in outcome && isUnavailable(outcome.reason))
      assert.deepEqual(errors, Array(11).fill(true))
      assert.ok(reads > 50, `${reads} reads`)
      assert.deepEqual([...names], ['before'])
      // The whole wait is 4.5 s; a busy machine may add some, but never that.
      assert.ok(delay.max < 1e9, `the process stood still for ${delay.max / 1e6} ms`)
      assert.equal(await client.user.count(), 2)
    })

    it('is not spoiled by a lock that it met at BEGIN, neither for itself nor for others', async (t) => {
      const { url } = await openFreshDatabase(t)
      const limits = { waitMs: 50, maxWaiting: 10, transactionMs: 1000 }
      const writer = createWriter(pathOf(url), limits)
      await writer.open()
      const holder = await holdLock(t, url)

      const refused = await writer.begin().catch((error) => error)
      await holder.release()
      await writer.write((open) => open.execute("UPDATE User SET name = 'x'", []))

      assert.equal(isUnavailable(refused), true)
      const other = openConnection(pathOf(url), { readOnly: false })
      other.script('BEGIN IMMEDIATE; ROLLBACK')
      await writer.close()
    })

    it('rolls back when COMMIT fails, and keeps working', async (t) => {
      const { client } = await openFreshDatabase(t)

      const attempt = client.$transaction(async (tx) => {
        await tx.$executeRaw`PRAGMA defer_foreign_keys = ON`
        await tx.$executeRaw`UPDATE \`User\` SET \`name\` = 'x'`
        await tx.session.create({ data: aSession('nobody') })
      })

      await assert.rejects(attempt)
      await client.user.create({ data: aUser() })
      assert.deepEqual([await client.session.count(), await client.user.count()], [0, 1])
    })

    it('is unavailable while the disk is full, and recovers when there is room', async (t) => {
      const { client } = await openFreshDatabase(t)
      const [size] = await client.$queryRaw<{ page_count: number }[]>`PRAGMA page_count`
      await client.$queryRawUnsafe(`PRAGMA max_page_count = ${Number(size?.page_count)}`)
      const fill = async () => {
        for (let i = 0; i < 200; i += 1) {
          await client.user.create({ data: { ...aUser(), passwordHash: 'x'.repeat(4000) } })
        }
      }

      const full = await fill().catch((error) => error)
      const before = await client.user.count()
      await client.$queryRaw`PRAGMA max_page_count = 1000000`
      await client.user.create({ data: aUser() })

      assert.equal(isUnavailable(full), true)
      assert.equal(await client.user.count(), before + 1)
    })

    it('rolls back an abandoned transaction, and refuses its late statements', async (t) => {
      const { url } = await openFreshDatabase(t)
      const limits = { waitMs: 5000, maxWaiting: 1, transactionMs: 50 }
      const writer = createWriter(pathOf(url), limits)

      const forgotten = await writer.begin()
      const waiting = writer.begin()
      const tooMany = await writer.begin().catch((error) => error)
      const next = await waiting

      assert.equal(isUnavailable(tooMany), true)
      assert.throws(() => forgotten.commit(), { name: 'DriverAdapterError' })
      next.rollback()
      await writer.close()
    })

    it('opens no more files for 300 transactions than for one', async (t) => {
      const { client, url } = await openFreshDatabase(t)
      const one = () => client.$transaction((tx) => tx.user.create({ data: aUser() }))
      await one()
      const before = openFiles(url)

      for (let i = 0; i < 300; i += 1) await one()

      assert.deepEqual([before > 0, openFiles(url)], [true, before])
    })

    it('has everything that was acknowledged after SIGKILL, and nothing by halves', async (t) => {
      const url = await emptyDatabase(t)
      const first = await openAt(url)
      await first.migrate()
      await first.close()
      const acknowledged = [...(await writeUntilKilled(url)), ...(await writeUntilKilled(url))]

      const { client, close } = await openAt(url)
      t.after(close)

      const users = new Set((await client.user.findMany()).map(({ id }) => id))
      const missing = acknowledged.filter((id) => !users.has(id))
      assert.deepEqual([missing, await client.session.count()], [[], users.size])
    })
  })
}

function openFiles(url: string): number {
  const directory = dirname(pathOf(url))
  const descriptors = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      return ''
    }
  })
  return descriptors.filter((target) => target.startsWith(directory)).length
}

/** Starts a process that takes the write lock on the file. */
async function holdLock(t: TestContext, url: string) {
  const script = fileURLToPath(new URL('../support/sqlite-holder.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, pathOf(url)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return {
    release: async () => {
      child.stdin.write('release')
      await once(child, 'exit')
    },
  }
}

/** Starts a process that writes, and kills it in the midst of it. @returns what it acknowledged */
async function writeUntilKilled(url: string): Promise<string[]> {
  const script = fileURLToPath(new URL('../support/sqlite-writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ids: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(line)
    if (ids.length === 50) child.kill('SIGKILL')
  }
  // The last line may be cut off.
  return ids.filter((id) => id.length === 36)
}
