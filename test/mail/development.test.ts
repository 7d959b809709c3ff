import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { simpleParser } from 'mailparser'
import { inTransaction } from '../../src/platform/database/transactions.ts'
import { NO_DEVICE } from '../../src/platform/device.ts'
import { signedUp } from '../support/factories.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { startListener } from '../support/relay.ts'
import { until } from '../support/until.ts'

const HTML = { accept: 'text/html' }

type StoredMail = Record<'id' | 'to' | 'subject' | 'text' | 'html' | 'sentAt', string>

/** A server in development that has mailed a code to each of the addresses, in this order. */
async function mailed(t: TestContext, ...addresses: string[]) {
  const server = await startServer(t)
  for (const address of addresses) {
    server.clock.advance(1)
    await queue(server, address)
    await until(async () => (await server.database.client.mail.count()) === 0)
  }
  const folder = join(dirname(server.uploads), 'outbox')
  return { ...server, folder, files: () => readdirSync(folder).sort() }
}

function queue({ services, database, clock }: TestServer, address: string): Promise<void> {
  const expiresAt = new Date(clock() + 600_000)
  const kind = 'verify_email'
  const device = NO_DEVICE
  const { token: challenge } = services.challenges.begin({ purpose: kind, device })
  const mail = { kind, address, challenge, expiresAt, device } as const
  return inTransaction(database.client, (tx) => services.mail.queue(tx, mail))
}

test('GET /outbox lists mails of a server in development, newest first, or those to one address', async (t) => {
  const { inject, clock, files, folder } = await mailed(t, 'one@example.com', 'two@example.com')

  const answer = await inject({ url: '/outbox' })
  const filtered = await inject({ url: '/outbox?to=one@example.com' })

  assert.equal(answer.statusCode, 200)
  const { items } = answer.json<{ items: StoredMail[] }>()
  assert.deepEqual(
    items.map(({ to, subject, sentAt }) => [to, subject, sentAt]),
    [
      ['two@example.com', 'Confirm your e-mail address for localhost:3000', at(clock())],
      ['one@example.com', 'Confirm your e-mail address for localhost:3000', at(clock() - 1000)],
    ],
  )
  assert.match(items[0]?.text ?? '', /\b\d{4} \d{4}\b/)
  assert.match(
    items[0]?.text ?? '',
    /http:\/\/localhost:3000\/mail#purpose=verify_email&challenge=[\w-]+&code=/,
  )
  assert.match(items[0]?.html ?? '', /<!doctype html>/)
  assert.deepEqual(filtered.json(), { items: [items[1]] })
  const [newest] = items
  const eml = readFileSync(join(folder, `${newest?.id}.eml`))
  const { text, subject, to } = await simpleParser(eml)
  assert.deepEqual([text?.trim(), subject], [newest?.text.trim(), newest?.subject])
  assert.equal(Array.isArray(to) ? to.length : to?.text, newest?.to)
  assert.equal(files().length, 4)
})

const at = (ms: number) => new Date(ms).toISOString()

test('mails in files are for their owner alone, and their line in the log has no code', async (t) => {
  const { folder, files, logs } = await mailed(t, 'one@example.com')

  for (const name of files()) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  const [line] = logs.filter(({ msg }) => msg === 'mail in the outbox')
  assert.deepEqual(
    [line?.to, line?.subject],
    ['one@example.com', 'Confirm your e-mail address for localhost:3000'],
  )
  const all = JSON.stringify(logs)
  assert.doesNotMatch(all, /\d{4} \d{4}|[\w-]{200}|#purpose/)
})

test('the newest hundred mails are kept', async (t) => {
  const addresses = Array.from({ length: 102 }, (_, index) => `user${index}@example.com`)
  const { inject, files } = await mailed(t, ...addresses)

  const { items } = (await inject({ url: '/outbox' })).json<{ items: StoredMail[] }>()

  assert.deepEqual(
    items.map(({ to }) => to),
    addresses.slice(2).reverse(),
  )
  assert.equal(files().length, 200)
})

test('the page for people runs nothing, asks nobody, and shows each mail in a frame without rights', async (t) => {
  const { inject } = await mailed(t, 'one@example.com')

  const { statusCode, headers, body } = await inject({ url: '/outbox', headers: HTML })

  assert.equal(statusCode, 200)
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(
    headers['content-security-policy'],
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  assert.equal(headers['cache-control'], 'no-store')
  assert.match(String(headers.vary), /accept/i)
  assert.match(body, /<iframe sandbox title="[^"]+" srcdoc="&lt;!doctype html&gt;/)
  assert.match(
    body,
    /<a href="http:\/\/localhost:3000\/mail#purpose=[^"]+" target="_blank" rel="noreferrer">/,
  )
  assert.doesNotMatch(body, /<script/)
})

