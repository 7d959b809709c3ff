import assert from 'node:assert/strict'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { cookieOf, DEVICE_COOKIE, type Opened, ORIGIN, REFRESH_COOKIE } from './factories.ts'
import type { TestServer } from './helper.ts'

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** What a browser sends with a request of the own site. */
export const BROWSER = { origin: ORIGIN }

type Headers = Record<string, string>

/** `call(server, 'POST /login', { … })`: a request with a JSON body, or with none. */
export function call(
  server: TestServer,
  line: string,
  payload?: InjectOptions['payload'],
  headers: Headers = {},
): Promise<LightMyRequestResponse> {
  const [method, url = ''] = line.split(' ')
  const options = { method, url, headers } as InjectOptions
  return server.inject(payload === undefined ? options : { ...options, payload })
}

export function withCookie(value: string | undefined, headers: Headers = BROWSER) {
  return { cookie: `${REFRESH_COOKIE}=${value}`, ...headers }
}

type ExpectedUser = {
  id?: string
  username: string
  email: string
  name?: string | null
  locale?: string | null
  role?: string
  emailVerified?: boolean
  pendingEmail?: string | null
  secondFactor?: boolean
  createdAt?: string
}

type ExpectedSession = {
  status?: number
  user: ExpectedUser
  message: string
  sessionId?: string
  refreshed?: string
  expiresIn?: number
  refreshExpiresIn?: number
  transport?: 'body' | 'cookie'
}

/** What an account has that nobody has changed. */
const newAccount = {
  name: null,
  locale: null,
  role: 'user',
  emailVerified: false,
  pendingEmail: null,
  secondFactor: false,
}

/**
 * Compares a whole session answer with what is expected. Tokens, ids and the jittered
 * `refreshAfter` are looked at by shape.
 */
export function assertSession(
  server: TestServer,
  response: LightMyRequestResponse,
  expected: ExpectedSession,
): Opened {
  const { status = 200, user, message, refreshed, transport = 'body' } = expected
  const { expiresIn = 900, refreshExpiresIn = 2_592_000 } = expected
  assert.equal(response.statusCode, status, response.body)
  assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(response.headers['cache-control'], 'no-store')
  const body = response.json<Opened>()
  const now = new Date(server.clock()).toISOString()

  assert.match(body.access_token, JWT)
  assert.match(body.sessionId, UUID_V7)
  assert.match(body.user.id, UUID_V7)
  assert.ok(body.refreshAfter >= Math.floor(expiresIn * 0.5) && body.refreshAfter < expiresIn)
  assert.deepEqual(body, {
    access_token: body.access_token,
    token_type: 'Bearer',
    expires_in: expiresIn,
    ...(transport === 'cookie' ? {} : { refresh_token: body.refresh_token }),
    refresh_expires_in: refreshExpiresIn,
    refreshAfter: body.refreshAfter,
    sessionId: expected.sessionId ?? body.sessionId,
    serverTime: now,
    user: { ...newAccount, id: body.user.id, createdAt: now, ...shownOf(user) },
    message,
    ...(refreshed ? { refreshed } : {}),
  })
  assertRefreshTokenPlace(response, body, refreshExpiresIn, transport)
  return body
}

/** What an answer shows of somebody: the test may know more of him. */
function shownOf(user: ExpectedUser): Partial<ExpectedUser> {
  const names = [...Object.keys(newAccount), 'id', 'username', 'email', 'createdAt']
  return Object.fromEntries(Object.entries(user).filter(([name]) => names.includes(name)))
}

/** The refresh token is in the body or in the cookie, never in both, and nowhere else. */
function assertRefreshTokenPlace(
  response: LightMyRequestResponse,
  body: Opened,
  maxAge: number,
  transport: 'body' | 'cookie',
): void {
  const lines = [response.headers['set-cookie'] ?? []].flat()
  const refreshLines = lines.filter((line) => !line.startsWith(`${DEVICE_COOKIE}=`))
  if (transport === 'body') {
    assert.match(String(body.refresh_token), JWT)
    assert.deepEqual(refreshLines, [])
    return
  }
  const token = cookieOf(response)
  assert.match(String(token), JWT)
  assert.deepEqual(refreshLines, [refreshCookie(String(token), maxAge)])
  const { 'set-cookie': _cookie, ...headers } = response.headers
  assert.ok(!JSON.stringify([headers, response.body]).includes(String(token)))
}

/** The whole Set-Cookie line of a server at http://localhost, which the contract fixes. */
export function refreshCookie(token: string, maxAge: number): string {
  return `${REFRESH_COOKIE}=${token}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Strict`
}

/** The audit entries so far, oldest first, without ids and times. */
export async function auditEntries(server: TestServer) {
  await server.services.audit.written()
  const rows = await server.database.client.auditEvent.findMany({ orderBy: { id: 'asc' } })
  return rows.map(({ type, userId, sessionId, detail }) => ({ type, userId, sessionId, detail }))
}

/** The types of the audit entries so far, in the order of the alphabet. */
export async function auditTypes(server: TestServer): Promise<string[]> {
  return (await auditEntries(server)).map(({ type }) => type).sort()
}

/** Fails when the log holds any of the texts: passwords and tokens never reach a log line. */
export function assertNotLogged(server: TestServer, secrets: (string | undefined)[]): void {
  const log = JSON.stringify(server.logs)
  assert.ok(server.logs.length > 0)
  for (const [index, secret] of secrets.entries()) {
    assert.ok(secret, `secret number ${index} is empty`)
    assert.ok(!log.includes(secret), `secret number ${index} is in the log`)
  }
}

/** What the jobs send that look for work beside every test, and write what nobody waits for. */
const OF_JOBS =
  /ORDER BY \S*(?:revokedAt|renewedAt|roleChangedAt|deletionDueAt|dueAt)|FROM \S*SigningKey|Audit(?:Event|Day)|(?:UPDATE|DELETE FROM) Mail|SELECT id, email FROM User/

/** The statements so far that requests have waited for. */
export function statementsOf({ queries, values }: TestServer): string[] {
  const isOfJob = (sql: string | undefined) => sql !== undefined && OF_JOBS.test(sql)
  // What begins and what ends a transaction have one list of values.
  const brackets = new Set(
    values.filter((_, at) => queries[at] === 'BEGIN' && isOfJob(queries[at + 1])),
  )
  return queries.filter((sql, at) => !isOfJob(sql) && !brackets.has(values[at] ?? []))
}

/** The user's live sessions as `GET /sessions` lists them. */
export async function liveSessions(server: TestServer, accessToken: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const response = await call(server, 'GET /sessions', undefined, headers)
  assert.equal(response.statusCode, 200, response.body)
  return response.json<{ items: { id: string }[] }>().items.map(({ id }) => id)
}
