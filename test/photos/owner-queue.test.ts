// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settle } from 'node:timers/promises'
import { createOwnerQueue } from '../../src/platform/queues/owner-queue.ts'

type Limits = { maxWaiting?: number; maxWaitingOfOwner?: number }

/** A queue whose jobs end when they are told to, and what became of them. */
function scene({ maxWaiting = 100, maxWaitingOfOwner = 100 }: Limits = {}) {
  const refuse = () => new Error('full')
  const refuseOwner = () => new Error('full of yours')
  const queue = createOwnerQueue({ maxWaiting, maxWaitingOfOwner, refuse, refuseOwner })
  const begun: string[] = []
  const failed: string[] = []
  const running: (() => void)[] = []

  /** Its owner is its first letter. */
  function add(name: string, signal?: AbortSignal, site?: string): void {
    const job = () => {
      begun.push(name)
      return new Promise<void>((resolve) => running.push(resolve))
    }
    queue
      .run(name.slice(0, 1), job, { signal, site })
      .catch((error) => failed.push(`${name}: ${error.message}`))
  }

  /** Ends the job that runs. */
  async function end(): Promise<void> {
    await settle()
    assert.equal(running.length, 1, 'one job at a time')
    running.pop()?.()
    await settle()
  }

  async function endAll(): Promise<string> {
    await settle()
    while (running.length > 0) await end()
    return begun.join(' ')
  }

  return { add, end, endAll, begun, failed, queue }
}

test('one site with many owners gives way where the queue is full, its last job first', async () => {
  const { add, endAll, failed } = scene({ maxWaiting: 3 })
  for (const name of ['a1', 'b1', 'c1', 'd1', 'e1']) add(name, undefined, 'home')
  for (const name of ['f1', 'g1', 'h1']) add(name, undefined, 'elsewhere')

  // Of three places one site has two at most while another one wants the third and the second.
  assert.equal(await endAll(), 'a1 b1 c1 f1')
  assert.deepEqual(failed.sort(), ['d1: full', 'e1: full', 'g1: full', 'h1: full'])
})

test('owners take turns, each with the oldest of its jobs', async () => {
  const { add, endAll } = scene()
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) add(name)

  assert.equal(await endAll(), 'a1 b1 c1 a2 b2 a3 a4')
})

test('an owner who arrives while another is served goes before the waiting jobs of the other', async () => {
  const { add, end, endAll } = scene()
  for (const name of ['a1', 'a2', 'a3']) add(name)
  await end()
  add('b1')
  await end()
  add('c1')

  assert.equal(await endAll(), 'a1 a2 b1 a3 c1')
})

test('with jobs that one owner adds again and again, another waits for one of them', async () => {
  const { add, end, begun } = scene({ maxWaitingOfOwner: 2 })
  for (const name of ['a1', 'a2', 'a3']) add(name)
  for (let turn = 4; turn < 100; turn++) {
    await end()
    add(`a${turn}`)
    if (turn % 10 === 0) add(`b${turn}`)
  }

  for (const [at, name] of begun.entries()) {
    if (name.startsWith('b')) assert.ok(begun[at - 1]?.startsWith('a'), `${name} waited for one`)
  }
  const turns = begun.filter((name) => name.startsWith('b')).length
  assert.equal(turns, 9)
})

test('the queue has a limit for each owner and for all, and refuses one more at once', async () => {
  const { add, endAll, failed } = scene({ maxWaitingOfOwner: 2, maxWaiting: 3 })
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'a5']) add(name)
  await settle()

  assert.deepEqual(failed, ['a4: full of yours', 'c1: full', 'a5: full of yours'])
  assert.equal(await endAll(), 'a1 b1 a2 a3')
  add('a6')
  assert.equal(await endAll(), 'a1 b1 a2 a3 a6')
})

test('a job that is given up frees its slot at once, and does not run', async () => {
  const { add, end, endAll, failed } = scene({ maxWaitingOfOwner: 1, maxWaiting: 1 })
  const client = new AbortController()
  add('a1')
  add('a2', client.signal)
  client.abort(new Error('gone'))
  await settle()
  add('b1')
  await end()

  assert.equal(await endAll(), 'a1 b1')
  assert.deepEqual(failed, ['a2: gone'])
})

test('a running job continues when its owner gives up, and keeps its slot', async () => {
  const { add, endAll, failed } = scene()
  const client = new AbortController()
  add('a1', client.signal)
  add('b1')
  await settle()
  client.abort(new Error('gone'))
  add('c1', client.signal)
  await settle()

  assert.deepEqual(failed, ['c1: gone'])
  assert.equal(await endAll(), 'a1 b1')
})

test('a job that fails lets the next one begin', async () => {
  const { queue } = scene()
  const fails = queue.run('a', () => Promise.reject(new Error('broken')))
  const next = queue.run('b', async () => 'done')

  await assert.rejects(fails, { message: 'broken' })
  assert.equal(await next, 'done')
})
