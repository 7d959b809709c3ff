import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { type Authenticator, createAuthenticator } from '../../src/testing/authenticator.ts'
import { call } from './answers.ts'
import { App } from './enrolment.ts'
import type { Answering } from './factor-answers.ts'
import {
  type Expected,
  factorsOf,
  item,
  type Proof,
  refusal,
  STEP_SECONDS,
  type World,
} from './factor-world.ts'
import { bearer, DEVICE_COOKIE, ORIGIN, type Person } from './factories.ts'
import type { TestServer } from './helper.ts'
import { handleOf } from './passkeys.ts'

/** What the clients of the account hold: the counterpart of the world of the model. */
export type Real = {
  servers: readonly [TestServer, TestServer]
  person: Person
  apps: App[]
  /** The id of each factor, by `totp 0`. */
  ids: Map<string, string>
  passkeys: Authenticator[]
  sets: string[][]
  sessions: { id: string; access: string; refresh: string | undefined }[]
  /** Access tokens from before a renewal. */
  dead: string[]
  challenges: { token: string; nonce: string }[]
  cookies: string[]
  /** What the last answer to a challenge was. */
  last: { answering: Answering; body: object } | undefined
}

type Body = {
  code?: string
  attemptsLeft?: number
  challenge?: View
  recoveryCodes?: string[]
  access_token: string
  refresh_token: string
  sessionId: string
  id?: string
}
type View = {
  token: string
  methods: string[]
  passkey?: { challenge: string }
  totp?: { uri: string }
}

export const passwordOf = (number: number) => `violet harbour lantern ${number}`

/** A request by a session, with its present access token. */
export function send(real: Real, at: number, server: 0 | 1, line: string, body?: object) {
  const { access } = item(real.sessions, at)
  return call(item(real.servers, server), line, body, bearer(access))
}

/** Holds an answer against what the model expects, and keeps what it brings. */
export function compare(
  world: World,
  real: Real,
  response: LightMyRequestResponse,
  expected: Expected,
): void {
  const { status, code, attemptsLeft, methods, session, hasCodes } = expected
  const text = `expected ${JSON.stringify(expected)}, got ${response.statusCode} ${response.body}`
  assert.equal(response.statusCode, status, text)
  const body = response.body === '' ? ({} as Body) : response.json<Body>()
  if (code !== undefined)
    assert.deepEqual([body.code, body.attemptsLeft], [code, attemptsLeft], text)
  if (methods) keepChallenge(real, body.challenge ?? response.json(), methods)
  if (session !== undefined) keepSession(real, session, body)
  if (hasCodes !== undefined) keepCodes(world, real, body, hasCodes)
}

function keepChallenge(real: Real, view: View, methods: string[]): void {
  assert.deepEqual(view.methods, methods)
  real.challenges.push({ token: view.token, nonce: view.passkey?.challenge ?? '' })
  if (view.totp) real.apps.push(new App(real.servers[0], view.totp.uri))
  const userHandle = handleOf(real.person)
  const isNew = view.passkey !== undefined && 'user' in view.passkey
  if (isNew) real.passkeys.push(createAuthenticator({ userHandle }))
}

function keepSession({ sessions, dead }: Real, at: number, body: Body): void {
  const { sessionId: id, access_token: access, refresh_token: refresh } = body
  const before = sessions[at]
  if (before) {
    assert.equal(before.id, id, 'another session')
    const isRenewed = claimsOf(access).auth_time !== claimsOf(before.access).auth_time
    if (isRenewed) dead.push(before.access)
  } else
    assert.ok(
      sessions.every((session) => session.id !== id),
      'no new session',
    )
  sessions[at] = { id, access, refresh }
}

function keepCodes(world: World, { sets }: Real, body: Body, hasCodes: boolean): void {
  assert.equal(body.recoveryCodes?.length, hasCodes ? 10 : undefined)
  const set = world.codes?.set
  if (set === undefined || !body.recoveryCodes) return
  assert.deepEqual(sets[set] ?? body.recoveryCodes, body.recoveryCodes, 'other codes')
  sets[set] = body.recoveryCodes
}

