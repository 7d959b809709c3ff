import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import {
  CODE_KINDS,
  type MailKind,
  NOTICE_KINDS,
  type NoticeKind,
  UNDO_KINDS,
} from '../../src/features/mail/kinds.ts'
import type { Languages } from '../../src/features/mail/render.ts'
import type { NewMail } from '../../src/features/mail/service.ts'
import { ownTemplate } from '../../src/features/mail/templates/templates.ts'
import type { Message } from '../../src/features/mail/transport.ts'
import { newUser } from '../../src/features/users/new-user.ts'
import type { Language } from '../../src/languages/languages.ts'
import { NO_DEVICE } from '../../src/platform/device.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { testClock, uniqueName } from '../support/helper.ts'
import { aChallenge, CODE, openMail, type QueuedMail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const TO = 'lyshark@example.com'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:132.0) Gecko/20100101 Firefox/132.0'
const START = Date.parse('2026-11-29T08:15:00Z')
const SITE = 'auth.example.org'

type Options = { languages?: Languages }

/** An outbox whose mails stay here; those that wait are sent by `sent`. */
async function openOutbox(t: TestContext, { languages = ['en', 'zh-CN'] }: Options = {}) {
  const taken: Message[] = []
  const relay = { isAway: false }
  const send = async (message: Message) => {
    if (relay.isAway) return { kind: 'failed', reason: 'away' } as const
    taken.push(message)
    return { kind: 'sent' } as const
  }
  const clock = testClock(START)
  const outbox = await openMail(t, { languages, clock, transport: { send } })
  /** One after the other, so that their ids are in this order. */
  async function queue(...mails: QueuedMail[]): Promise<void> {
    for (const one of mails) {
      clock.advance(0.001)
      await outbox.queue(one)
    }
  }

  /** What is sent of mails in the outbox, in their order. */
  async function sent(): Promise<Message[]> {
    await outbox.mail.send?.()
    await until(async () => (await outbox.rows()).length === 0)
    return taken.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
  return { ...outbox, relay, queue, sent }
}

type Outbox = Awaited<ReturnType<typeof openOutbox>>

async function aUser({ db, clock }: Outbox, locale: string | null): Promise<UserId> {
  const names = { username: uniqueName(), email: `${uniqueName()}@example.com` }
  const user = { ...newUser(names, null, new Date(clock())), locale }
  await db.user.create({ data: user })
  return user.id
}

const from = (language?: Language) => ({
  ...{ ip: '192.0.2.1', userAgent: FIREFOX },
  ...(language === undefined ? {} : { language }),
})

const notice = (more: Partial<Omit<NewMail, 'kind' | 'address'>> = {}): QueuedMail => ({
  ...{ kind: 'new_device', address: TO },
  ...more,
})

const isNotice = (kind: MailKind): kind is NoticeKind => NOTICE_KINDS.some((one) => one === kind)

const TIMES = {
  en: { when: '29 November 2026 at 08:15 UTC', until: '29 November 2026 at 08:45 UTC' },
  'zh-CN': { when: '2026年11月29日 08:15（UTC）', until: '2026年11月29日 08:45（UTC）' },
}
const DEVICES = {
  en: 'Firefox on Windows, 192.0.2.1',
  'zh-CN': 'Windows 上的 Firefox，192.0.2.1',
}

for (const language of ['en', 'zh-CN'] as const) {
  test(`every kind of mail goes out in ${language}, with times and the device in it`, async (t) => {
    const outbox = await openOutbox(t)
    const kinds = [...CODE_KINDS, ...UNDO_KINDS, ...NOTICE_KINDS]
    const expiresAt = new Date(START + 1_800_000)
    const challenges = kinds.map(aChallenge)
    const device = from(language)

    await outbox.queue(
      ...kinds.map((kind, index): NewMail => {
        const base = { address: TO, device, left: 9 }
        if (isNotice(kind)) return { ...base, kind }
        return { ...base, kind, challenge: challenges[index] ?? '', expiresAt }
      }),
    )
    const mails = await outbox.sent()

    assert.equal(mails.length, kinds.length)
    for (const [index, kind] of kinds.entries()) {
      const mail = mails[index]
      const [link = ''] = /https:\/\/app\.example\.org\/mail\S+/.exec(mail?.text ?? '') ?? []
      const code = `${CODE.slice(0, 4)} ${CODE.slice(4)}`
      const times = TIMES[language]
      const values = {
        ...{ site: SITE, code, link, left: '9', device: DEVICES[language] },
        ...times,
      }
      const { subject, text, html } = ownTemplate(kind)(values, language)
      assert.deepEqual([mail?.subject, mail?.text, mail?.html], [subject, text, html])
      assert.ok(mail?.html.includes(`<html lang="${language}">`))
    }
  })
}

test('the language of the account goes before that of the request, and that before the first one', async (t) => {
  const outbox = await openOutbox(t)
  const chinese = await aUser(outbox, 'zh-CN')
  const english = await aUser(outbox, 'en')
  const undecided = await aUser(outbox, null)

  await outbox.queue(
    notice({ userId: chinese, device: from('en') }),
    notice({ userId: chinese }),
    notice({ userId: english, device: from('zh-CN') }),
    notice({ userId: undecided, device: from('zh-CN') }),
    notice({ userId: undecided, device: from() }),
    notice({ userId: undecided }),
    notice({ device: { ...NO_DEVICE, language: 'zh-CN' } }),
    notice({ userId: randomUUID() as UserId, device: from('zh-CN') }),
  )

  assert.deepEqual(await languagesOf(outbox), [
    ...['zh-CN', 'zh-CN', 'en', 'zh-CN'],
    ...['en', 'en', 'zh-CN', 'zh-CN'],
  ])
})

test('the first language of the server is for those of whom nobody knows one', async (t) => {
  const outbox = await openOutbox(t, { languages: ['zh-CN', 'en'] })

  await outbox.queue(notice(), notice({ device: from('en') }))

  assert.deepEqual(await languagesOf(outbox), ['zh-CN', 'en'])
})

test('a language that the server does not offer any more is passed over', async (t) => {
  const outbox = await openOutbox(t, { languages: ['en'] })
  const userId = await aUser(outbox, 'zh-CN')
  const strange = await aUser(outbox, '__proto__')

  await outbox.queue(
    notice({ userId, device: from('zh-CN') }),
    notice({ userId: strange }),
    notice({ locale: 'zh-CN', device: from('en') }),
  )

  assert.deepEqual(await languagesOf(outbox), ['en', 'en', 'en'])
})

test('the choice counts as it is when the mail is sent', async (t) => {
  const outbox = await openOutbox(t)
  const { db, queue, relay, rows, clock } = outbox
  const userId = await aUser(outbox, 'en')
  relay.isAway = true
  await queue(notice({ userId, device: from('en') }))
  await until(async () => (await rows())[0]?.attempts === 1)

  await db.user.update({ where: { id: userId }, data: { locale: 'zh-CN' } })
  relay.isAway = false
  clock.advance(60)

  assert.deepEqual(await languagesOf(outbox), ['zh-CN'])
})

test('the mail about a deleted account is in the language that the account had', async (t) => {
  const outbox = await openOutbox(t)
  const kind = 'account_deleted'

  await outbox.queue(
    { kind, address: TO, locale: 'zh-CN', device: from('en') },
    { kind, address: TO, locale: null, device: from('zh-CN') },
    { kind, address: TO, locale: 'tlh', device: from('zh-CN') },
    { kind, address: TO, locale: null },
  )

  assert.deepEqual(await languagesOf(outbox), ['zh-CN', 'zh-CN', 'zh-CN', 'en'])
})

test('rows of an older version are sent in the first language, with their device', async (t) => {
  const outbox = await openOutbox(t)
  const { db, clock, sent } = outbox
  const facts = { at: clock(), device: 'Firefox on Linux, 192.0.2.1' }
  const row = { kind: 'new_device', address: TO, attempts: 0, dueAt: new Date(clock()) }
  const expiresAt = new Date(clock() + 60_000)
  const unknown = { ...facts, language: 'tlh' }
  for (const one of [facts, unknown]) {
    const data = { ...row, id: randomUUID(), facts: JSON.stringify(one), expiresAt }
    await db.mail.create({ data })
  }

  const mails = await sent()

  assert.equal(mails.length, 2)
  for (const { text, html } of mails) {
    assert.match(text, /^From: Firefox on Linux, 192\.0\.2\.1$/m)
    assert.match(html, /<html lang="en">/)
  }
})

test('an older version can send the rows of this one: the device stands there in English, too', async (t) => {
  const { mail, db, queue } = await openOutbox(t)
  await mail.close()

  await queue(
    notice({ device: { ...from('zh-CN'), ip: '2001:db8:1111:2222:3333:4444:5555:6666' } }),
  )

  const { facts } = await db.mail.findFirstOrThrow()
  const { device } = JSON.parse(facts)
  assert.equal(device, 'Firefox on Windows, 2001:db8:1111:2222:3333:4444:5555:6666')
  assert.ok(facts.length <= 500, facts)
})

async function languagesOf({ sent }: Outbox): Promise<(string | undefined)[]> {
  const mails = await sent()
  return mails.map(({ html }) => /<html lang="([^"]+)">/.exec(html)?.[1])
}
