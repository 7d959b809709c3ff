import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { OUTBOX_MAX } from '../../src/features/mail/store.ts'
import type { MailTransport } from '../../src/features/mail/transport.ts'
import { inTransaction } from '../../src/platform/database/transactions.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { testClock } from '../support/helper.ts'
import { aChallenge, CODE, FROM, openMail, reset } from '../support/mail.ts'
import { fillOutbox } from '../support/outbox.ts'
import { smtpError, startRelay } from '../support/relay.ts'
import { until } from '../support/until.ts'

const TO = 'lyshark@example.com'
const OVERLOADED = /Too many mails wait to be sent/

test('a mail is sent right after the commit of its cause, to one recipient, and its row is gone', async (t) => {
  const { url: relay, taken } = await startRelay(t)
  const { queue, rows, clock, events } = await openMail(t, { relay })
  const mail = reset(clock)

  await queue(mail)
  await until(() => taken.length === 1)
  await until(async () => (await rows()).length === 0)

  const [got] = taken
  assert.deepEqual([got?.from, got?.to], [FROM.address, [TO]])
  assert.equal(got?.mail.headers.get('auto-submitted'), 'auto-generated')
  assert.match(got?.mail.messageId ?? '', /^<[0-9a-f-]{36}@example\.org>$/)
  assert.equal(got?.mail.date?.getTime(), Math.floor(clock() / 1000) * 1000)
  assert.equal(got?.mail.subject, 'Choose a new password for auth.example.org')
  assert.match(got?.mail.text ?? '', /1234 5678/)
  assert.doesNotMatch(got?.mail.subject ?? '', /1234/)
  const link = /https:\/\/\S+/.exec(got?.mail.text ?? '')?.[0] ?? ''
  const { origin, pathname, search, hash } = new URL(link)
  assert.deepEqual([origin, pathname, search], ['https://app.example.org', '/mail', ''])
  assert.deepEqual(Object.fromEntries(new URLSearchParams(hash.slice(1))), {
    purpose: 'reset_password',
    challenge: 'challenge' in mail ? mail.challenge : '',
    code: CODE,
  })
  assert.deepEqual(events, [])
})

test('a transaction that is rolled back mails nothing', async (t) => {
  const { url: relay, taken } = await startRelay(t)
  const { mail, db, rows, clock, queue } = await openMail(t, { relay })

  await assert.rejects(
    inTransaction(db, async (tx) => {
      await mail.queue(tx, reset(clock))
      throw new Error('no')
    }),
    { message: 'no' },
  )
  await queue({ kind: 'account_deleted', address: TO })
  await until(async () => taken.length === 1 && (await rows()).length === 0)

  assert.match(taken[0]?.mail.subject ?? '', /is deleted$/)
})

test('a mail for nobody costs one row and a visit to the relay, as one for somebody, and is never sent', async (t) => {
  let visits = 0
  const { url: relay, taken } = await startRelay(t, {
    onConnect: (_session, done) => done(void visits++),
  })
  const clock = testClock()
  const silent = await openMail(t, { clock, transport: { send: () => new Promise(() => {}) } })
  const challenge = aChallenge()
  const expiresAt = new Date(clock() + 60_000)
  const one = { kind: 'reset_password', challenge, expiresAt } as const

  await silent.queue({ ...one, address: undefined }, { ...one, address: TO })
  const written = await silent.rows()
  const sending = await openMail(t, { clock, relay, url: silent.url })
  await sending.queue({ ...one, address: undefined })
  await sending.mail.send?.()
  await until(async () => (await sending.rows()).every(({ address }) => address === TO))

  assert.deepEqual(
    written
      .map(({ kind, address, challenge }) => [kind, address, challenge === one.challenge])
      .sort(),
    [
      ['none', '', true],
      ['reset_password', TO, true],
    ],
  )
  assert.deepEqual(taken, [])
  assert.equal(visits, 1)
  assert.deepEqual(sending.events, [])
})

