// After a change of the cost: how long a check takes must not tell who has an account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashEngine, type PasswordCost } from '../../src/platform/passwords/argon2.ts'
import { createDecoys } from '../../src/platform/passwords/decoys.ts'
import { createHashFillers } from '../../src/platform/passwords/fillers.ts'
import { createPasswords } from '../../src/platform/passwords/passwords.ts'
import { costOf, decoyAt, workOf } from '../../src/platform/passwords/stored-hash.ts'
import { call, statementsOf } from '../support/answers.ts'
import { signedUp } from '../support/factories.ts'
import { freshDatabase, startServer, type TestServer, uniqueName } from '../support/helper.ts'

const KEY = Buffer.alloc(32, 7)
const at = (memoryKib: number, time = 1): PasswordCost => ({ memoryKib, time, parallelism: 1 })
const names = Array.from({ length: 2000 }, (_, index) => `name ${index}`)

/** How many of the names have a decoy of each memory. */
function shares(decoys: ReturnType<typeof createDecoys>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) {
    const memory = costOf(decoys.of(name))?.memoryKib ?? 0
    counts[memory] = (counts[memory] ?? 0) + 1 / names.length
  }
  return counts
}

test('as many names have a decoy of each cost as accounts have a hash of it', () => {
  const decoys = createDecoys(at(64), KEY)
  assert.deepEqual(Object.keys(shares(decoys)), ['64'])

  decoys.learn([...Array(30).fill(at(128)), ...Array(10).fill(at(64))])
  const mixed = shares(decoys)
  decoys.learn([at(128)])

  assert.ok(Math.abs((mixed[128] ?? 0) - 0.75) < 0.05, JSON.stringify(mixed))
  assert.ok(Math.abs((mixed[64] ?? 0) - 0.25) < 0.05, JSON.stringify(mixed))
  assert.deepEqual(Object.keys(shares(decoys)), ['128'])
})

test('a name has the same decoy on every server, and changes it at most once while hashes are renewed', () => {
  const [one, other] = [createDecoys(at(64), KEY), createDecoys(at(64), KEY)]
  const stranger = createDecoys(at(64), Buffer.alloc(32, 8))
  const memoryOf = (decoys: typeof one, name: string) => costOf(decoys.of(name))?.memoryKib
  let before = names.map(() => 128)

  for (let renewed = 0; renewed <= 40; renewed++) {
    const sample = [...Array(40 - renewed).fill(at(128)), ...Array(renewed).fill(at(64))]
    one.learn(sample)
    other.learn(sample.toReversed())
    stranger.learn(sample)
    const now = names.map((name) => memoryOf(one, name) ?? 0)
    assert.deepEqual(
      now,
      names.map((name) => memoryOf(other, name)),
    )
    assert.ok(now.every((memory, index) => memory <= (before[index] ?? 0)))
    if (renewed === 20)
      assert.notDeepEqual(
        now,
        names.map((name) => memoryOf(stranger, name)),
      )
    before = now
  }
})

test('passwords are checked against the decoy of the name that was asked for', async (t) => {
  const passwords = createPasswords(at(64), { decoyKey: KEY })
  await passwords.learnCosts([decoyAt(at(64)), decoyAt(at(128)), 'damaged'])
  const verify = t.mock.method(hashEngine, 'verify', async () => false)
  const memoryFor = async (account: string) => {
    await passwords.verify(undefined, 'a password', { network: 'any', account })
    return costOf(String(verify.mock.calls.at(-1)?.arguments[0]))?.memoryKib
  }

  const found = []
  for (const name of names.slice(0, 40)) found.push(await memoryFor(name))
  const again = []
  for (const name of names.slice(0, 40)) again.push(await memoryFor(name))

  assert.deepEqual(new Set(found), new Set([64, 128]))
  assert.deepEqual(again, found)
})

