// runs once
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { UserId } from '../../src/platform/ids.ts'
import { leave } from '../support/budgets.ts'
import {
  bearer,
  PASSWORD,
  type Person,
  REFRESH_COOKIE,
  refresh,
  signedIn,
  signedUp,
} from '../support/factories.ts'
import { personWithApp, signedInByApp } from '../support/factors.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { aPicture, formWith } from '../support/pictures.ts'
import {
  codesOf,
  type Document,
  fileDocument,
  firstExample,
  operationsIn,
  PROBLEM_TYPE,
} from '../support/reference.ts'
import { assertSameLines } from '../support/same-lines.ts'
import { askOfWaysIn, challengeTo, stateOfProvider } from '../support/ways-in.ts'

const NOBODY = '01a1f86a-2caa-7c5d-a3b2-5a1f6c0d9e42'
/** Errors that no single request causes, but time, load or failures of the server. */
const SOMETIMES = ['request_timeout', 'rate_limited', 'internal', 'overloaded', 'unavailable']

/** What only settings and purposes cause that are off here, or that belong to a session. */
const OF_OTHER_PURPOSES: Record<string, string[]> = {
  'POST /register': ['registration_closed'],
  'GET /admin/users': ['not_found'],
  'POST /admin/users': ['not_found'],
  'GET /admin/events': ['not_found'],
  'GET /admin/summary': ['not_found'],
  // Whoever deletes is another one, unless two administrators do so at once.
  'DELETE /admin/users/{id}': ['last_admin'],
  // Only where the last way in goes of the last administrator.
  'DELETE /admin/users/{id}/identities/{identityId}': ['last_admin'],
  'POST /login': ['verification_required'],
  'POST /challenges': ['csrf_rejected', 'not_found', 'provider_unavailable'],
  'POST /challenges/answer': [
    ...['csrf_rejected', 'unauthenticated', 'limit_reached', 'registration_closed'],
    ...['second_factor_required', 'verification_required', 'step_up_required'],
    ...['email_unverified', 'identity_taken', 'username_taken'],
  ],
}

type Ask = (
  line: string,
  options?: InjectOptions,
  ids?: string[],
) => Promise<LightMyRequestResponse>

/** A server, its document, and what it has answered so far. */
async function observed(t: TestContext) {
  const server = await startServer(t)
  const document = fileDocument()
  const seen = new Map<string, Set<string>>()

  /** Sends a request to an operation, with ids in the place of its parameters. */
  async function ask(line: string, options: InjectOptions = {}, ids: string[] = []) {
    const [method, path = ''] = line.split(' ')
    const left = [...ids]
    const other = path.startsWith('/oidc/') ? 'google' : NOBODY
    const address = path.replaceAll(/\{\w+\}/g, () => left.shift() ?? other)
    const { url = '', ...rest } = options
    const answer = await server.inject({ ...rest, method: method as 'GET', url: address + url })
    const type = String(answer.headers['content-type'])
    if (type.startsWith(PROBLEM_TYPE)) {
      seen.set(line, (seen.get(line) ?? new Set()).add(answer.json().code))
    }
    return answer
  }
  return { server, document, seen, ask }
}

const isProtected = (security: object[]) =>
  security.length === 1 && security.some((scheme) => 'bearer' in scheme)

/** Requests that every operation refuses by itself, whatever it does. */
function oddRequests(headers: Record<string, string>, method: string): InjectOptions[] {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, '1']))
  return [
    { headers: { ...headers, host: ['a', 'b'] as unknown as string } },
    { headers, url: `?a=${'x'.repeat(9000)}` },
    { headers: { ...headers, ...many } },
    { headers: { ...headers, accept: 'audio/ogg' } },
    ...(method === 'GET' ? [{ headers, url: '?nothing=1' }] : oddBodies(headers)),
  ]
}