test('an empty outbox is an empty list, and a page that says so', async (t) => {
  const { inject } = await startServer(t)

  assert.deepEqual((await inject({ url: '/outbox' })).json(), { items: [] })
  assert.match((await inject({ url: '/outbox', headers: HTML })).body, /There are none yet/)
})

test('GET /outbox is 404 to everybody who is not on this machine, or comes by another name', async (t) => {
  const { inject } = await startServer(t)
  const behind = await startServer(t, { env: { TRUST_PROXY: '127.0.0.1' } })
  const forwarded = { 'x-forwarded-for': '192.0.2.1' }

  for (const answer of [
    await inject({ url: '/outbox', remoteAddress: '192.0.2.1' }),
    await inject({ url: '/outbox', remoteAddress: '::ffff:192.0.2.1' }),
    await inject({ url: '/outbox', headers: { host: 'evil.example' } }),
    await inject({ url: '/outbox', headers: { host: 'localhost.evil.example:3000' } }),
    await inject({ url: '/outbox', headers: forwarded }),
    await inject({ url: '/outbox', headers: { forwarded: 'for=192.0.2.1' } }),
    await behind.inject({ url: '/outbox', headers: forwarded }),
  ]) {
    assertProblem(answer, 'not_found')
  }
  for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    const headers = { host: remoteAddress === '::1' ? '[::1]:3000' : '127.0.0.1:3000' }
    assert.equal((await inject({ url: '/outbox', remoteAddress, headers })).statusCode, 200)
  }
})

test('GET /outbox is not there in production, or with a relay', async (t) => {
  const production = await startServer(t, {
    env: { NODE_ENV: 'production', ...PRODUCTION },
  })
  const relaying = await startServer(t, { env: { SMTP_URL: 'smtp://127.0.0.1:1' } })

  for (const { inject } of [production, relaying]) {
    assertProblem(await inject({ url: '/outbox' }), 'not_found')
  }
  assert.equal(production.services.mail.isOn, false)
  assert.equal(
    production.logs.filter(({ msg }) => /^SMTP_URL is not set/.test(String(msg))).length,
    1,
  )
  const { checks } = (await production.inject({ url: '/readyz' })).json()
  assert.equal('mail' in checks, false)
})

const PRODUCTION = {
  PUBLIC_URL: 'https://auth.example.org',
  SECRET: 'wPz7Tn3cVb9Qk2LxRf5Jd8Hs1Gm4Yq6E',
  ARGON2_MEMORY_KIB: '19456',
  ARGON2_TIME: '2',
}

test('a relay that hangs changes no answer and no readiness, and is named', async (t) => {
  const silent = await startListener(t, () => undefined)
  const server = await startServer(t, { env: { SMTP_URL: silent.url, METRICS: 'on' } })
  const refused = await startServer(t, { env: { SMTP_URL: 'smtp://127.0.0.1:1' } })

  for (const one of [server, refused]) {
    await inTransaction(one.database.client, (tx) =>
      one.services.mail.queue(tx, {
        ...{ kind: 'test', address: 'one@example.com', device: NO_DEVICE },
      }),
    )
  }
  await until(() => silent.connections() > 0 && refused.services.mail.isFailing())
  await signedUp(server)
  await signedUp(refused)
  const ready = await refused.inject({ url: '/readyz' })

  assert.equal(ready.statusCode, 200)
  assert.equal(ready.json().status, 'degraded')
  assert.deepEqual(ready.json().checks.mail, {
    status: 'degraded',
    detail: 'The last mail was not taken; it is sent again.',
  })
  server.clock.advance(30)
  const text = (await server.metrics?.text()) ?? ''
  assert.match(text, /^latchkey_mails_waiting 2$/m)
  assert.match(text, /^latchkey_mail_oldest_seconds 30$/m)
  assert.match(text, /^latchkey_mails_sent_total 0$/m)
  assert.match(text, /^latchkey_mails_failed_total 0$/m)
  assert.match(text, /^latchkey_mails_dropped_total 0$/m)
})