test('the outbox and the log hold no code, sent or not', async (t) => {
  const { url: relay } = await startRelay(t, {
    atEnd: ({ raw }) => smtpError(451, `I do not like this: ${raw.slice(0, 2000)}`),
  })
  const { queue, rows, logs, clock } = await openMail(t, { relay })

  await queue(reset(clock))
  await until(async () =>
    (await rows()).some(({ claimedUntil, attempts }) => attempts === 1 && claimedUntil === null),
  )

  const seen = JSON.stringify([await rows(), logs])
  assert.match(seen, /EMESSAGE DATA 451/)
  assert.doesNotMatch(seen, /1234 ?5678/)
  assert.doesNotMatch(JSON.stringify(logs), /ok[\w-]{20}|lyshark/)
})

test('a mail whose code is not known any more is not sent, and the trail says so', async (t) => {
  const { url: relay, taken } = await startRelay(t)
  const { queue, rows, events, clock, mail } = await openMail(t, { relay })
  const userId = randomUUID() as UserId

  await queue({ ...reset(clock), challenge: 'damaged', userId } as never)
  await until(async () => (await rows()).length === 0)

  assert.deepEqual(events, [{ type: 'mail_failed', userId, detail: 'reset_password: unreadable' }])
  assert.deepEqual(taken, [])
  assert.equal((await mail.figures()).failed, 1)
})

test('451 is tried again after 5 s with the same Message-ID, 250 ends it', async (t) => {
  const ids: (string | undefined)[] = []
  const { url: relay, taken } = await startRelay(t, {
    atEnd: ({ mail }) => (ids.push(mail.messageId) === 1 ? smtpError(451, 'later') : undefined),
  })
  const { queue, rows, clock, mail } = await openMail(t, { relay })

  await queue(reset(clock))
  await until(async () => mail.isFailing() && (await rows())[0]?.claimedUntil === null)
  clock.advance(4.9)
  await mail.send?.()
  assert.equal(ids.length, 1)
  clock.advance(0.2)
  await mail.send?.()
  await until(async () => (await rows()).length === 0)

  assert.equal(taken.length, 1)
  assert.deepEqual(ids, [ids[0], ids[0]])
  assert.equal(mail.isFailing(), false)
})

test('a mail that nobody takes is tried after 5 s, 30 s, 2, 10, 30 and 30 min, until it expires', async (t) => {
  let tries = 0
  const transport = {
    send: async () => {
      tries++
      return { kind: 'failed', reason: 'ECONNECTION' } as const
    },
  }
  const { queue, rows, clock, mail, events } = await openMail(t, { transport })

  await queue({ ...reset(clock), expiresAt: new Date(clock() + 80 * 60_000) } as never)
  for (const [index, seconds] of [5, 30, 120, 600, 1800, 1800].entries()) {
    await until(async () => tries === index + 1 && (await rows())[0]?.claimedUntil === null)
    clock.advance(seconds - 1)
    await mail.send?.()
    clock.advance(1)
    await mail.send?.()
  }
  await until(async () => (await rows()).length === 0)

  assert.equal(tries, 7)
  assert.deepEqual(events, [
    { type: 'mail_failed', userId: null, detail: 'reset_password: expired, ECONNECTION' },
  ])
})

test('550 for the recipient drops the mail, and holds up no other one', async (t) => {
  const { url: relay, taken } = await startRelay(t, {
    atRecipient: (address) =>
      address === 'gone@example.com' ? smtpError(550, '5.1.1 no such user gone') : undefined,
  })
  const { queue, rows, clock, events, mail } = await openMail(t, { relay })
  const userId = randomUUID() as UserId

  await queue({ ...reset(clock, 'gone@example.com'), userId }, reset(clock))
  await until(async () => (await rows()).length === 0)

  assert.deepEqual(
    taken.map(({ to }) => to),
    [[TO]],
  )
  const detail = 'reset_password: EENVELOPE RCPT TO 550 5.1.1'
  assert.deepEqual(events, [{ type: 'mail_failed', userId, detail }])
  const { sent, failed, waiting } = await mail.figures()
  assert.deepEqual({ sent, failed, waiting }, { sent: 1, failed: 1, waiting: 0 })
})