function oddBodies(headers: Record<string, string>): InjectOptions[] {
  const json = { ...headers, 'content-type': 'application/json' }
  return [
    { headers: json, payload: JSON.stringify({ text: 'x'.repeat(70_000) }) },
    { headers: json, payload: '{"nothing":1}' },
    { headers: { ...json, 'content-encoding': 'gzip' }, payload: '{}' },
  ]
}

/** What is refused for its token alone. */
function badTokens(tokens: string[]): InjectOptions[] {
  return [{}, ...['forged', ...tokens].map((token) => ({ headers: bearer(token) }))]
}

/** No end of the account and of the session, which the others need. */
function headersFor(line: string, token: string, ofAdmin: string): Record<string, string> {
  if (line === 'POST /logout') return {}
  return bearer(line.includes(' /admin/') ? ofAdmin : token)
}

async function askOddly(t: TestContext) {
  const observation = await observed(t)
  const { server, document, ask } = observation
  const person = await signedUp(server)
  const expired = person.access_token
  server.clock.advance(1000)
  const ended = await signedIn(server, person)
  await ask('POST /logout', { headers: bearer(ended.access_token) })
  const { access_token: token } = await signedIn(server, person)
  const admin = await newAdmin(server)

  for (const { line, method, operation } of operationsIn(document)) {
    const headers = headersFor(line, token, admin.access_token)
    for (const request of oddRequests(headers, method)) await ask(line, request)
    if (!isProtected(operation.security)) continue
    for (const request of badTokens([expired, ended.access_token])) await ask(line, request)
  }
  const payload = { purpose: 'verify_email' }
  for (const request of badTokens([expired, ended.access_token])) {
    await ask('POST /challenges', { ...request, payload })
  }
  return { ...observation, token, admin }
}

async function askOfAccounts(ask: Ask, names: { username: string; email: string }, token: string) {
  const headers = bearer(token)
  const fresh = { username: 'somebody', email: 'somebody@example.com', password: PASSWORD }
  const wrong = { currentPassword: 'not the one' }
  const cookie = { cookie: `${REFRESH_COOKIE}=x.y.z` }
  for (const [line, payload] of [
    ['POST /register', { ...fresh, password: 'password' }],
    ['POST /register', { ...fresh, transport: 'cookie' }],
    ['POST /register', { ...fresh, username: names.username }],
    ['POST /register', { ...fresh, email: names.email }],
    ['POST /login', { username: names.username, password: 'not the one' }],
    ['POST /login', { username: names.username, password: PASSWORD, transport: 'cookie' }],
    ['POST /refresh', {}],
    ['POST /refresh', { refresh_token: 'forged' }],
  ] as const) {
    await ask(line, { payload })
  }
  await ask('POST /refresh', { headers: cookie })
  await ask('POST /logout', { headers: cookie })
  await ask('PATCH /me', { headers, payload: { username: 'another', ...wrong } })
  const right = { currentPassword: PASSWORD }
  await ask('PATCH /me', { headers, payload: { username: names.username, ...right } })
  await ask('PATCH /me', { headers, payload: { email: names.email, ...right } })
  await ask('DELETE /me', { headers, payload: wrong })
  const weak = { ...right, newPassword: 'password1' }
  await ask('PUT /password', { headers, payload: weak })
  await ask('PUT /password', { headers, payload: { ...weak, ...wrong, newPassword: 'fine words' } })
}

async function askOfChallenges(server: TestServer, ask: Ask, address: string, id: UserId) {
  const challenge = challengeTo(server, 'undo_email', address, id)
  const code = server.services.challenges.codeOf(challenge)
  const answer = { challenge, method: 'mail_code', code, newPassword: 'a quite different sentence' }
  for (const change of [{}, { code: '0' }, { newPassword: 'password1' }, { challenge: 'forged' }]) {
    await ask('POST /challenges/answer', { payload: { ...answer, ...change } })
  }
  await ask('POST /challenges/send', { payload: { challenge: 'forged' } })
}

