// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Channel, createRpc } from '../../src/platform/cluster/rpc.ts'

const LIMIT_MS = 200
/** More than are ever under way between two processes that live. */
const MANY = 5000

test('A side that never takes a message holds a bounded number of them, and no question waits for it', async () => {
  let taken = 0
  const { channel } = fakeChannel(() => {
    taken += 1
  })
  const ask = createRpc(channel, {}, LIMIT_MS)

  const answers = await Promise.all(Array.from({ length: MANY }, () => ask('spend')))

  assert.equal(taken, 1000)
  assert.deepEqual(new Set(answers), new Set([undefined]))
})

test('A side that hangs is waited for once, and again after it has said something', async () => {
  const sent: Sent[] = []
  const { channel, receive } = fakeChannel((message, done) => {
    sent.push(message as Sent)
    done(null)
  })
  const ask = createRpc(channel, {}, LIMIT_MS)

  const first = await timeOf(() => ask('spend'))
  const second = await timeOf(() => ask('spend'))
  receive({ answers: sent[1]?.id, answer: 'late' })
  const third = await timeOf(() => ask('spend'))

  assert.ok(first > LIMIT_MS / 2 && third > LIMIT_MS / 2, `${first} and ${third} ms`)
  assert.ok(second < LIMIT_MS / 2, `${second} ms`)
  assert.deepEqual(
    sent.map(({ asks }) => asks),
    ['spend', 'spend', 'spend'],
    'what is asked meanwhile is sent all the same',
  )
})

test('An answer reaches its call, also beside a call that failed on the other side', async () => {
  const one = fakeChannel((message, done) => {
    done(null)
    queueMicrotask(() => other.receive(message))
  })
  const other = fakeChannel((message, done) => {
    done(null)
    queueMicrotask(() => one.receive(message))
  })
  createRpc(other.channel, {
    double: (value: number) => value * 2,
    fail: () => Promise.reject(new Error('on purpose')),
  })
  const ask = createRpc(one.channel, {}, LIMIT_MS)

  assert.deepEqual(await Promise.all([ask('double', 2), ask('fail'), ask('double', 4)]), [
    4,
    undefined,
    8,
  ])
})

type Sent = { asks?: string; id?: number }
type Send = NonNullable<Channel['send']>

function fakeChannel(send: (...args: Parameters<Send>) => void) {
  const listeners: ((message: unknown) => void)[] = []
  const channel: Channel = { send, on: (_event, listener) => listeners.push(listener) }
  return { channel, receive: (message: unknown) => listeners.forEach((it) => void it(message)) }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
