// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { askerOf } from '../../src/platform/queues/askers.ts'
import { type Asker, createFairQueue } from '../../src/platform/queues/fair-queue.ts'

type Wish = { isCostly?: boolean; site?: string }

/** A queue of one place, which is taken, and who came out of it in which order. */
function busyQueue({ atOnce = 1, length = 8, slotsEach = 4 } = {}) {
  const queue = createFairQueue({ atOnce, length, slotsEach })
  const served: string[] = []
  const refused: string[] = []
  const ask = async (name: string, [network, account]: [string, string], wish: Wish = {}) => {
    const { isCostly = false, ...site } = wish
    const isAdmitted = await queue.enter({ network, account, ...site }, isCostly)
    ;(isAdmitted ? served : refused).push(name)
  }
  const askAll = (count: number, name: string, of: (at: number) => [string, string]) => {
    for (let at = 0; at < count; at++) void ask(`${name}${at}`, of(at))
  }
  for (let at = 0; at < atOnce; at++) void queue.enter(other(`holder-${at}`), false)

  /** One after the other, until nobody is served any more. */
  async function serveAll(isCostly = false): Promise<string[]> {
    await setImmediate()
    for (let before = -1; before < served.length; await setImmediate()) {
      before = served.length
      queue.leave(isCostly)
    }
    return served
  }

  return { ...queue, ask, askAll, served, refused, serveAll }
}

const other = (name: string): Asker => ({ network: `net ${name}`, account: `account ${name}` })

test('one account that fills the queue first lets everybody else in, and they are served next', async () => {
  const { askAll, refused, serveAll } = busyQueue()
  askAll(20, 'many', () => ['home', 'hog'])
  askAll(3, 'one', (at) => ['home', `person ${at}`])

  const order = await serveAll()

  // Whose turn it was when the others came is served first.
  assert.deepEqual(order.slice(0, 4), ['many0', 'one0', 'one1', 'one2'])
  assert.equal(order.length, 8)
  assert.equal(refused.length, 15)
  assert.ok(refused.every((name) => name.startsWith('many')))
})

test('one account from many networks is one account', async () => {
  const { askAll, refused, serveAll } = busyQueue()
  askAll(20, 'many', (at) => [`network ${at}`, 'hog'])
  askAll(3, 'one', (at) => [`home ${at}`, `person ${at}`])

  const order = await serveAll()

  assert.deepEqual(order.slice(0, 4), ['many0', 'one0', 'one1', 'one2'])
  assert.ok(refused.every((name) => name.startsWith('many')))
})

test('one network with many accounts is one network', async () => {
  const { askAll, refused, serveAll } = busyQueue()
  askAll(20, 'many', (at) => ['hog', `account ${at}`])
  askAll(3, 'one', (at) => [`home ${at}`, `person ${at}`])

  const order = await serveAll()

  assert.deepEqual(order.slice(0, 4), ['many0', 'one0', 'one1', 'one2'])
  assert.ok(refused.every((name) => name.startsWith('many')))
})

test('one site with many networks keeps no other out, and has more slots than a network', async () => {
  const { ask, refused, serveAll } = busyQueue({ length: 16, slotsEach: 2 })
  for (let at = 0; at < 30; at++) void ask(`many${at}`, [`net ${at}`, `hog ${at}`], { site: 'hog' })
  for (let at = 0; at < 12; at++) void ask(`one${at}`, [`home ${at}`, `person ${at}`])

  const order = await serveAll()

  const ones = Array.from({ length: 12 }, (_, at) => `one${at}`)
  const manys = ['many0', 'many1', 'many2', 'many3']
  assert.deepEqual(order, [...manys, ...ones])
  assert.ok(refused.every((name) => name.startsWith('many')))
})

test('addresses of one IPv6 /48 are one site, and each IPv4 address is one', () => {
  const siteAt = (ip: string) => askerOf({ ip, userAgent: null }, 'name', 'anna').site
  const [one, other] = ['2001:db8:1:2::3', '2001:db8:1:ff00::3'].map(siteAt)

  assert.equal(one, other)
  assert.equal(one, '2001:db8:1::/48')
  assert.notEqual(siteAt('2001:db8:2:2::3'), one)
  assert.deepEqual(['192.0.2.1', '::ffff:192.0.2.1'].map(siteAt), ['192.0.2.1', '192.0.2.1'])
})