/** Of somebody with a second factor, and of somebody without one. */
async function askOfFactors(server: TestServer, ask: Ask, token: string) {
  const none = { headers: bearer(token) }
  const person = await personWithApp(server)
  const [stale, right] = [{ headers: bearer(person.access_token) }, { currentPassword: PASSWORD }]
  const newPassword = 'a quite different sentence'
  await ask('POST /login', { payload: { username: person.username, password: PASSWORD } })
  await ask('PATCH /factors/{id}', { ...none, payload: { name: 'x' } })
  for (const kind of ['factors', 'identities']) await ask(`DELETE /${kind}/{id}`, stale)
  await ask('POST /factors/recovery-codes', none)
  await ask('POST /factors/recovery-codes', stale)
  await ask('GET /me/export', stale)
  await ask('PATCH /me', { ...none, payload: { secondFactor: true } })
  await ask('PATCH /me', { ...stale, payload: { username: 'another', ...right } })
  await ask('PUT /password', { ...stale, payload: { ...right, newPassword } })
  await ask('DELETE /me', { ...stale, payload: right })
  const payload = { purpose: 'add_totp' }
  await ask('POST /challenges', { ...stale, payload })
  const where = { id: person.user.id }
  await server.database.client.user.update({ where, data: { emailVerified: true } })
  const { access_token } = (await signedInByApp(server, person)).json()
  await ask('POST /challenges', { headers: bearer(access_token), payload })
}

async function askOfHouses(ask: Ask, mine: string, owner: string, house: string, photo: string) {
  const payload = { projectNo: 'A-1', projectName: 'Sea View' }
  const [own, foreign] = [bearer(owner), bearer(mine)]
  const picture = formWith(await aPicture())
  const upload = (headers: object) => ({ ...picture, headers: { ...picture.headers, ...headers } })
  const keyed = { ...own, 'idempotency-key': 'once' }
  await ask('POST /houses', { headers: own, payload })
  await ask('POST /houses', { headers: keyed, payload: { ...payload, projectNo: 'A-2' } })
  await ask('POST /houses', { headers: keyed, payload: { ...payload, projectNo: 'A-3' } })
  for (const line of ['PUT /houses/{id}', 'PATCH /houses/{id}', 'DELETE /houses/{id}']) {
    const body = line.startsWith('DELETE') ? {} : { payload }
    await ask(line, { headers: foreign, ...body })
    await ask(line, { headers: foreign, ...body }, [house])
    await ask(line, { headers: { ...own, 'if-match': '"9"' }, ...body }, [house])
    if (body.payload) {
      await ask(line, { headers: own, payload: { ...payload, projectNo: 'A-2' } }, [house])
    }
  }
  for (const line of ['GET /houses/{id}', 'GET /houses/{id}/photos'])
    await ask(line, { headers: own })
  await ask('GET /houses/{id}/photos/{photoId}', { headers: own }, [house])
  const odd = { headers: { ...own, 'if-none-match': 'x' } }
  await ask('GET /houses/{id}', odd)
  await ask('GET /houses/{id}/photos/{photoId}', odd)
  await ask('POST /houses/{id}/photos', { headers: own }, [house])
  await ask('DELETE /houses/{id}/photos/{photoId}', { headers: own }, [house])
  await ask('DELETE /houses/{id}/photos/{photoId}', { headers: foreign }, [house, photo])
  await ask('POST /houses/{id}/photos', upload(own))
  await ask('POST /houses/{id}/photos', upload(foreign), [house])
  await ask('POST /houses/{id}/photos', upload(own), [house])
  const large = formWith(Buffer.alloc(6_000_000))
  await ask('POST /houses/{id}/photos', { ...large, headers: { ...large.headers, ...own } }, [
    house,
  ])
}