function claimsOf(token: string): { auth_time: number; acr: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

// Proofs

type Sent = { proof: Proof; body: object }

/** A code of an app, some steps from now, or a wrong one. */
export function codeOf(world: World, real: Real, app: number, steps: number | 'wrong'): Sent {
  const shown = real.apps[app]
  const isWrong = steps === 'wrong' || shown === undefined
  const code = isWrong ? (shown?.wrong() ?? '000000') : shown.code(steps)
  const step = Math.floor(world.now / STEP_SECONDS) + (isWrong ? 0 : steps)
  const text = `totp ${code}`
  const proof = { method: 'totp' as const, app: isWrong ? undefined : app, step, text }
  return { proof, body: { method: 'totp', code } }
}

export function recoveryCode({ sets }: Real, set: number, number: number): Sent {
  const code = sets[set]?.[number] ?? '0000-0000-0000-0000'
  const proof = { method: 'recovery_code' as const, set, number, text: `recovery_code ${code}` }
  return { proof, body: { method: 'recovery_code', code } }
}

type Use = { passkey: number; counter: number; challenge: number; isNew: boolean }

export function assertion({ passkeys, challenges }: Real, use: Use): Sent {
  const { passkey, counter, challenge, isNew } = use
  const authenticator = item(passkeys, passkey)
  const { nonce } = item(challenges, challenge)
  const credential = isNew
    ? authenticator.create(nonce, { counter })
    : authenticator.use(nonce, { counter })
  const text = `passkey ${JSON.stringify(credential)}`
  const proof = { method: 'passkey' as const, passkey, counter, challenge, text }
  return { proof, body: { method: 'passkey', credential } }
}

export function password(number: number, isRight: boolean): Sent {
  const text = passwordOf(number)
  const proof = { method: 'password' as const, isRight, text: `password ${text}` }
  return { proof, body: { method: 'password', password: text } }
}

/** Sends an answer to a challenge, by the session that it is bound to. */
export function answer(
  world: World,
  real: Real,
  server: 0 | 1,
  { at, key, isTrusted }: Answering,
  body: object,
) {
  const { session } = item(world.challenges, at)
  const { token } = item(real.challenges, at)
  const headers = {
    origin: ORIGIN,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...(session === undefined ? {} : bearer(real.sessions[session]?.access)),
  }
  const trusted = isTrusted ? { trustDevice: true } : {}
  const whole = { challenge: token, ...body, ...trusted }
  return call(item(real.servers, server), 'POST /challenges/answer', whole, headers)
}

/** Keeps the cookie of a browser that is trusted from now on. */
export function keepTrust(world: World, real: Real, response: LightMyRequestResponse): void {
  if (world.trusted.length === real.cookies.length) return
  const cookie = response.cookies.find(({ name }) => name === DEVICE_COOKIE)
  real.cookies.push(`${DEVICE_COOKIE}=${cookie?.value}`)
}

// The whole account

/** Holds all that anybody can see of the account against the model, on one of the servers. */
export async function compareAll(world: World, real: Real): Promise<void> {
  for (const { services } of real.servers) await services.revocations.poll()
  const turn = (world.now / STEP_SECONDS + world.challenges.length) % 2 < 1 ? 0 : 1
  // Of those that have ended, the last ones.
  const shown = [...real.sessions.keys()].filter(
    (at) => world.sessions[at]?.isLive || at >= real.sessions.length - 4,
  )
  for (const at of shown) await compareSession(world, real, at, turn)
  for (const token of real.dead.slice(-3)) {
    const answered = call(item(real.servers, turn), 'GET /verify', undefined, bearer(token))
    assert.equal((await answered).statusCode, 401, 'a token from before a renewal')
  }
  const at = world.sessions.findIndex((_, index) => !refusal(world, index))
  if (at >= 0) await compareAccount(world, real, at)
}

/** Shows every token to both servers: one from the future is refused, unless it was seen before. */
export async function showAll(world: World, real: Real): Promise<void> {
  for (const server of [0, 1] as const) {
    for (const at of real.sessions.keys()) await compareSession(world, real, at, server)
  }
}

async function compareSession(world: World, real: Real, at: number, server: 0 | 1) {
  const response = await send(real, at, server, 'GET /verify')
  const dead = refusal(world, at)
  const { acr, authTime } = item(world.sessions, at)
  if (dead) return compare(world, real, response, dead)
  const seen = response.json<{ acr: string; authTime: string }>()
  const wanted = { acr, authTime: new Date(authTime * 1000).toISOString() }
  assert.deepEqual({ acr: seen.acr, authTime: seen.authTime }, wanted, `session ${at}`)
}

async function compareAccount(world: World, real: Real, at: number): Promise<void> {
  const me = (await send(real, at, 0, 'GET /me')).json<{ secondFactor: boolean }>()
  assert.equal(me.secondFactor, world.secondFactor)
  const factors = (await send(real, at, 1, 'GET /factors')).json<{
    items: { kind: string }[]
    recoveryCodesLeft: number
  }>()
  assert.equal(factors.recoveryCodesLeft, world.codes?.left.size ?? 0)
  const kinds = (items: { kind: string }[]) => items.map(({ kind }) => kind).sort()
  assert.deepEqual(kinds(factors.items), kinds(factorsOf(world)))
}