test('a full outbox refuses mails with a code, and drops and counts what it may', async (t) => {
  const { queue, rows, clock, db, mail } = await openMail(t, {
    transport: { send: () => new Promise(() => {}) },
  })
  await fillOutbox(db, clock(), 1)

  await queue({ kind: 'password_changed', address: TO })
  await assert.rejects(queue(reset(clock)), OVERLOADED)
  await assert.rejects(queue({ ...reset(clock), address: undefined }), OVERLOADED)
  await queue({ kind: 'password_changed', address: TO })
  await queue({ ...reset(clock), mayBeDropped: true })
  await assert.rejects(
    queue({ kind: 'password_changed', address: TO }, reset(clock)),
    OVERLOADED,
    'what is rolled back counts nothing',
  )

  assert.equal(await db.mail.count(), OUTBOX_MAX)
  assert.equal((await rows()).filter(({ kind }) => kind === 'password_changed').length, 1)
  const { dropped, waiting } = await mail.figures()
  assert.deepEqual({ dropped, waiting }, { dropped: 2, waiting: OUTBOX_MAX })
})

test('two servers with one outbox hand each mail over once', async (t) => {
  const taken: string[] = []
  const transport: MailTransport = {
    send: async ({ to }) => {
      taken.push(to)
      await sleep(1)
      return { kind: 'sent' }
    },
  }
  const one = await openMail(t, { transport })
  const other = await openMail(t, { transport, url: one.url, clock: one.clock })

  await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      [one, other][index % 2]?.queue(reset(one.clock, `user${index}@example.com`)),
    ),
  )
  await until(async () => {
    // What the poll of a server does: a busy database may have refused the first look.
    await Promise.all([one.mail.send?.(), other.mail.send?.()])
    return (await one.rows()).length === 0
  }, 20_000)

  const all = Array.from({ length: 60 }, (_, index) => `user${index}@example.com`)
  assert.deepEqual(taken.sort(), all.sort())
  const [first, second] = [await one.mail.figures(), await other.mail.figures()]
  assert.equal(first.sent + second.sent, 60)
})

test('one server sends four mails at once, and no more', async (t) => {
  let [now, most] = [0, 0]
  const release: (() => void)[] = []
  const transport = {
    send: async () => {
      most = Math.max(most, ++now)
      await new Promise<void>((resolve) => release.push(resolve))
      now--
      return { kind: 'sent' } as const
    },
  }
  const { queue, rows, clock } = await openMail(t, { transport })

  await queue(...Array.from({ length: 10 }, () => reset(clock)))
  await until(() => now === 4)
  await until(async () => {
    release.shift()?.()
    return (await rows()).length === 0
  })

  assert.equal(most, 4)
})

test('a server that dies with a mail in its hands leaves it to another one a minute later', async (t) => {
  const { url: relay, taken } = await startRelay(t)
  const clock = testClock()
  const dying = await openMail(t, { clock, transport: { send: () => new Promise(() => {}) } })
  await dying.queue(reset(clock))
  await until(async () => (await dying.rows())[0]?.attempts === 1)
  const other = await openMail(t, { clock, relay, url: dying.url })

  clock.advance(59)
  await other.mail.send?.()
  assert.equal(taken.length, 0)
  clock.advance(1)
  await other.mail.send?.()
  await until(async () => (await other.rows()).length === 0)

  assert.equal(taken.length, 1)
})

test('expired rows that no server takes are deleted an hour later', async (t) => {
  const { mail, queue, rows, clock, db } = await openMail(t, {
    transport: { send: () => new Promise(() => {}) },
  })
  await queue(reset(clock))
  await until(async () => (await rows())[0]?.attempts === 1)
  await db.mail.updateMany({ data: { dueAt: new Date(clock() + 365 * 86_400_000) } })

  clock.advance(1800 + 3599)
  await mail.clean()
  assert.equal((await rows()).length, 1)
  clock.advance(2)
  await mail.clean()

  assert.deepEqual(await rows(), [])
})

test('without a relay in production nothing is written', async (t) => {
  const { mail, queue, rows, clock } = await openMail(t)

  await queue(reset(clock), { kind: 'password_changed', address: TO })

  assert.equal(mail.isOn, false)
  assert.deepEqual(await rows(), [])
  assert.equal(await mail.test(TO), undefined)
})
