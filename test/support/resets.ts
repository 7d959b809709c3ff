import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from './answers.ts'
import { DEVICE_COOKIE } from './factories.ts'
import type { TestServer } from './helper.ts'
import { outboxEmpty, type SentMail, sentTo } from './outbox.ts'

export const NEW_PASSWORD = 'another horse, another battery'
export const RESET_SECONDS = 1800
export const RESET_DONE = {
  message: 'Your password is changed. All sessions have ended: sign in with it.',
}

/** The mails to an address, newest first, once there are so many. */
export async function mailsTo(server: TestServer, to: string, count = 1): Promise<SentMail[]> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const mails = await sentTo(server, to)
    if (mails.length >= count) return mails
    assert.ok(performance.now() < deadline, `${mails.length} of ${count} mails to ${to}`)
    await sleep(20)
  }
}

/** The notices to an address, by their subjects, once what was queued is sent. */
export async function subjectsTo(server: TestServer, to: string, count: number) {
  await mailsTo(server, to, count)
  await outboxEmpty(server)
  return (await mailsTo(server, to, count)).map(({ subject }) => subject)
}

type Wish = { ip?: string; device?: string | undefined; headers?: Record<string, string> }

/** `POST /challenges` as somebody sends it who has lost the password. */
export function beginReset(server: TestServer, login: string, { ip, device, headers }: Wish = {}) {
  return server.inject({
    method: 'POST',
    url: '/challenges',
    ...(ip === undefined ? {} : { remoteAddress: ip }),
    headers: { ...(device ? { cookie: `${DEVICE_COOKIE}=${device}` } : {}), ...headers },
    payload: { purpose: 'reset_password', login },
  })
}

/** The token of a reset that has begun. */
export async function resetFor(server: TestServer, login: string, wish: Wish = {}) {
  const answer = await beginReset(server, login, wish)
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json<{ token: string }>().token
}

type Answering = { key?: string; newPassword?: string; ip?: string }

export function answerReset(server: TestServer, token: string, code: string, how: Answering = {}) {
  const { key, newPassword = NEW_PASSWORD, ip } = how
  return server.inject({
    method: 'POST',
    url: '/challenges/answer',
    ...(ip === undefined ? {} : { remoteAddress: ip }),
    headers: key === undefined ? {} : { 'idempotency-key': key },
    payload: { challenge: token, method: 'mail_code', code, newPassword },
  })
}

/** The code of a mail, as a person reads it. */
export function codeIn({ text }: Pick<SentMail, 'text'>): string {
  const [code] = /\b\d{4} \d{4}\b/.exec(text) ?? []
  assert.ok(code, text)
  return code
}

/** The link of a mail, and what its fragment says. */
export function linkIn({ text }: SentMail): { page: string; fields: Record<string, string> } {
  const [link] = /https?:\/\/\S+/.exec(text) ?? []
  assert.ok(link, text)
  const { origin, pathname, hash } = new URL(link)
  const fields = Object.fromEntries(new URLSearchParams(hash.slice(1)))
  return { page: `${origin}${pathname}`, fields }
}

/** Begins a reset and reads its mail. */
export async function mailedReset(server: TestServer, { email }: { email: string }, count = 1) {
  const token = await resetFor(server, email)
  const mails = await mailsTo(server, email, count)
  const mail = mails.find(({ text }) => text.includes(token))
  assert.ok(mail, 'no mail has this challenge')
  return { token, mail, code: codeIn(mail) }
}

export const signInWith = (server: TestServer, username: string, password: string) =>
  call(server, 'POST /login', { username, password })

/** Without the codes that registrations mail. */
export const QUIET = { EMAIL_VERIFICATION: 'off' }
