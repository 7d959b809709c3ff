// Which language the mails have that requests cause: of their owner, of an administrator, of
// somebody else.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { OPERATOR } from '../../src/platform/actor.ts'
import { call, statementsOf } from '../support/answers.ts'
import { scratchDirectory } from '../support/databases.ts'
import { PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { ask, newAdmin } from '../support/houses.ts'
import { WRONG } from '../support/lockout.ts'
import { outboxEmpty, sentTo } from '../support/outbox.ts'
import { patch } from '../support/profile.ts'
import { beginReset, resetFor } from '../support/resets.ts'

const CHINESE = { 'accept-language': 'zh-Hans-CN,zh;q=0.9,en;q=0.5' }
const ENGLISH = { 'accept-language': 'en-GB,en;q=0.9' }
const QUIET = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }

/** Subjects and languages of all mails to an address, in the order of the subjects. */
async function mailsTo(server: TestServer, address: string): Promise<string[]> {
  await server.services.notices.written()
  await outboxEmpty(server)
  const mails = await sentTo(server, address)
  const told = mails.map(({ subject, html }) => `${languageIn(html)} ${subject}`)
  return told.toSorted()
}

const languageIn = (html: string) => /<html lang="([^"]+)">/.exec(html)?.[1]

test('a mail is in the language of the request that caused it, and the account may choose another', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)
  // The choice counts that there is when the mail is sent, so each is sent before the next change.
  async function reset(headers: Record<string, string>): Promise<void> {
    await resetFor(server, person.username, { headers })
    await outboxEmpty(server)
  }

  await reset(CHINESE)
  await reset(ENGLISH)
  await reset({})
  for (const header of ['tlh', '*;q=0', ';;;', 'x'.repeat(3000)]) {
    await reset({ 'accept-language': header })
  }
  await patch(server, person, { locale: 'zh-CN' })
  await reset(ENGLISH)
  await patch(server, person, { locale: 'en' })
  await reset(CHINESE)

  const english = 'en Choose a new password for localhost:3000'
  const chinese = 'zh-CN 重置您在 localhost:3000 的密码'
  const expected = [...Array(7).fill(english), ...Array(2).fill(chinese)]
  assert.deepEqual(await mailsTo(server, person.email), expected)
})

test('a registration in Chinese gets its code, and everything after it, in Chinese', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const account = { username: uniqueName(), email: `${uniqueName()}@example.com` }

  const registered = await call(
    server,
    'POST /register',
    { ...account, password: PASSWORD },
    CHINESE,
  )
  const body = { email: `${uniqueName()}@example.com`, currentPassword: PASSWORD }
  await ask(server, 'PATCH /me', registered.json(), { body, headers: CHINESE })
  await call(server, 'POST /login', { username: account.username, password: PASSWORD }, CHINESE)
  await ask(server, 'DELETE /me', registered.json(), {
    ...{ body: { currentPassword: PASSWORD }, headers: CHINESE },
  })

  assert.deepEqual(await mailsTo(server, account.email), [
    'zh-CN 验证您在 localhost:3000 的邮箱地址',
  ])
  assert.deepEqual(await mailsTo(server, body.email), [
    'zh-CN 您在 localhost:3000 的账号已删除',
    'zh-CN 新设备登录了 localhost:3000',
    'zh-CN 验证您在 localhost:3000 的邮箱地址',
  ])
})

test('the last mail about an account is in the language that the account had chosen', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const admin = await newAdmin(server)
  const [own, byAdmin, undecided] = [
    await signedUp(server),
    await signedUp(server),
    await signedUp(server),
  ]
  for (const person of [own, byAdmin]) await patch(server, person, { locale: 'zh-CN' })

  const body = { currentPassword: PASSWORD }
  await ask(server, 'DELETE /me', own, { body, headers: ENGLISH })
  for (const { user } of [byAdmin, undecided]) {
    await ask(server, `DELETE /admin/users/${user.id}`, admin, { headers: ENGLISH })
  }

  const chinese = ['zh-CN 您在 localhost:3000 的账号已删除']
  assert.deepEqual(await mailsTo(server, own.email), chinese)
  assert.deepEqual(await mailsTo(server, byAdmin.email), chinese)
  const english = ['en Your account at localhost:3000 is deleted']
  assert.deepEqual(await mailsTo(server, undecided.email), english)
})

/** What an administrator does to an account: the line, the body, and the Chinese subject. */
const BY_ADMINISTRATORS: [line: string, body: object | undefined, subject: string][] = [
  ['PATCH :id', { emailVerified: true }, '您在 localhost:3000 的邮箱地址已验证'],
  ['POST :id/reset-mail', undefined, '重置您在 localhost:3000 的密码'],
  ['PATCH :id', { disabled: true }, '您在 localhost:3000 的账号已停用'],
]

