// A server that is killed while it answers a challenge: the next one answers the retry.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openFreshDatabase } from '../support/databases.ts'
import { call, type ServerProcess, startProcess } from '../support/process.ts'
import { NEW_PASSWORD, QUIET, RESET_DONE } from '../support/resets.ts'
import { codeOf, loggedIn, registered, verify } from '../support/server-processes.ts'
import { until } from '../support/until.ts'

const WAIT_MS = 30_000
/** A hash of half a second or more, so that a kill can hit between the claim and the commit. */
const SLOW = { ARGON2_MEMORY_KIB: '131072', ARGON2_TIME: '5' }

type Items = { items: { to: string; text: string }[] }

/** Somebody who is signed in and has a mail with the code of a reset. */
async function mailedReset(server: ServerProcess) {
  const person = await registered(server)
  const login = person.username
  const body = { purpose: 'reset_password', login }
  const begun = await call(server, 'POST', '/challenges', { body })
  assert.equal(codeOf(begun), '201')
  const { token: challenge } = begun.body as { token: string }
  let code = ''
  await until(async () => {
    const { items } = (await call(server, 'GET', '/outbox')).body as Items
    const mail = items.find(({ text }) => text.includes(challenge))
    code = /&code=(\d{8})/.exec(mail?.text ?? '')?.[1] ?? ''
    return code !== ''
  }, WAIT_MS)
  const answer = (by: Pick<ServerProcess, 'base'>, key = 'the-answer') =>
    call(by, 'POST', '/challenges/answer', {
      body: { challenge, method: 'mail_code', code, newPassword: NEW_PASSWORD },
      headers: { 'idempotency-key': key },
    })
  return { person, answer }
}

/** Where the server listens, for a client that never hears an answer: the first byte kills it. */
async function deafAddress(t: TestContext, server: ServerProcess): Promise<{ base: string }> {
  const listener = createServer((client) => {
    const upstream = connect(Number(new URL(server.base).port), '127.0.0.1')
    client.on('error', () => undefined)
    upstream.on('error', () => undefined)
    client.pipe(upstream)
    upstream.once('data', async () => {
      await server.stop('SIGKILL')
      client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => void listener.close())
  return { base: `http://127.0.0.1:${(listener.address() as AddressInfo).port}` }
}

test('A server killed between the claim and the commit, or before its answer arrives, leaves a challenge whose retry has one effect', async (t) => {
  const { url, client: db } = await openFreshDatabase(t)
  const next = await startProcess(t, { url, env: QUIET })
  const early = await mailedReset(next)
  const late = await mailedReset(next)
  const [slow, quick] = await Promise.all([
    startProcess(t, { url, env: { ...QUIET, ...SLOW } }),
    startProcess(t, { url, env: QUIET }),
  ])

  const claimed = early.answer(slow).then(codeOf, (error: Error) => error.name)
  await until(async () => (await db.challenge.count({ where: { attempts: 1 } })) === 1, WAIT_MS)
  await slow.stop('SIGKILL')
  const committed = late.answer(await deafAddress(t, quick)).then(codeOf, ({ name }) => name)

  assert.deepEqual([await claimed, await committed], ['TypeError', 'TypeError'])
  assert.deepEqual(await states(), [
    { attempts: 1, isUsed: false },
    { attempts: 1, isUsed: true },
  ])
  assert.equal(codeOf(await verify(next, early.person)), '200')
  for (const { person, answer } of [early, late]) {
    const [first, again, other] = [await answer(next), await answer(next), await answer(next, 'no')]
    assert.deepEqual([first.status, first.body], [200, RESET_DONE])
    assert.deepEqual([again.status, again.body], [200, RESET_DONE])
    assert.equal(codeOf(other), '410 challenge_over')
    const { credentialVersion, id } = await db.user.findUniqueOrThrow({
      where: { usernameKey: person.username.toLowerCase() },
    })
    assert.equal(credentialVersion, 2)
    assert.equal(await db.session.count({ where: { userId: id, revokedAt: null } }), 0)
    await assert.rejects(loggedIn(next, person), /401/)
  }
  assert.deepEqual(await states(), [
    { attempts: 1, isUsed: true },
    { attempts: 1, isUsed: true },
  ])

  async function states() {
    const rows = await db.challenge.findMany({ orderBy: { usedAt: 'asc' } })
    return rows
      .map(({ attempts, usedAt }) => ({ attempts, isUsed: usedAt !== null }))
      .sort((one, other) => Number(one.isUsed) - Number(other.isUsed))
  }
})
