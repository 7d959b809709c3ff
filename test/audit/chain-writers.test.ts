// The chain of audit events while several servers write, one is killed, or a clock is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dateOf, dayOf, problemsOf, recordDays, recordSome } from '../support/audit.ts'
import { freshDatabase, startServer, type TestServer, testClock } from '../support/helper.ts'
import { call, SECRET, startProcess } from '../support/process.ts'

const [OLD, NEW] = ['old', 'new'].map((name) =>
  Buffer.from(`${name} master secret `.padEnd(48, '.')),
) as [Buffer, Buffer]

test('Several servers write one chain, and lose no event', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  const servers: TestServer[] = []
  for (let count = 0; count < 3; count++) servers.push(await startServer(t, { url, clock }))

  for (let turn = 0; turn < 20; turn++) await Promise.all(servers.map((one) => recordSome(one, 3)))

  const [server] = servers as [TestServer]
  assert.equal(await server.database.client.auditEvent.count(), 3 * 20 * 6)
  assert.deepEqual(await problemsOf(server), [])
  assert.deepEqual(
    servers.map(({ services }) => services.audit.droppedEvents()),
    [0, 0, 0],
  )
})

test('Of servers whose clocks differ none writes to a day that is closed', async (t) => {
  const url = await freshDatabase(t)
  const [slow, quick] = [testClock(), testClock()]
  quick.advance(86_400)
  const one = await startServer(t, { url, clock: slow })
  const other = await startServer(t, { url, clock: quick })

  await Promise.all([recordSome(one), recordSome(other)])
  await recordSome(one)
  await recordSome(other)
  await recordSome(one)

  const { client } = one.database
  assert.deepEqual(await problemsOf(one), [])
  assert.equal(await client.auditEvent.count(), 50)
  assert.ok((await client.auditEvent.count({ where: { day: dayOf(other) } })) >= 40)
})

test('Events that come after the clock was set back continue the newest day', async (t) => {
  const server = await startServer(t)
  await recordDays(server, 2)
  server.clock.advance(-3 * 86_400)

  await recordSome(server)

  const day = dayOf(server) + 3
  assert.equal(await server.database.client.auditEvent.count({ where: { day } }), 20)
  assert.deepEqual(await problemsOf(server), [])
})

test('audit verify finds nothing wrong in a chain that grows meanwhile, also past midnight', async (t) => {
  const server = await startServer(t)
  await recordSome(server, 200)
  let isOver = false
  const writing = (async () => {
    // Three days at least, however fast the chain is read.
    for (let batch = 0; !isOver || batch < 15; batch++) {
      await recordSome(server, 10)
      server.clock.advance(20_000)
    }
  })()

  for (let turn = 0; turn < 10; turn++) assert.deepEqual(await problemsOf(server), [])
  isOver = true
  await writing

  assert.ok((await server.services.audit.verify()).days > 2)
})

test('A chain is whole after a server was killed in the middle of writing', async (t) => {
  const url = await freshDatabase(t)
  for (let turn = 0; turn < 3; turn++) {
    const process = await startProcess(t, { url })
    let answers = 0
    let isOver = false
    const signingIn = Array.from({ length: 8 }, async (_, at) => {
      const body = { username: `nobody ${turn} ${at}`, password: 'not the right one' }
      while (!isOver) {
        await call(process, 'POST', '/login', { body }).catch(() => undefined)
        answers += 1
      }
    })
    while (answers < 40) await sleep(1)
    await process.stop('SIGKILL')
    isOver = true
    await Promise.all(signingIn)
  }

  const server = await startServer(t, { url, masterSecrets: [Buffer.from(SECRET, 'utf8')] })
  assert.deepEqual(await problemsOf(server), [])
  assert.ok((await server.services.audit.verify()).events > 0)
})

test('A batch whose answer was lost is not written twice', async (t) => {
  const server = await startServer(t)
  const { statements } = server.database
  await recordSome(server)
  const executeAll = statements.executeAll.bind(statements)
  let failures = 1
  statements.executeAll = async (list) => {
    const outcome = await executeAll(list)
    if (failures-- > 0) throw new Error('on purpose')
    return outcome
  }

  await recordSome(server)

  assert.equal(await server.database.client.auditEvent.count(), 20)
  assert.equal(server.services.audit.droppedEvents(), 0)
  assert.deepEqual(await problemsOf(server), [])
})

test('A seal under an older secret is good while it is listed, and sealed again on demand', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  const before = await startServer(t, { url, clock, masterSecrets: [OLD] })
  await recordDays(before, 2)
  const both = await startServer(t, { url, clock, masterSecrets: [NEW, OLD] })
  assert.deepEqual(await problemsOf(both), [])

  // The beginning of the chain has a seal, too.
  assert.deepEqual(await both.services.audit.reseal(), { sealed: 3, lost: 0 })
  assert.deepEqual(await both.services.audit.reseal(), { sealed: 0, lost: 0 })

  const alone = await startServer(t, { url, clock, masterSecrets: [NEW] })
  assert.deepEqual(await problemsOf(alone), [])
  const days = [dateOf(0), dateOf(dayOf(both, 1)), dateOf(dayOf(both))]
  assert.deepEqual(
    await problemsOf(before),
    days.map((day) => `${day} unknown_secret`),
  )
})

test('A day of a secret that is not listed is named, not sealed, and events go to the next', async (t) => {
  const url = await freshDatabase(t)
  const clock = testClock()
  await recordSome(await startServer(t, { url, clock }))
  const server = await startServer(t, { url, clock })
  const { client } = server.database
  const seal = `${'0'.repeat(12)}.${'A'.repeat(43)}`
  await client.auditDay.update({ where: { day: dayOf(server) }, data: { seal } })

  assert.deepEqual(await server.services.audit.reseal(), { sealed: 0, lost: 1 })
  await recordSome(server)

  const today = dateOf(dayOf(server))
  assert.deepEqual(await problemsOf(server), [`${today} unknown_secret`, `${today} changed`])
  assert.equal(await client.auditEvent.count({ where: { day: dayOf(server) + 1 } }), 10)
})