async function askOfNotes(ask: Ask, owner: string) {
  const own = bearer(owner)
  const payload = { title: 'Keys' }
  const keyed = { ...own, 'idempotency-key': 'once' }
  const { id } = (await ask('POST /notes', { headers: keyed, payload })).json<{ id: string }>()
  await ask('POST /notes', { headers: keyed, payload: { title: 'x' } })
  for (const line of ['PUT /notes/{id}', 'PATCH /notes/{id}', 'DELETE /notes/{id}']) {
    const body = line.startsWith('DELETE') ? {} : { payload }
    await ask(line, { headers: own, ...body })
    await ask(line, { headers: { ...own, 'if-match': '"9"' }, ...body }, [id])
  }
  await ask('GET /notes/{id}', { headers: own })
  await ask('GET /notes/{id}', { headers: { ...own, 'if-none-match': 'x' } })
}

/** Of a user, of the only administrator, and of one whose second factor was not asked for. */
async function askOfAdministration(
  { server, ask, token, admin }: Awaited<ReturnType<typeof askOddly>>,
  taken: Person,
) {
  const own = { headers: bearer(admin.access_token) }
  const one = [admin.user.id]
  const remove = { payload: { currentPassword: PASSWORD } }
  await ask('DELETE /me', { ...own, ...remove })
  await ask('PATCH /admin/users/{id}', { ...own, payload: { disabled: true } }, one)
  await ask('PATCH /admin/users/{id}', { ...own, payload: { email: taken.email } }, one)
  const stale = { headers: { ...own.headers, 'if-match': '"9"' } }
  await ask('PATCH /admin/users/{id}', { ...stale, payload: { name: 'x' } }, one)
  await ask('DELETE /admin/users/{id}', stale, one)
  const fresh = { username: 'nobody-yet', email: 'nobody@example.com', password: PASSWORD }
  const { username, email } = taken
  for (const change of [{ username }, { email }, { password: 'password' }]) {
    await ask('POST /admin/users', { ...own, payload: { ...fresh, ...change } })
  }
  const other = await personWithApp(server)
  await operator(server).changeRole(other.username, 'admin')
  const { access_token } = (await refresh(server, other.refresh_token)).json()
  const lines = operationsIn(fileDocument()).map(({ line }) => line)
  for (const line of lines.filter((one) => one.includes(' /admin/'))) {
    const body = line === 'POST /admin/users' ? { payload: fresh } : {}
    const payload = line.startsWith('PATCH') ? { payload: { name: 'x' } } : body
    for (const bearerOf of [token, admin.access_token, access_token]) {
      await ask(line, { headers: bearer(bearerOf), ...payload })
    }
  }
}

/** The errors that a document has for each operation, without those of any time. */
function documented(document: Document): Record<string, string[]> {
  const lines = operationsIn(document).map(({ line, operation }) => {
    const codes = Object.values(operation.responses).flatMap(codesOf)
    const never = [...SOMETIMES, ...(OF_OTHER_PURPOSES[line] ?? [])]
    return [line, codes.filter((code) => !never.includes(code)).sort()]
  })
  return Object.fromEntries(lines)
}