test('a check of a cheaper hash spends the difference as well, fitted by the clock', async () => {
  const spent: PasswordCost[] = []
  // A machine on which work takes time, and the second pass over memory half of the first.
  let time = 0
  const spend = async (cost: PasswordCost) => {
    spent.push(cost)
    time += (cost.memoryKib * (1 + (cost.time - 1) / 2)) / 10_000
    // Something else hits all but the last of each.
    if (spent.length < 19) time += spent.length
  }
  const { fillerFor, fit } = createHashFillers(at(64_000, 3), spend, () => time)

  const guessed = fillerFor(at(32_000, 2))
  await fit(at(32_000, 2))
  const fitted = fillerFor(at(32_000, 2))
  await fit(at(32_000, 2))

  assert.equal(guessed && workOf(guessed), workOf(at(64_000, 3)) - workOf(at(32_000, 2)))
  assert.equal(spent.length, 21, 'a cost is fitted once')
  // 128,000 and 48,000 of time: 80,000 are missing, which two passes over 53,333 KiB take.
  assert.equal(fitted?.time, 2)
  assert.equal(fitted?.memoryKib, 53_333)
  for (const cost of [at(64_000, 3), at(96_000, 3), at(64_000, 4)]) {
    assert.equal(fillerFor(cost), undefined, 'what is dear enough takes its own time')
  }
})

test('slow hashes are timed once, so that a start does not wait for them', async () => {
  let [time, count] = [0, 0]
  const spend = async ({ memoryKib, time: passes }: PasswordCost) => {
    count += 1
    time += memoryKib * passes
  }
  const { fit } = createHashFillers(at(64_000, 3), spend, () => time)

  await fit(at(32_000, 2))

  assert.equal(count, 3)
})

/** What a refused sign-in computes: the costs of what is verified and of what fills it up. */
async function computed(t: Parameters<typeof startServer>[0], server: TestServer, name: string) {
  const verify = t.mock.method(hashEngine, 'verify')
  const hash = t.mock.method(hashEngine, 'hash')
  const answer = await call(server, 'POST /login', { username: name, password: 'wrong password' })
  assert.equal(answer.statusCode, 401)
  const verified = verify.mock.calls.map(({ arguments: [stored] }) => costOf(String(stored)))
  const filled = hash.mock.calls.map(({ arguments: [, cost] }) => cost)
  verify.mock.restore()
  hash.mock.restore()
  return { verified, filled }
}

for (const [what, env, isFilled] of [
  ['raised', { ARGON2_MEMORY_KIB: '16384', ARGON2_TIME: '2' }, true],
  ['lowered', { ARGON2_MEMORY_KIB: '32' }, false],
] as const) {
  test(`after the cost was ${what} an unknown name is checked like an older account`, async (t) => {
    const url = await freshDatabase(t)
    const { username } = await signedUp(await startServer(t, { url }))
    const server = await startServer(t, { url, env })

    const known = await computed(t, server, username)
    const unknown = await computed(t, server, uniqueName('nobody'))

    assert.deepEqual(known.verified, [at(64)])
    assert.equal(known.filled.length, isFilled ? 1 : 0)
    assert.deepEqual(unknown, known)
  })
}

test('what hashes cost is learned from a bounded sample, from the oldest account to the newest', async (t) => {
  const server = await startServer(t)
  const { passwordHash } = await server.database.client.user.create({
    data: { ...aRow(0), passwordHash: 'first' },
  })
  const rows = Array.from({ length: 1500 }, (_, index) => ({
    ...aRow(index + 1),
    passwordHash: 'x',
  }))
  await server.database.client.user.createMany({ data: rows })
  await server.database.client.user.create({ data: { ...aRow(1501), passwordHash: 'last' } })
  let sample: readonly string[] = []
  t.mock.method(server.services.passwords, 'learnCosts', async (hashes: readonly string[]) => {
    sample = hashes
  })

  const before = statementsOf(server).length
  await server.services.storedCosts.refresh()
  const sent = statementsOf(server).length - before

  assert.equal(passwordHash, 'first')
  assert.ok(sample.includes('first'), 'the oldest')
  assert.ok(sample.length > 800 && sample.length <= 1000, `${sample.length} accounts`)
  assert.ok(sent <= 23, `${sent} statements`)
})

/** A user who registered so many minutes after the first. */
function aRow(minutes: number) {
  const time = (Date.UTC(2026, 0, 1) + minutes * 60_000).toString(16).padStart(12, '0')
  const suffix = minutes.toString(16).padStart(12, '0')
  const name = `row-${minutes}`
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${suffix}`,
    ...{ username: name, usernameKey: name, email: `${name}@example.com` },
    ...{ emailKey: `${name}@example.com`, createdAt: new Date(), updatedAt: new Date() },
  }
}