test('networks are served in turn, and accounts in turn within each', async () => {
  const { ask, serveAll } = busyQueue()
  for (const account of ['x', 'x', 'y']) void ask(`a ${account}`, ['a', `a ${account}`])
  for (const account of ['x', 'x', 'y']) void ask(`b ${account}`, ['b', `b ${account}`])

  assert.deepEqual(await serveAll(), ['a x', 'b x', 'a y', 'b y', 'a x', 'b x'])
})

for (const [what, of] of [
  ['account', (at: number) => [`network ${at}`, 'same']],
  ['network', (at: number) => ['same', `account ${at}`]],
] as const) {
  test(`four of one ${what} wait while others do, and the fifth is refused`, async () => {
    const { ask, askAll, hasRoom, refused } = busyQueue()
    void ask('somebody', ['home', 'person'])
    askAll(5, 'same', (at) => of(at) as [string, string])
    await setImmediate()

    const [network, account] = of(9) as [string, string]
    assert.deepEqual(refused, ['same4'])
    assert.equal(hasRoom({ network, account }), false)
    assert.equal(hasRoom(other('one')), true)
  })
}

test('a single owner may fill the queue, and no more', async () => {
  const { askAll, refused } = busyQueue()

  askAll(10, 'same', () => ['home', 'person'])
  await setImmediate()

  assert.deepEqual(refused, ['same8', 'same9'])
})

test('an owner with a slot keeps it, however many others come', async () => {
  const { askAll, refused } = busyQueue()
  askAll(8, 'early', (at) => [`early ${at}`, `early ${at}`])
  askAll(50, 'late', (at) => [`late ${at}`, `late ${at}`])
  await setImmediate()

  assert.equal(refused.length, 50)
  assert.ok(refused.every((name) => name.startsWith('late')))
})

test('a guesser who fills the slots of an account from one network makes room for another network', async () => {
  const { ask, askAll, refused, serveAll } = busyQueue()
  void ask('somebody', ['elsewhere', 'somebody'])
  askAll(4, 'guess', () => ['guesser', 'victim'])
  void ask('victim', ['home', 'victim'])
  await setImmediate()

  assert.deepEqual(refused, ['guess3'])
  assert.ok((await serveAll()).includes('victim'))
})

test('costly work waits in the same queue, and one of it runs at a time', async () => {
  const { ask, hasRoom, leave, served, refused } = busyQueue({ atOnce: 2, length: 3 })
  leave(false)
  leave(false)
  for (let at = 0; at < 5; at++) void ask(`costly${at}`, ['a', 'x'], { isCostly: true })
  await setImmediate()
  const first = [...served]
  const hadRoom = hasRoom({ network: 'a', account: 'x' })
  void ask('cheap', ['b', 'y'])
  await setImmediate()

  assert.deepEqual([first, hadRoom], [['costly0'], false])
  assert.deepEqual(served, ['costly0', 'cheap'])
  leave(true)
  await setImmediate()
  assert.deepEqual(served, ['costly0', 'cheap', 'costly1'])
  assert.deepEqual(refused.sort(), ['costly3', 'costly4'])
})

test('networks and accounts without waiting jobs are forgotten', async (t) => {
  const set = t.mock.method(Map.prototype, 'set')
  const { askAll, serveAll } = busyQueue()
  askAll(50, 'many', (at) => [`network ${at}`, `account ${at}`])
  await serveAll()

  const isOurs = ({ arguments: [key] }: { arguments: unknown[] }) =>
    /^(network|account) \d+$/.test(String(key))
  const lanes = new Set(
    set.mock.calls.filter(isOurs).map((call) => call.this as Map<string, object>),
  )
  set.mock.restore()

  assert.equal(lanes.size, 3)
  for (const { size } of lanes) assert.equal(size, 0)
})
