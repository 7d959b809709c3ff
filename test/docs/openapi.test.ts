// runs once
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { Compile } from 'typebox/schema'
import { parse } from 'yaml'
import {
  type Caller,
  lifeOfAdministration,
  lifeOfChallenge,
  lifeOfFactors,
  lifeOfPhoto,
  lifeOfProviders,
} from '../support/document-life.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { newAdmin } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'
import {
  codesOf,
  type Document,
  documentOf,
  fileText,
  firstExample,
  operationsIn,
  PROBLEM_TYPE,
} from '../support/reference.ts'
import { routesOf } from '../support/routes.ts'
import { assertSameLines } from '../support/same-lines.ts'

const linesOf = (document: Document) =>
  operationsIn(document)
    .map(({ line }) => line)
    .sort()

const isHidden = (route: string) => route === 'GET /' || /^GET \/(docs|admin\/assets)/.test(route)

test('openapi.yaml in the repository is what the server answers (npm run openapi)', async (t) => {
  const { inject } = await startServer(t)

  const yaml = await inject({ url: '/openapi.yaml' })
  const json = await inject({ url: '/openapi.json' })

  assert.equal(yaml.body, fileText())
  assert.equal(yaml.headers['content-type'], 'application/yaml; charset=utf-8')
  assert.deepEqual(json.json(), parse(yaml.body))
  assert.equal(json.headers['content-type'], 'application/json; charset=utf-8')
})

test('the document has every route of the server and no other', async (t) => {
  const server = await startServer(t)

  const operations = linesOf(await documentOf(server))

  assert.deepEqual(
    operations,
    routesOf(server).filter((route) => !isHidden(route)),
  )
  assert.ok(operations.includes('DELETE /sessions/{id}'))
})

test('the document names the address and the version of the server', async (t) => {
  const server = await startServer(t, { env: { PUBLIC_URL: 'https://id.example.com' } })
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )

  const { servers, info } = await documentOf(server)

  assert.deepEqual(servers, [{ url: 'https://id.example.com', description: 'This server' }])
  assert.equal(info.version, version)
})

test('every operation documents its callers and its responses', async (t) => {
  const document = await documentOf(await startServer(t))

  for (const { line, operation } of operationsIn(document)) {
    const { security, responses } = operation
    assert.ok(Array.isArray(security), line)
    assert.ok(
      Object.keys(responses).some((status) => /^[23]/.test(status)),
      line,
    )
    const problem = responses['400']?.content?.[PROBLEM_TYPE]?.schema
    assert.deepEqual(problem, document.components.schemas.Problem, line)
  }
})

test('operations that end the account or the session of a run come last in the document', async (t) => {
  const document = await documentOf(await startServer(t))
  const lines = operationsIn(document).map(({ line }) => line)

  const last = ['PUT /password', 'POST /logout', 'GET /me', 'PATCH /me', 'DELETE /me']
  assert.deepEqual(lines.slice(-last.length), last)
  // The account that the README makes has this password, and whoever sends all examples keeps it.
  for (const [path, method] of [['/me', 'delete'] as const, ['/password', 'put'] as const]) {
    const content = document.paths[path]?.[method]?.requestBody?.content
    const { currentPassword } = firstExample(content?.['application/json']) ?? {}
    assert.ok(currentPassword)
    assert.notEqual(currentPassword, PASSWORD)
  }
})

/** `/factors/recovery-codes` is also an address of `/factors/{id}`. */
function methodsAt(paths: Record<string, object>, path: string): Set<string> {
  const isAlso = (template: string) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/{}]+')}$`).test(path)
  const found = Object.entries(paths).filter(([one]) => one === path || isAlso(one))
  const methods = found.flatMap(([, operations]) => Object.keys(operations))
  return new Set(methods.map((method) => method.toUpperCase()))
}

