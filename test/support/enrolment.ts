import assert from 'node:assert/strict'
import * as OTPAuth from 'otpauth'
import { call } from './answers.ts'
import { bearer, DEVICE_COOKIE, type Opened, PASSWORD, type Person } from './factories.ts'
import type { TestServer } from './helper.ts'
import { QUIET } from './resets.ts'
import { verifiedUser } from './sign-in-codes.ts'

export const STEP = 30
/** Tests that are about other limits. */
export const FREE = { ...QUIET, RATE_LIMITS: 'off' }

/** An authenticator app as other people have written it. */
export class App {
  readonly totp: OTPAuth.TOTP
  readonly server: TestServer
  constructor(server: TestServer, uri: string) {
    this.server = server
    const parsed = OTPAuth.URI.parse(uri)
    assert.ok(parsed instanceof OTPAuth.TOTP)
    this.totp = parsed
  }

  /** @param steps before or after the present one */
  code(steps = 0): string {
    return this.totp.generate({ timestamp: this.server.clock() + steps * STEP * 1000 })
  }

  /** A code of no step around, one for each number. */
  wrong(number = 1): string {
    const right = [-2, -1, 0, 1, 2].map((steps) => this.code(steps))
    const codes = Array.from({ length: number + right.length }, (_, index) =>
      String((Number(right[2]) + index + 1) % 1_000_000).padStart(6, '0'),
    ).filter((code) => !right.includes(code))
    return codes[number - 1] ?? assert.fail('no wrong code')
  }
}

type Begun = { token: string; totp: { secret: string; uri: string } }

/** `POST /challenges` as a signed-in client sends it. */
export function beginAdding(server: TestServer, { access_token }: Opened, purpose = 'add_totp') {
  return call(server, 'POST /challenges', { purpose }, bearer(access_token))
}

export async function begunTotp(server: TestServer, session: Opened) {
  const answer = await beginAdding(server, session)
  assert.equal(answer.statusCode, 201, answer.body)
  const { token, totp } = answer.json<Begun>()
  return { token, uri: totp.uri, app: new App(server, totp.uri) }
}

type Given = {
  method?: string
  key?: string
  device?: string | undefined
  /** Of the session that the challenge is bound to. */
  access?: string | undefined
  more?: object
}

/** Answers a challenge with a code. */
export function prove(server: TestServer, token: string, code: string, given: Given = {}) {
  const { method = 'totp', key, device, access, more } = given
  const headers = {
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...(device === undefined ? {} : { cookie: `${DEVICE_COOKIE}=${device}` }),
    ...(access === undefined ? {} : bearer(access)),
  }
  const body = { challenge: token, method, code, ...more }
  return call(server, 'POST /challenges/answer', body, headers)
}

export type Enrolled = Person & {
  app: App
  factorId: string
  recoveryCodes: string[]
  enrolment: { token: string; code: string }
}

/** Somebody with an app, which has just shown the code that added it. */
export async function enrolled(server: TestServer, person?: Person): Promise<Enrolled> {
  const owner = person ?? (await verifiedUser(server))
  const { token, app } = await begunTotp(server, owner)
  const code = app.code()
  const answer = await prove(server, token, code, { access: owner.access_token })
  assert.equal(answer.statusCode, 201, answer.body)
  const { id, recoveryCodes } = answer.json()
  return { ...owner, app, factorId: id, recoveryCodes, enrolment: { token, code } }
}

/** `POST /login` with the right password. */
export function logIn(server: TestServer, username: string, device?: string) {
  const headers = device === undefined ? {} : { cookie: `${DEVICE_COOKIE}=${device}` }
  return call(server, 'POST /login', { username, password: PASSWORD }, headers)
}

/** The challenge of a sign-in whose password was right. */
export async function asked(server: TestServer, { username }: Pick<Person, 'username'>) {
  const answer = await logIn(server, username)
  assert.equal(answer.statusCode, 401, answer.body)
  assert.equal(answer.json().code, 'second_factor_required')
  return answer.json<{ challenge: { token: string; methods: string[] } }>().challenge
}

/** The session of somebody who has shown both factors. */
export async function signedInFully(server: TestServer, person: Enrolled): Promise<Opened> {
  server.clock.advance(STEP)
  const { token } = await asked(server, person)
  const answer = await prove(server, token, person.app.code())
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<Opened>()
}

export function factorsOf(server: TestServer, { access_token }: Opened) {
  return call(server, 'GET /factors', undefined, bearer(access_token))
}