test('every operation answers with each error that it documents, and with no other', async (t) => {
  const odd = await askOddly(t)
  const { server, document, seen, ask, token } = odd
  const owner = await signedUp(server)
  const own = bearer(owner.access_token)
  const house = { projectNo: 'A-1', projectName: 'Sea View' }
  const { id } = (await ask('POST /houses', { headers: own, payload: house })).json()
  const picture = formWith(await aPicture())
  const form = { ...picture, headers: { ...picture.headers, ...own } }
  const photo = (await ask('POST /houses/{id}/photos', form, [id])).json().id
  await server.database.client.house.update({ where: { id }, data: { photoCount: 20 } })
  const cookie = await signedUp(server, { transport: 'cookie' })

  await askOfAccounts(ask, owner, token)
  await askOfNotes(ask, owner.access_token)
  await askOfWaysIn(server, ask)
  await askOfFactors(server, ask, owner.access_token)
  const other = await signedUp(server)
  await askOfChallenges(server, ask, owner.email, other.user.id as UserId)
  await askOfHouses(ask, token, owner.access_token, id, photo)
  await askOfAdministration(odd, owner)
  const passwords = { currentPassword: PASSWORD, newPassword: 'a quite different sentence' }
  await ask('PUT /password', { headers: bearer(cookie.access_token), payload: passwords })
  await ask('DELETE /sessions/{id}', { headers: own })
  await server.database.client.user.updateMany({
    data: { houseCount: 10_000, noteCount: 10_000 },
  })
  await ask('POST /notes', { headers: own, payload: { title: 'x' } })
  await ask('POST /houses', { headers: own, payload: { ...house, projectNo: 'A-4' } })
  await ask('GET /problems/{code}', {}, ['nope'])
  await ask('POST /oidc/{provider}/callback', { payload: { state: 1 } })
  for (const method of ['GET', 'POST']) await ask(`${method} /oidc/{provider}/callback`, {}, ['NO'])
  await ask('GET /outbox', { headers: { 'x-forwarded-for': '192.0.2.1' } })
  await ask('POST /logout', { headers: own })
  await ask('POST /refresh', { payload: { refresh_token: owner.refresh_token } })

  const answered = [...seen].flatMap(([line, codes]) => [...codes].map((code) => `${line} ${code}`))
  const known = Object.entries(documented(document)).flatMap(([line, codes]) =>
    codes.map((code) => `${line} ${code}`),
  )
  const advice = 'This test causes every error: add requests of your resource, as `askOfNotes` has'
  assertSameLines(answered, known, advice)
})

test('what any request can meet is documented for every operation', () => {
  for (const { line, operation } of operationsIn(fileDocument())) {
    const codes = Object.values(operation.responses).flatMap(codesOf)
    for (const code of ['request_timeout', 'internal', 'overloaded']) {
      assert.ok(codes.includes(code), `${line} ${code}`)
    }
  }
})

test('a used up budget stops exactly the operations that document rate_limited', async (t) => {
  const { server, document, ask } = await observed(t)
  await leave(0, server, 'address', '127.0.0.1')
  await leave(0, server, 'bad_token', '127.0.0.1')

  for (const { line, operation } of operationsIn(document)) {
    const answer = await ask(line, line === 'GET /verify' ? { headers: bearer('bad') } : {})

    const isLimited = codesOf(operation.responses['429']).includes('rate_limited')
    assert.equal(answer.statusCode === 429, isLimited, line)
  }
})

test('without its database the server refuses exactly the operations that document unavailable', async (t) => {
  const { server, document, ask } = await observed(t)
  const person = await newAdmin(server)
  const headers = bearer(person.access_token)
  const { id } = person.user
  const challenge = challengeTo(server, 'verify_email', person.email, id as UserId)
  await server.database.close()
  const callback = '/oidc/{provider}/callback'
  const back = `?state=${stateOfProvider(server)}`
  const token = { refresh_token: person.refresh_token }
  // A passkey alone is asked for without the database.
  const reset = { purpose: 'reset_password', login: person.username }
  const others: Record<string, InjectOptions> = {
    'POST /refresh': { payload: token },
    'POST /challenges': { payload: reset },
    [`GET ${callback}`]: { url: back },
    [`POST ${callback}`]: { payload: { state: back.slice(7) } },
  }

  for (const { line, operation } of operationsIn(document)) {
    const example = firstExample(operation.requestBody?.content['application/json'])
    const genuine = example && 'challenge' in example ? { ...example, challenge } : example
    const own = others[line] ?? (genuine ? { payload: genuine } : {})
    const answer = await ask(line, { headers, ...own })

    const isProblem = String(answer.headers['content-type']).startsWith(PROBLEM_TYPE)
    const isUnavailable = isProblem && answer.json().code === 'unavailable'
    const expected = codesOf(operation.responses['503']).includes('unavailable')
    assert.equal(isUnavailable, expected, `${line} ${answer.statusCode}`)
  }
})