test('what an administrator causes is in the language of the owner, else in that of the administrator', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const admin = await newAdmin(server)
  const undecided = await signedUp(server)
  const decided = await signedUp(server)
  await patch(server, decided, { locale: 'en' })

  for (const [line, body] of BY_ADMINISTRATORS) {
    for (const { user } of [undecided, decided]) {
      const url = line.replace(':id', `/admin/users/${user.id}`)
      const { headers } = await ask(server, `GET /admin/users/${user.id}`, admin)
      const match = { 'if-match': String(headers.etag) }
      const answer = await ask(server, url, admin, { body, headers: { ...CHINESE, ...match } })
      assert.ok(answer.statusCode < 300, `${line} ${answer.statusCode} ${answer.body}`)
    }
  }
  const invited = { username: uniqueName(), email: `${uniqueName()}@example.com` }
  await ask(server, 'POST /admin/users', admin, { body: invited, headers: CHINESE })

  const chinese = BY_ADMINISTRATORS.map(([, , subject]) => `zh-CN ${subject}`)
  assert.deepEqual(await mailsTo(server, undecided.email), chinese.toSorted())
  assert.deepEqual(await mailsTo(server, decided.email), [
    'en Choose a new password for localhost:3000',
    'en Your account at localhost:3000 is disabled',
    'en Your e-mail address for localhost:3000 is confirmed',
  ])
  assert.deepEqual(await mailsTo(server, invited.email), ['zh-CN 邀请您加入 localhost:3000'])
  const [mail] = await sentTo(server, undecided.email)
  assert.doesNotMatch(mail?.text ?? '', /来源/, 'the device of the administrator stays out')
})

test('what the command line causes is in the first language of the server', async (t) => {
  const server = await startServer(t, { env: { ...QUIET, LANGUAGES: 'zh-CN,en' } })
  const account = { username: uniqueName(), email: `${uniqueName()}@example.com` }

  await server.services.administration.create(account, OPERATOR)

  assert.deepEqual(await mailsTo(server, account.email), ['zh-CN 邀请您加入 localhost:3000'])
})

test('notices that strangers cause are in their language, unless the owner has chosen one', async (t) => {
  const server = await startServer(t, {
    env: { RATE_LIMITS: 'off', EMAIL_VERIFICATION: 'required' },
  })
  const account = { username: uniqueName(), email: `${uniqueName()}@example.com` }
  const { create } = server.services.administration
  const { id } = await create({ ...account, password: PASSWORD }, OPERATOR)
  const { user } = server.database.client
  await user.update({ where: { id }, data: { emailVerified: true } })
  const registration = { username: uniqueName(), email: account.email, password: PASSWORD }
  const guess = { username: account.username, password: WRONG }

  await call(server, 'POST /register', registration, CHINESE)
  for (let time = 0; time < 10; time++) await call(server, 'POST /login', guess, CHINESE)
  const stranger = await mailsTo(server, account.email)
  await user.update({ where: { id }, data: { locale: 'en' } })
  await call(server, 'POST /register', { ...registration, username: uniqueName() }, CHINESE)
  const chosen = await mailsTo(server, account.email)

  const expected = ['zh-CN localhost:3000 的密码输错次数过多', 'zh-CN 您在 localhost:3000 已有账号']
  assert.deepEqual(
    stranger.filter((mail) => mail.startsWith('zh')),
    expected,
  )
  assert.deepEqual(
    chosen.filter((mail) => !stranger.includes(mail)),
    ['en You already have an account at localhost:3000'],
  )
})

test('in each language a reset of a known and an unknown name look the same, and take the same steps', async (t) => {
  const server = await startServer(t, { env: QUIET })
  const person = await signedUp(server)

  for (const headers of [CHINESE, ENGLISH]) {
    const faces = []
    for (const login of [person.username, uniqueName('nobody')]) {
      const before = statementsOf(server).length
      const answer = await beginReset(server, login, { headers })
      const steps = statementsOf(server).slice(before)
      await outboxEmpty(server)
      const { token, ...body } = answer.json()
      const { date: _, 'x-request-id': __, ...seen } = answer.headers
      faces.push({ status: answer.statusCode, body, seen, size: token.length, steps })
    }
    const [known, unknown] = faces
    assert.equal(known?.status, 201)
    assert.deepEqual(known, unknown)
  }
})

test('templates of an operator for one language leave those of the others alone', async (t) => {
  const folder = join(scratchDirectory(t), 'templates')
  mkdirSync(join(folder, 'zh-CN'), { recursive: true })
  const template = (name: string, text: string) => writeFileSync(join(folder, name), text)
  template('zh-CN/reset_password.txt', 'Subject: 新密码\n\n{{code}}，{{until}} 前有效')
  template('account_deleted.txt', 'Subject: Bye\n\nSince {{when}}, from {{device}}')
  const server = await startServer(t, { env: { ...QUIET, MAIL_TEMPLATES: folder } })
  const person = await signedUp(server)

  for (const headers of [CHINESE, ENGLISH]) await beginReset(server, person.email, { headers })
  const body = { currentPassword: PASSWORD }
  await ask(server, 'DELETE /me', person, { body, headers: CHINESE })

  assert.deepEqual(await mailsTo(server, person.email), [
    'en Bye',
    'en Choose a new password for localhost:3000',
    'zh-CN 新密码',
  ])
  const mails = await sentTo(server, person.email)
  assert.match(mails.find(({ subject }) => subject === '新密码')?.text ?? '', /日.*前有效/)
  assert.match(mails.find(({ subject }) => subject === 'Bye')?.text ?? '', /Since .* UTC, from/)
})

test('a folder of templates for a language that there is not stops the start', async (t) => {
  const folder = join(scratchDirectory(t), 'templates')
  mkdirSync(join(folder, 'zh-TW'), { recursive: true })

  await assert.rejects(startServer(t, { env: { ...QUIET, MAIL_TEMPLATES: folder } }), {
    message:
      'MAIL_TEMPLATES: the folder zh-TW is not named by a language of this server (en, zh-CN)',
  })
})
