import assert from 'node:assert/strict'
import { test } from 'node:test'
import { v7 as uuidv7 } from 'uuid'
import { openFreshDatabase } from '../support/databases.ts'
import { launch, runCli, startProcess } from '../support/process.ts'
import { startListener, startRelay } from '../support/relay.ts'
import { until } from '../support/until.ts'

// A server that dies or stops with mails in its outbox: none is lost.

const WAIT_MS = 20_000

const aRow = (address: string) => ({
  ...{ id: uuidv7(), kind: 'password_changed', address },
  facts: JSON.stringify({ at: Date.now(), device: '' }),
  dueAt: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
})

test('mails that were committed before a kill are sent by the next server', async (t) => {
  const { url, client: db } = await openFreshDatabase(t)
  const silent = await startListener(t, () => undefined)
  const relay = await startRelay(t)
  const dying = await launch({ url, env: { SMTP_URL: silent.url } })
  await db.mail.createMany({ data: [aRow('one@example.com'), aRow('two@example.com')] })
  await until(() => silent.connections() === 2, WAIT_MS)

  await dying.stop('SIGKILL')
  // What a minute does: the claims of the dead server expire.
  await db.mail.updateMany({ data: { claimedUntil: new Date(Date.now() - 1000) } })
  const next = await startProcess(t, { url, env: { SMTP_URL: relay.url } })
  await until(async () => (await db.mail.count()) === 0, WAIT_MS)

  assert.deepEqual(relay.taken.flatMap(({ to }) => to).sort(), [
    'one@example.com',
    'two@example.com',
  ])
  await next.stop('SIGTERM')
})

test('a mail that the relay had when the server was killed comes again with the same Message-ID', async (t) => {
  const { url, client: db } = await openFreshDatabase(t)
  let kill: (() => Promise<unknown>) | undefined
  const ids: (string | undefined)[] = []
  const relay = await startRelay(t, {
    atEnd: async ({ mail }) => {
      ids.push(mail.messageId)
      await kill?.()
      return undefined
    },
  })
  const dying = await launch({ url, env: { SMTP_URL: relay.url } })
  kill = () => dying.stop('SIGKILL')
  await db.mail.create({ data: aRow('one@example.com') })
  await until(() => ids.length === 1, WAIT_MS)

  kill = undefined
  await until(async () => (await db.mail.updateMany({ data: { claimedUntil: null } })).count === 1)
  const next = await startProcess(t, { url, env: { SMTP_URL: relay.url } })
  await until(async () => (await db.mail.count()) === 0, WAIT_MS)

  assert.deepEqual(ids, [ids[0], ids[0]])
  assert.match(ids[0] ?? '', /^<[0-9a-f-]{36}@localhost>$/)
  await next.stop('SIGTERM')
})

test('a stop waits some seconds for a relay that hangs, and leaves the mail to the next server', async (t) => {
  const { url, client: db } = await openFreshDatabase(t)
  const silent = await startListener(t, () => undefined)
  const server = await launch({ url, env: { SMTP_URL: silent.url } })
  await db.mail.create({ data: aRow('one@example.com') })
  await until(() => silent.connections() === 1, WAIT_MS)

  const began = performance.now()
  const code = await server.stop('SIGTERM')

  assert.equal(code, 0)
  assert.ok(performance.now() - began < 8000)
  const [row] = await db.mail.findMany()
  assert.equal(row?.claimedUntil, null)
})

test('operators send a test mail, list the outbox, hurry it and drop from it', async (t) => {
  const { url, client: db } = await openFreshDatabase(t)
  const relay = await startRelay(t)
  const on = { SMTP_URL: relay.url, MAIL_FROM: 'Example <no-reply@example.org>' }
  const later = { dueAt: new Date(Date.now() + 3_000_000) }
  const [one, two] = [aRow('one@example.com'), aRow('two@example.com')]
  await db.mail.createMany({ data: [one, two].map((row) => ({ ...row, ...later })) })

  const sent = await runCli(url, ['test-mail', 'lyshark@example.com'], on)
  const away = await runCli(url, ['test-mail', 'lyshark@example.com'], {
    SMTP_URL: 'smtp://127.0.0.1:1',
  })
  const listed = await runCli(url, ['outbox'], on)
  const dropped = await runCli(url, ['outbox', 'drop', one.id], on)
  const again = await runCli(url, ['outbox', 'drop', one.id], on)
  const hurried = await runCli(url, ['outbox', 'retry', two.id], on)

  assert.deepEqual(sent, { code: 0, output: 'A test mail for lyshark@example.com is handed over.' })
  assert.deepEqual(
    relay.taken.map(({ from, to, mail }) => [from, to, mail.from?.text]),
    [['no-reply@example.org', ['lyshark@example.com'], '"Example" <no-reply@example.org>']],
  )
  assert.equal(away.code, 1)
  assert.match(away.output, /ECONNREFUSED/)
  assert.deepEqual(
    listed.output.split('\n').map((line) => line.split('  ').slice(0, 4).join(' ')),
    [one, two].map(({ id, address }) => `${id} password_changed ${address} attempts: 0`),
  )
  assert.equal(dropped.output, `${one.id} is deleted.`)
  assert.equal(again.output, 'There is no such mail.')
  assert.equal(hurried.output, 'Mails that are due now: 1.')
  assert.ok(((await db.mail.findFirst())?.dueAt ?? later.dueAt) <= new Date())
})
