import assert from 'node:assert/strict'
import { call } from './answers.ts'
import { bearer, PASSWORD, type Person, signedUp } from './factories.ts'
import type { TestServer } from './helper.ts'
import { outboxEmpty, sentTo } from './outbox.ts'
import { patch } from './profile.ts'

/** A mail with a link, as its receiver sees it. */
export type LinkMail = {
  subject: string
  text: string
  html: string
  purpose: string
  challenge: string
  code: string
}

/** The mails to an address so far, newest first. Mails of one moment are in no order. */
export async function mailsTo(server: TestServer, address: string): Promise<LinkMail[]> {
  await outboxEmpty(server)
  return (await sentTo(server, address)).map(({ subject, text, html }) => {
    const [, fragment = ''] = /\/mail#(\S+)/.exec(text) ?? []
    const link = new URLSearchParams(fragment)
    const part = (name: string) => link.get(name) ?? ''
    return {
      ...{ subject, text, html, purpose: part('purpose') },
      ...{ challenge: part('challenge'), code: part('code') },
    }
  })
}

/** The newest mail to an address that has a link of the purpose. */
export async function linkTo(server: TestServer, address: string, purpose = 'verify_email') {
  const found = (await mailsTo(server, address)).find((mail) => mail.purpose === purpose)
  assert.ok(found, `no mail for ${purpose} to ${address}`)
  return found
}

/** A refused proof, and how many guesses are left. */
export const wrongProof = (attemptsLeft: number) => ({
  detail: 'The proof is wrong.',
  members: { attemptsLeft },
})

type Link = Pick<LinkMail, 'challenge' | 'code'>

/** Presses the button of a mailed link. */
export function press(server: TestServer, { challenge, code }: Link, more: object = {}, key = '') {
  const body = { challenge, method: 'mail_code', code, ...more }
  const headers: Record<string, string> = key === '' ? {} : { 'idempotency-key': key }
  return call(server, 'POST /challenges/answer', body, headers)
}

/** Somebody who has registered and confirmed the address. */
export async function verifiedPerson(server: TestServer): Promise<Person> {
  const person = await signedUp(server)
  const answer = await press(server, await linkTo(server, person.email))
  assert.equal(answer.statusCode, 200, answer.body)
  server.clock.advance(1)
  return person
}

/** Asks for another address. */
export function askFor(server: TestServer, person: Person, email: string) {
  return patch(server, person, { email, currentPassword: PASSWORD })
}

/** Begins to verify the address, as a signed-in client does. */
export function beginVerifying(server: TestServer, { access_token }: Person) {
  const body = { purpose: 'verify_email' }
  return call(server, 'POST /challenges', body, bearer(access_token))
}

/** The account as its owner sees it. */
export async function accountOf(server: TestServer, { access_token }: Person) {
  const answer = await call(server, 'GET /me', undefined, bearer(access_token))
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<Person['user']>()
}