test('an address answers 405 to each method that the document does not have for it', async (t) => {
  const server = await startServer(t)
  const { paths } = await documentOf(server)

  for (const path of Object.keys(paths)) {
    // Every method is served there.
    if (path === '/verify') continue
    const has = methodsAt(paths, path)
    // A HEAD would use the callback of a provider up.
    if (has.has('GET') && !path.startsWith('/oidc/')) has.add('HEAD')
    const all = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
    const allow = all.filter((method) => has.has(method)).join(', ')
    const url = path.replaceAll(/\{\w+\}/g, 'x')
    for (const method of all.filter((one) => one !== 'HEAD' && !has.has(one))) {
      assertProblem(await server.inject({ method, url }), 'method_not_allowed', {
        headers: { allow },
      })
    }
  }
})

test('an address answers 406 where Accept excludes what the document has for it', async (t) => {
  const server = await startServer(t)
  const { paths } = await documentOf(server)
  const { access_token: token } = await newAdmin(server)

  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const answer = await server.inject({
        method: method.toUpperCase() as 'GET',
        url: path.replaceAll(/\{\w+\}/g, 'x'),
        headers: { ...bearer(token), accept: 'audio/ogg' },
      })

      const success = Object.entries(responses).find(([status]) => status.startsWith('2'))
      const types = Object.keys(success?.[1].content ?? {})
      // Gateways send their client's Accept to /verify, so it takes any.
      if (types.length > 0 && path !== '/verify')
        assert.equal(answer.json().code, 'not_acceptable', `${method} ${path}`)
    }
  }
})

/** Asserts that the document knows the answer, and that its body fits the schema. */
function assertDocumented(document: Document, route: string, answer: LightMyRequestResponse): void {
  const [method = '', path = ''] = route.split(' ')
  const responses = document.paths[path]?.[method.toLowerCase()]?.responses
  const response = responses?.[String(answer.statusCode)]
  assert.ok(response, `${route} answers ${answer.statusCode} as documented: ${answer.body}`)
  if (answer.body === '') {
    assert.equal(response.content, undefined, route)
    return
  }
  const type = String(answer.headers['content-type']).split(';', 1)[0] ?? ''
  const schema = response.content?.[type]?.schema
  assert.ok(schema, `${route} answers ${answer.statusCode} with ${type} as documented`)
  if (!type.includes('json')) return
  const body = answer.json()
  if (type === PROBLEM_TYPE)
    assert.ok(codesOf(response).includes(body.code), `${route} ${body.code}`)
  const [isFit, errors] = Compile(schema).Errors(body)
  assert.ok(isFit, `${route} ${answer.statusCode}: ${JSON.stringify(errors)} in ${answer.body}`)
}

/** One life of a house, and a failure of most operations. */
async function lifeOfHouse(call: Caller, headers: Record<string, string>): Promise<void> {
  const payload = { projectNo: 'A-1', projectName: 'Sea View' }
  const { id } = (await call('POST /houses', { headers, payload })).json()
  await call('POST /houses', { headers, payload })
  await call('POST /houses', { payload })
  const keyed = { ...headers, 'idempotency-key': 'once' }
  await call('POST /houses', { headers: keyed, payload: { ...payload, projectNo: 'A-2' } })
  await call('POST /houses', { headers: keyed, payload: { ...payload, projectNo: 'A-3' } })
  await call('GET /houses', { headers, query: { size: '1' } })
  await call('GET /houses', { headers, query: { size: '1', cursor: '' } })
  await call('GET /houses', { headers, query: { size: '0' } })
  const stale = { ...headers, 'if-match': '"9"' }
  for (const route of ['PUT /houses/{id}', 'PATCH /houses/{id}']) {
    await call(route, { headers, payload }, id)
    await call(route, { headers: stale, payload }, id)
    await call(route, { headers, payload })
    await call(route, { headers, payload: { ...payload, projectNo: 'A-2' } }, id)
    await call(route, { headers, payload: { projectNo: 1 } }, id)
  }
  await call('GET /houses/{id}', { headers }, id)
  await call('GET /houses/{id}', { headers: { ...headers, 'if-none-match': '*' } }, id)
  await call('GET /houses/{id}', { headers })
  await lifeOfPhoto(call, headers, id)
  await call('DELETE /houses/{id}', { headers: stale }, id)
  await call('DELETE /houses/{id}', { headers }, id)
  await call('DELETE /houses/{id}', { headers }, id)
}

