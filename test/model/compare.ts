import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import { cookieOf } from '../support/factories.ts'
import { DAY_MS, sessionOf } from './choices.ts'
import { at } from './reference.ts'
import { claimsOf, type Subject } from './subject.ts'
import type { Credential, Done, Expected, Listed, Opened, Refusal, Seen, World } from './world.ts'
import { isLongOver } from './world.ts'

const iso = (milliseconds: number) => new Date(milliseconds).toISOString()
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)

/** Holds one answer against what the model expects, and keeps the tokens that it brought. */
export function compare(
  world: World,
  subject: Subject,
  response: LightMyRequestResponse,
  expected: Expected,
): void {
  const context = `expected ${JSON.stringify(expected)}, got ${response.statusCode} ${response.body}`
  assert.equal(response.statusCode, expected.status, context)
  switch (expected.kind) {
    case 'refused':
      compareRefusal(subject, response, expected, context)
      break
    case 'opened':
      compareOpened(world, subject, response, expected)
      break
    case 'listed':
      compareList(world, subject, response, expected)
      break
    case 'seen':
      compareSeen(world, subject, response, expected)
      break
    case 'done':
      compareDone(response, expected)
  }
}

/** Every refusal with the same code is the same answer, but for the id of the request. */
function compareRefusal(
  { faces }: Subject,
  response: LightMyRequestResponse,
  { codes }: Refusal,
  context: string,
): void {
  const { instance, ...body } = response.json<{ code: string; instance: string }>()
  const { 'x-request-id': requestId, date: _, ...others } = response.headers
  const headers = withoutCors(others)
  assert.ok(codes.includes(body.code), context)
  assert.equal(instance, requestId)
  const length = Number(others['content-length']) - instance.length
  const face = { body, headers: { ...headers, 'content-length': length } }
  if (!faces.has(body.code)) faces.set(body.code, face)
  assert.deepEqual(face, faces.get(body.code))
}

/** Which page may read an answer depends on the page. */
function withoutCors(headers: object): object {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')),
  )
}

function compareOpened(
  world: World,
  subject: Subject,
  response: LightMyRequestResponse,
  expected: Opened,
): void {
  const body = response.json()
  const session = at(world.sessions, expected.session)
  subject.userIds[expected.account] ??= body.user.id
  subject.sessions[expected.session] ??= {
    id: body.sessionId,
    userId: body.user.id,
    restorations: 0,
  }
  const inCookie = session.transport === 'cookie'
  const refreshToken = inCookie ? cookieOf(response) : body.refresh_token
  const { access_token, refreshAfter, ...rest } = body
  const lifetime = at(world.accessTokens, expected.access).exp - seconds(world.now)
  assert.deepEqual(rest, {
    token_type: 'Bearer',
    expires_in: lifetime,
    ...(inCookie ? {} : { refresh_token: refreshToken }),
    refresh_expires_in: seconds(session.expiresAt - world.now),
    sessionId: at(subject.sessions, expected.session).id,
    serverTime: iso(world.now),
    user: userBody(world, subject, expected.account, body.user.createdAt),
    message: body.message,
    ...(expected.refreshed ? { refreshed: expected.refreshed } : {}),
  })
  assert.ok(refreshAfter <= lifetime && refreshAfter >= Math.floor(lifetime * 0.5))
  keepRefreshToken(world, subject, expected, refreshToken)
  keepAccessToken(world, subject, expected, access_token)
}

function userBody(world: World, { userIds }: Subject, index: number, createdAt: string) {
  const { username, email, role } = at(world.accounts, index)
  return {
    id: at(userIds, index),
    username,
    email,
    name: null,
    locale: null,
    role,
    emailVerified: false,
    pendingEmail: null,
    secondFactor: false,
    createdAt,
  }
}

/** One generation has one token, however often it is handed out: there is never a second branch. */
function keepRefreshToken(
  world: World,
  subject: Subject,
  { session, refresh }: Opened,
  token: string,
): void {
  const model = at(world.refreshTokens, refresh)
  const { id, userId, restorations } = at(subject.sessions, session)
  const { sub, sid, gen, iat, exp } = claimsOf(token)
  assert.deepEqual(
    { sub, sid, gen, iat, exp },
    { sub: userId, sid: id, gen: model.generation, iat: model.iat, exp: model.exp },
  )
  const branch = `${session} ${model.generation} ${restorations}`
  assert.equal(subject.branches.get(branch) ?? token, token, 'a second branch')
  assert.equal(subject.refreshTokens[refresh] ?? token, token, 'another successor')
  subject.branches.set(branch, token)
  subject.refreshTokens[refresh] = token
}

function keepAccessToken(
  world: World,
  subject: Subject,
  { session, access }: Opened,
  token: string,
): void {
  const { generation, iat, exp, authTime, role } = at(world.accessTokens, access)
  const { id, userId } = at(subject.sessions, session)
  const { iss: _, aud: __, jti: ___, ...claims } = claimsOf(token)
  assert.deepEqual(claims, {
    client_id: 'latchkey',
    sub: userId,
    sid: id,
    gen: generation,
    iat,
    exp,
    auth_time: authTime,
    ...{ amr: ['pwd'], acr: 'aal1' },
    role,
  })
  subject.accessTokens[access] = token
}

