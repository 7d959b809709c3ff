import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import { call } from './answers.ts'
import { answerWith, codeOf } from './challenges.ts'
import { DEVICE_COOKIE, ORIGIN, PASSWORD, signedUp } from './factories.ts'
import { type TestServer, uniqueName } from './helper.ts'
import { codeIn, mailsTo } from './resets.ts'

export const BY_MAIL = { SIGN_IN_BY_MAIL: 'on', EMAIL_VERIFICATION: 'off' }
export const REQUIRED = { EMAIL_VERIFICATION: 'required' }
export const SIGN_IN_SECONDS = 600
/** A challenge as clients see it, but for its token. */
export const SIGN_IN_VIEW = {
  purpose: 'sign_in',
  methods: ['mail_code'],
  expiresIn: SIGN_IN_SECONDS,
}
export const inBrowser = { headers: { origin: ORIGIN } }

/** Somebody whose address is verified. */
export async function verifiedUser(server: TestServer) {
  const person = await signedUp(server)
  const { client } = server.database
  await client.user.update({ where: { id: person.user.id }, data: { emailVerified: true } })
  return person
}

type Wish = { transport?: string; ip?: string; device?: string | undefined; origin?: string }

/** `POST /challenges` as somebody sends it who signs in by a code. */
export function beginSignIn(server: TestServer, login: string, wish: Wish = {}) {
  const { transport, ip, device, origin } = wish
  const options: InjectOptions = {
    method: 'POST',
    url: '/challenges',
    headers: {
      ...(device === undefined ? {} : { cookie: `${DEVICE_COOKIE}=${device}` }),
      ...(origin === undefined ? {} : { origin }),
    },
    payload: { purpose: 'sign_in', login, ...(transport ? { transport } : {}) },
  }
  return server.inject(ip === undefined ? options : { ...options, remoteAddress: ip })
}

/** A sign-in that has begun, with the code of its mail as the test's server knows it. */
export async function begunSignIn(server: TestServer, login: string, wish: Wish = {}) {
  const answer = await beginSignIn(server, login, wish)
  assert.equal(answer.statusCode, 201, answer.body)
  const { token } = answer.json<{ token: string }>()
  return { token, code: codeOf(server, token) }
}

export type NewPerson = { username: string; email: string; password: string }

export const newPerson = (more: Partial<NewPerson> = {}): NewPerson => ({
  ...{ username: uniqueName(), email: `${uniqueName('mail')}@example.com`, password: PASSWORD },
  ...more,
})

/** `POST /register` on a server that asks for a verified address. */
export async function registeredUnverified(
  server: TestServer,
  person: NewPerson,
  transport?: 'cookie',
) {
  const body = { ...person, ...(transport ? { transport } : {}) }
  const answer = await call(server, 'POST /register', body, inBrowser.headers)
  assert.equal(answer.statusCode, 202, answer.body)
  const { challenge } = answer.json<{ challenge: { token: string } }>()
  return { answer, token: challenge.token, code: codeOf(server, challenge.token) }
}

/** Registers and answers the code of the mail. */
export async function registeredFully(server: TestServer, person = newPerson()) {
  const { token } = await registeredUnverified(server, person)
  const [mail] = await mailsTo(server, person.email)
  assert.ok(mail)
  const answer = await answerWith(server, token, codeIn(mail))
  assert.equal(answer.statusCode, 200, answer.body)
  return { ...person, token, session: answer.json() }
}

export const logIn = (server: TestServer, username: string, password: string) =>
  call(server, 'POST /login', { username, password })