/** One life of a note, and a failure of each operation. */
async function lifeOfNote(call: Caller, headers: Record<string, string>): Promise<void> {
  const payload = { title: 'Keys', body: 'Garage\nCellar', tags: ['home'] }
  const keyed = { ...headers, 'idempotency-key': 'once' }
  const { id } = (await call('POST /notes', { headers: keyed, payload })).json()
  await call('POST /notes', { headers: keyed, payload: { title: 'x' } })
  await call('POST /notes', { headers, payload: {} })
  await call('POST /notes', { payload })
  await call('GET /notes', { headers, query: { size: '1', cursor: '' } })
  await call('GET /notes', { headers, query: { size: '0' } })
  const stale = { ...headers, 'if-match': '"9"' }
  for (const route of ['PUT /notes/{id}', 'PATCH /notes/{id}']) {
    await call(route, { headers, payload }, id)
    await call(route, { headers: stale, payload }, id)
    await call(route, { headers, payload })
    await call(route, { headers, payload: { title: 1 } }, id)
  }
  await call('GET /notes/{id}', { headers }, id)
  await call('GET /notes/{id}', { headers: { ...headers, 'if-none-match': '*' } }, id)
  await call('GET /notes/{id}', { headers })
  await call('DELETE /notes/{id}', { headers: stale }, id)
  await call('DELETE /notes/{id}', { headers }, id)
  await call('DELETE /notes/{id}', { headers }, id)
}

/** One life of an account, and a failure of most operations. */
async function life(t: TestContext) {
  const server = await startServer(t)
  const document = await documentOf(server)
  const person = await signedUp(server)
  const headers = bearer(person.access_token)
  const answered: string[] = []

  const call: Caller = async (route, options = {}, id = 'x', photoId = 'x') => {
    const [method, path = ''] = route.split(' ')
    const url = path.replace(/\{(?:photoId|sid)\}/, photoId).replace(/\{\w+\}/, id)
    const answer = await server.inject({ method: method as 'GET', url, ...options })
    assertDocumented(document, route, answer)
    answered.push(`${route} ${answer.statusCode}`)
    return answer
  }
  return { server, document, person, headers, answered, call }
}