function compareList(
  world: World,
  subject: Subject,
  response: LightMyRequestResponse,
  expected: Listed,
): void {
  const { items } = response.json<{ items: { id: string; lastUsedAt: string }[] }>()
  const wanted = expected.sessions.map((index) => {
    const { createdAt, rotatedAt, expiresAt, transport } = at(world.sessions, index)
    return {
      id: at(subject.sessions, index).id,
      current: index === expected.current,
      createdAt: iso(createdAt),
      lastUsedAt: iso(rotatedAt),
      expiresAt: iso(expiresAt),
      ip: '127.0.0.1',
      userAgent: 'lightMyRequest',
      transport,
    }
  })
  const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1)
  assert.deepEqual(items.toSorted(byId), wanted.toSorted(byId))
  const uses = items.map((item) => item.lastUsedAt)
  assert.deepEqual(uses, uses.toSorted().reverse(), 'last used first')
}

/** The answer of `GET /verify` or of `GET /me`. */
function compareSeen(
  world: World,
  subject: Subject,
  response: LightMyRequestResponse,
  expected: Seen,
): void {
  const body = response.json()
  if ('sub' in body) {
    const { session, authTime, exp, role } = at(world.accessTokens, expected.access)
    const { id: sid, userId: sub } = at(subject.sessions, session)
    const times = { authTime: iso(authTime * 1000), expiresAt: iso(exp * 1000) }
    assert.deepEqual(body, { sub, sid, role, amr: ['pwd'], acr: 'aal1', ...times })
    return
  }
  assert.deepEqual(body, userBody(world, subject, expected.account, body.createdAt))
}

function compareDone(response: LightMyRequestResponse, { status, ended }: Done): void {
  if (status === 204) {
    assert.equal(response.body, '')
    return
  }
  const message = { message: 'You are signed out.' }
  assert.deepEqual(response.json(), ended === undefined ? message : { ended })
}

/** Apart from the model: a session whose end was acknowledged lets nobody in again. */
export function refuseDead(
  world: World,
  subject: Subject,
  credential: Credential,
  response: LightMyRequestResponse,
): void {
  if (!subject.dead.has(sessionOf(world, credential))) return
  assert.ok(response.statusCode >= 400, `a dead session got ${response.statusCode}`)
}

/** At the end of a run: the rows of the database against the model. */
export async function compareRows(world: World, subject: Subject): Promise<void> {
  const db = subject.server.database.client
  const rows = await db.session.findMany({
    where: { id: { in: subject.sessions.map(({ id }) => id) } },
  })
  for (const [index, { id }] of subject.sessions.entries()) {
    const row = rows.find((found) => found.id === id)
    const session = at(world.sessions, index)
    if (!row && isLongOver(world, session)) continue
    assert.ok(row, `session ${index} has no row`)
    const { ip: _, userAgent: __, amr: ___, heldAt: ____, seenGeneration, ...facts } = row
    assert.deepEqual(facts, rowOf(world, subject, index))
    // A request that renews its session notes a generation that is spent by then; only the current
    // one counts.
    const isSeen = session.seen === session.generation
    if (!session.ended) assert.equal(seenGeneration === row.generation, isSeen)
  }
  await compareUsers(world, subject)
  await compareAudit(world, subject)
}

function rowOf(world: World, subject: Subject, index: number) {
  const session = at(world.sessions, index)
  const { id, userId } = at(subject.sessions, index)
  const { isDeleted } = at(world.accounts, session.account)
  return {
    id,
    userId: isDeleted ? null : userId,
    generation: session.generation,
    lowestLiving: session.lowestLiving,
    renewedAt: session.renewedAt === undefined ? null : new Date(session.renewedAt),
    rotatedAt: new Date(session.rotatedAt),
    rotationKeyHash: digest(session.key),
    createdAt: new Date(session.createdAt),
    expiresAt: new Date(session.expiresAt),
    endsAt: new Date(session.endsAt),
    revokedAt: session.ended ? new Date(session.endedAt) : null,
    revokedReason: session.ended ?? null,
    transport: session.transport,
    authTime: new Date(session.authTime),
  }
}

/** As the server keeps an `Idempotency-Key`. */
export function digest(key: string | null): string | null {
  return key === null ? null : createHash('sha256').update(key).digest('hex')
}

async function compareUsers(world: World, subject: Subject): Promise<void> {
  const rows = await subject.server.database.client.user.findMany({
    where: { id: { in: subject.userIds } },
    select: {
      id: true,
      username: true,
      email: true,
      role: true,
      credentialVersion: true,
      disabledAt: true,
    },
    orderBy: { id: 'asc' },
  })
  const facts = rows.map(({ disabledAt, ...row }) => ({ ...row, isDisabled: disabledAt !== null }))
  const wanted = world.accounts
    .map(({ isDeleted, password: _, ...account }, index) => {
      return { id: at(subject.userIds, index), isDeleted, ...account }
    })
    .filter(({ isDeleted }) => !isDeleted)
    .map(({ isDeleted: _, ...account }) => account)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
  assert.deepEqual(facts, wanted)
}

/** Every theft and every lost commit is on record for 90 days, and nothing else is called one. */
async function compareAudit(world: World, subject: Subject): Promise<void> {
  const ids = subject.sessions.map(({ id }) => id)
  for (const [type, times] of [
    ['refresh_token_reused', world.thefts],
    ['session_restored', world.restorations],
  ] as const) {
    await subject.server.services.audit.written()
    const found = await subject.server.database.client.auditEvent.count({
      where: { type, sessionId: { in: ids } },
    })
    const recent = times.filter((time) => time > world.now - 90 * DAY_MS).length
    assert.ok(found >= recent && found <= times.length, `${found} times ${type}, not ${recent}`)
  }
}
