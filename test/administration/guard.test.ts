// Who gets below /admin: by role, by a recent proof, by network, and never by a cookie. The routes
// are those of the router, so a new one is tried by itself.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { newAccount } from '../support/administration.ts'
import { statementsOf } from '../support/answers.ts'
import { bearer, ORIGIN, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { newAdmin } from '../support/houses.ts'
import { operator } from '../support/operator.ts'
import { assertProblem, visible } from '../support/problems.ts'
import { routesOf } from '../support/routes.ts'

const env = { EMAIL_VERIFICATION: 'off', RATE_LIMITS: 'off' }

type Ask = (route: string, more?: Partial<InjectOptions>) => Promise<LightMyRequestResponse>

/** The routes below /admin but the files of the page, and a good request to each of them. */
async function everyRoute(server: TestServer): Promise<{ routes: string[]; ask: Ask }> {
  const routes = routesOf(server).filter((route) => / \/admin\/(?!assets\/)/.test(route))
  const { id } = await newAccount(server)
  const ask: Ask = (route, more = {}) => {
    const [method, path = ''] = route.split(' ')
    const url = path.replaceAll(/\{\w+\}/g, id)
    const payload = bodyOf(route)
    return server.inject({ method: method as 'GET', url, ...(payload && { payload }), ...more })
  }
  return { routes, ask }
}

function bodyOf(route: string) {
  if (route.startsWith('PATCH')) return { name: 'Ada' }
  if (route !== 'POST /admin/users') return undefined
  return { username: uniqueName(), email: `${uniqueName()}@example.com`, password: PASSWORD }
}

const isWrite = (route: string) => !route.startsWith('GET ')

test('each route asks for the role, and each that writes for a recent proof, too', async (t) => {
  const server = await startServer(t, { env })
  const admin = await newAdmin(server)
  const user = await signedUp(server)
  const { routes, ask } = await everyRoute(server)
  const seen: Record<string, string[]> = {}

  server.clock.advance(700)
  for (const route of routes) {
    const answers = [
      await ask(route),
      await ask(route, { headers: bearer(user.access_token) }),
      await ask(route, { headers: bearer(admin.access_token) }),
    ]
    seen[route] = answers.map(({ statusCode, body }) =>
      statusCode < 400 ? String(statusCode) : JSON.parse(body).code,
    )
  }

  assert.ok(routes.length >= 13)
  const expected = routes.map((route) => {
    const last = isWrite(route) ? 'step_up_required' : '200'
    return [route, ['unauthenticated', 'forbidden', last]]
  })
  assert.deepEqual(seen, Object.fromEntries(expected))
})

test('no cookie opens a route, from any origin and with any content type', async (t) => {
  const server = await startServer(t, { env })
  const person = await signedUp(server, { transport: 'cookie' })
  await operator(server).changeRole(person.username, 'admin')
  const { routes, ask } = await everyRoute(server)
  const cookie = `latchkey-refresh=${person.cookie}`

  for (const route of routes) {
    for (const origin of [ORIGIN, 'https://evil.example', 'null']) {
      const type = { 'content-type': 'text/plain' }
      const headers = { cookie, origin, 'sec-fetch-site': 'cross-site', ...type }
      const answer = await ask(route, isWrite(route) ? { headers, payload: '{}' } : { headers })
      assertProblem(answer, 'unauthenticated')
    }
  }
})

test('an administrator demoted on another server writes nothing with the token of before', async (t) => {
  const server = await startServer(t, { env })
  const [admin, other] = [await newAdmin(server), await newAdmin(server)]
  const { routes, ask } = await everyRoute(server)
  // As another server does it, so that this one has not heard of it.
  const where = { id: admin.user.id }
  await server.database.client.user.update({ where, data: { role: 'user' } })

  for (const route of routes.filter(isWrite)) {
    assertProblem(await ask(route, { headers: bearer(admin.access_token) }), 'token_expired')
  }
  const [write = ''] = routes.filter(isWrite)
  assert.ok((await ask(write, { headers: bearer(other.access_token) })).statusCode < 300)
})

const ODD = [
  ...['/admin', '/admin/', '/admin?x', '/admin/nothing', '/admin/users/x/y/z', '/%61dmin/users'],
  ...['/admin%2Fusers', '/admin/users?size=x', '/admin/users#x', '//admin/users'],
]

/** Everything below /admin, and addresses that a router might read as such. */
async function hiddenRequests(server: TestServer, token: string): Promise<InjectOptions[]> {
  const { routes } = await everyRoute(server)
  const paths = [...new Set(routes.map((route) => String(route.split(' ')[1])))]
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
  return [...paths, ...ODD].flatMap((url) =>
    methods.map((method) => ({ method, url, headers: bearer(token) })),
  )
}

const outside = { remoteAddress: '192.0.2.9' }

test('outside ADMIN_NETWORKS nothing below /admin is there, by any method and spelling', async (t) => {
  const networks = '10.0.0.0/8,127.0.0.1,2001:db8::/32'
  const server = await startServer(t, { env: { ...env, ADMIN_NETWORKS: networks } })
  const admin = await newAdmin(server)

  for (const request of await hiddenRequests(server, admin.access_token)) {
    const { method, headers } = request
    const unknown = { method, headers, url: '/nothing' } as InjectOptions
    const [hidden, missing] = [
      await server.inject({ ...request, ...outside }),
      await server.inject({ ...unknown, ...outside }),
    ]
    assert.deepEqual(visible(hidden), visible(missing), `${method} ${request.url}`)
  }
  for (const remoteAddress of ['127.0.0.1', '10.9.8.7', '::ffff:10.9.8.7', '2001:db8::7']) {
    const request = { url: '/admin/users', headers: bearer(admin.access_token), remoteAddress }
    assert.equal((await server.inject(request)).statusCode, 200, remoteAddress)
  }
  for (const remoteAddress of ['11.0.0.1', '2001:db9::1', '::1', '127.0.0.2']) {
    const request = { url: '/admin/users', headers: bearer(admin.access_token), remoteAddress }
    assertProblem(await server.inject(request), 'not_found')
  }
})

test('behind a proxy the address that it names counts, and no address that a client names', async (t) => {
  const settings = { ...env, ADMIN_NETWORKS: '10.0.0.0/8', TRUST_PROXY: '127.0.0.1' }
  const server = await startServer(t, { env: settings })
  const admin = await newAdmin(server)
  const from = (remoteAddress: string, forwarded: string) =>
    server.inject({
      ...{ url: '/admin/users', remoteAddress },
      headers: { ...bearer(admin.access_token), 'x-forwarded-for': forwarded },
    })

  assert.equal((await from('127.0.0.1', '10.1.1.1')).statusCode, 200)
  assertProblem(await from('127.0.0.1', '192.0.2.9'), 'not_found')
  assertProblem(await from('127.0.0.1', '10.1.1.1, 192.0.2.9'), 'not_found')
  assertProblem(await from('192.0.2.9', '10.1.1.1'), 'not_found')
})

async function closed(t: TestContext, registration: string, more: Record<string, string> = {}) {
  return startServer(t, { env: { ...env, REGISTRATION: registration, ...more } })
}

for (const registration of ['invite', 'closed']) {
  test(`with REGISTRATION=${registration} nobody registers, and administrators make accounts`, async (t) => {
    const server = await closed(t, registration)
    const person = { username: 'ada', email: 'ada@example.com', password: PASSWORD }
    await server.services.administration.create({ ...person, role: 'admin' }, { actorId: null })
    const before = statementsOf(server).length
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const fields = new URLSearchParams({ ...person, username: 'bob' }).toString()

    for (const request of [
      { payload: { ...person, username: 'bob' } },
      { payload: person },
      { payload: { ...person, username: 'bob', transport: 'cookie' }, headers: { origin: ORIGIN } },
      { payload: fields, headers: form },
      { payload: { nonsense: true } },
    ] as InjectOptions[]) {
      const answer = await server.inject({ ...request, method: 'POST', url: '/register' })
      assertProblem(answer, 'registration_closed')
      assert.deepEqual(answer.cookies, [])
    }

    assert.equal(statementsOf(server).length, before)
    const login = { username: 'ada', password: PASSWORD }
    const signedIn = await server.inject({ method: 'POST', url: '/login', payload: login })
    const { access_token } = signedIn.json()
    const guest = { username: 'guest', email: 'guest@example.com' }
    const invited = await server.inject({
      ...{ method: 'POST', url: '/admin/users', payload: guest, headers: bearer(access_token) },
    })
    assert.equal(invited.statusCode, 201, invited.body)
  })
}

test('a closed registration is closed where addresses are verified first, too', async (t) => {
  const server = await closed(t, 'invite', { EMAIL_VERIFICATION: 'required' })
  const payload = { username: 'ada', email: 'ada@example.com', password: PASSWORD }

  const answer = await server.inject({ method: 'POST', url: '/register', payload })

  assertProblem(answer, 'registration_closed')
  assert.equal(await server.database.client.mail.count(), 0)
})