test('the answers of a whole life fit the document', async (t) => {
  const { server, document, person, headers, answered, call } = await life(t)
  const admin = await newAdmin(server)
  const { username, email } = person
  const login = { username, password: PASSWORD }

  await call('POST /register', { payload: { username, email, password: PASSWORD } })
  await call('POST /register', { payload: { username, email, password: 'password' } })
  await call('POST /register', { payload: { ...login, username: 'second', email: 'a@b.cd' } })
  await call('POST /register', { payload: '{', headers: { 'content-type': 'application/json' } })
  await call('POST /register', { payload: 'x', headers: { 'content-type': 'text/plain' } })
  await call('POST /register', { payload: { username: 'x'.repeat(70_000) } })
  await lifeOfChallenge(call, headers)
  await lifeOfFactors(call, headers)
  await lifeOfProviders(call, headers)
  const second = (await call('POST /login', { payload: login })).json()
  await call('POST /login', { payload: { ...login, password: 'not the one' } })
  await call('POST /login', { payload: { ...login, transport: 'cookie' } })
  for (const path of ['/me', '/me/activity', '/me/export', '/dashboard', '/verify', '/sessions']) {
    await call(`GET ${path}`, { headers })
    await call(`GET ${path}`)
    await call(`GET ${path}`, { headers: bearer('forged') })
  }
  await lifeOfNote(call, headers)
  await lifeOfHouse(call, headers)
  await lifeOfAdministration(call, bearer(admin.access_token))
  await call('PATCH /me', { headers, payload: { name: 'Ly' } })
  await call('PATCH /me', { headers, payload: { email: 'other@example.com' } })
  await call('POST /refresh', { payload: { refresh_token: second.refresh_token } })
  await call('POST /refresh', { payload: { refresh_token: 'forged' } })
  await call('POST /refresh')
  await call('DELETE /sessions/{id}', { headers }, second.sessionId)
  await call('DELETE /sessions/{id}', { headers }, second.sessionId)
  await call('POST /refresh', { payload: { refresh_token: second.refresh_token } })
  await call('DELETE /sessions', { headers })
  const passwords = { currentPassword: PASSWORD, newPassword: 'another fine horse battery' }
  const changed = await call('PUT /password', { headers, payload: passwords })
  await call('PUT /password', { headers, payload: passwords })
  const live = bearer(changed.json().access_token)
  await call('PUT /password', { headers: live, payload: passwords })
  await call('POST /logout')
  await call('DELETE /me', { headers: live, payload: { currentPassword: passwords.newPassword } })
  for (const name of ['jwks.json', 'oauth-authorization-server', 'openid-configuration']) {
    await call(`GET /.well-known/${name}`)
  }
  for (const path of [
    '/client.js',
    '/client/passkeys.js',
    '/client/providers.js',
    '/livez',
    '/readyz',
    '/problems',
    '/outbox',
  ]) {
    await call(`GET ${path}`)
    await call(`GET ${path}`, { query: { a: '1' } })
  }
  await call('GET /problems/{code}', {}, 'not_found')
  await call('GET /problems/{code}', { headers: { accept: 'text/html' } }, 'not_found')
  await call('GET /problems/{code}', {}, 'nope')
  await call('GET /openapi.json')
  await call('GET /openapi.yaml')

  const called = answered.map((line) => line.split(' ').slice(0, 2).join(' '))
  const advice = 'This test calls every operation: add a life of your resource, as `lifeOfNote` is'
  assertSameLines(called, linesOf(document), advice)
})

test('GET / leads to the reference', async (t) => {
  const { inject } = await startServer(t)

  const answer = await inject({ url: '/' })

  assert.equal(answer.statusCode, 303)
  assert.equal(answer.headers.location, '/docs')
  assert.equal(answer.body, '')
})

test('DOCS=off hides the reference and the document, and nothing else', async (t) => {
  const { inject } = await startServer(t, { env: { DOCS: 'off' } })

  const hidden = ['/', '/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/index.html']
  for (const url of [...hidden, '/openapi.json', '/openapi.yaml']) {
    assertProblem(await inject({ url }), 'not_found')
  }
  const { body } = await inject({ url: '/problems/not_found', headers: { accept: 'text/html' } })
  assert.doesNotMatch(body, /\/docs|openapi/)
  assert.equal((await inject({ url: '/problems' })).statusCode, 200)
  assert.equal((await inject({ url: '/client.js' })).statusCode, 200)
})

test('GET /docs is a page that needs no other server and may run nothing foreign', async (t) => {
  const { inject } = await startServer(t)

  const page = await inject({ url: '/docs' })
  const links = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link)
  const files = await Promise.all(links.map((link) => inject({ url: `/${link}` })))

  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  assert.doesNotMatch(page.body, /https?:|<script>|style=/)
  assert.ok(links.length >= 7)
  assert.ok(links.every((link) => link.startsWith('docs/static/')))
  assert.deepEqual([...new Set(files.map(({ statusCode }) => statusCode))], [200])
  const document = (await inject({ url: '/openapi.json' })).json()
  assert.deepEqual((await inject({ url: '/docs/json' })).json(), document)
})

test('GET /docs answers 404 for a file that is not there and for a way out of its folder', async (t) => {
  const { inject } = await startServer(t)

  for (const name of ['nope.js', '..%2f..%2fpackage.json', '%2e%2e/index.js', '.env']) {
    const answer = await inject({ url: `/docs/static/${name}` })

    assertProblem(answer, answer.statusCode === 403 ? 'forbidden' : 'not_found')
  }
})
