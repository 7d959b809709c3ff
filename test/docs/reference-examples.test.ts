// runs once
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Compile } from 'typebox/schema'
import { createComponents, publish } from '../../src/features/openapi/components.ts'
import { exampleOf } from '../../src/features/openapi/examples.ts'
import { bearer } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import {
  type Document,
  fileDocument,
  fileText,
  firstExample,
  type Media,
  type Operation,
  operationsIn,
  PROBLEM_TYPE,
} from '../support/reference.ts'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))

type Sample = { place: string; schema: object; value: unknown }

const compiled = new Map<string, ReturnType<typeof Compile>>()

/** Why a value does not fit a schema; undefined where it does. */
function misfit(schema: object, value: unknown): string | undefined {
  const key = JSON.stringify(schema)
  const validator = compiled.get(key) ?? Compile(schema)
  compiled.set(key, validator)
  const [isFit, errors] = validator.Errors(value)
  return isFit ? undefined : JSON.stringify(errors)
}

function samplesOf({ schema, example, examples }: Media, place: string): Sample[] {
  const values = examples ? Object.values(examples).map(({ value }) => value) : [example]
  return values.map((value) => ({ place, schema, value }))
}

/** Every example of an operation; `undefined` where something has none. */
function samplesIn(line: string, { parameters = [], requestBody, responses }: Operation): Sample[] {
  const inRequest = Object.entries(requestBody?.content ?? {})
  return [
    ...parameters.map(({ name, schema, example = schema.examples?.[0] }) => {
      return { place: `${line} ${name}`, schema, value: example }
    }),
    ...inRequest.flatMap(([type, media]) => samplesOf(media, `${line} ${type}`)),
    ...Object.entries(responses).flatMap(([status, { content = {}, headers = {} }]) => [
      ...Object.entries(content).flatMap(([type, media]) =>
        samplesOf(media, `${line} ${status} ${type}`),
      ),
      ...Object.entries(headers).map(([name, { schema, example }]) => {
        return { place: `${line} ${status} ${name}`, schema, value: example }
      }),
    ]),
  ]
}

test('every parameter, body and header of the document has an example that fits its schema', () => {
  const document = fileDocument()

  const samples = operationsIn(document).flatMap(({ line, operation }) =>
    samplesIn(line, operation),
  )

  const missing = samples.filter(({ value }) => value === undefined)
  const wrong = samples.flatMap(({ place, schema, value }) => {
    const reason = misfit(schema, value)
    return reason === undefined ? [] : [`${place}: ${reason}`]
  })
  assert.deepEqual([missing.map(({ place }) => place), wrong], [[], []])
  assert.equal(samples.length > 500, true)
})

/** Every answer of every operation. */
function answersIn(document: Document) {
  return operationsIn(document).flatMap(({ line, operation }) =>
    Object.entries(operation.responses).map(([status, response]) => {
      return { place: `${line} ${status}`, status, response }
    }),
  )
}

test('every error of an operation has an example of its own code and status', () => {
  const document = fileDocument()

  const answers = answersIn(document).filter(({ status }) => /^[45]/.test(status))
  for (const { place, status, response } of answers) {
    const { examples = {} } = response.content?.[PROBLEM_TYPE] ?? {}
    assert.notDeepEqual(examples, {}, place)
    for (const [name, { value }] of Object.entries(examples)) {
      const { code, status: shown, type, errors } = value as Record<string, unknown>
      const expected = { code: name, shown: Number(status), type: `/problems/${name}` }
      assert.deepEqual({ code, shown, type }, expected, place)
      const pointsAtFields = ['validation_failed', 'weak_password', 'wrong_password'].includes(name)
      assert.equal(Array.isArray(errors), pointsAtFields, place)
    }
  }
})

test('a body with two shapes has an example of each', () => {
  const { paths } = fileDocument()

  const shapes = (path: string, method: string, status: string) => {
    const content = paths[path]?.[method]?.responses[status]?.content?.['application/json']
    const named = Object.entries(content?.examples ?? {})
    return named.map(([name, { value }]) => {
      const { refresh_token: token, refreshed } = value as Record<string, unknown>
      return [name, token !== undefined, refreshed ?? null]
    })
  }

  for (const [path, method, status] of [
    ['/register', 'post', '201'],
    ['/login', 'post', '200'],
    ['/password', 'put', '200'],
  ] as const) {
    const both = [
      ['body', true, null],
      ['cookie', false, null],
    ]
    assert.deepEqual(shapes(path, method, status), both, path)
  }
  assert.deepEqual(shapes('/refresh', 'post', '200'), [
    ['rotated', true, 'rotated'],
    ['replayed', true, 'replayed'],
    ['cookie', false, 'rotated'],
  ])
  assert.deepEqual(
    shapes('/houses', 'get', '200').map(([name]) => name),
    ['HousePage', 'HouseCursorPage'],
  )
})

test('the first examples of the document work one after the other, as they are', async (t) => {
  const server = await startServer(t)
  const document = fileDocument()
  const of = (path: string, method: string, type = 'application/json') =>
    firstExample(document.paths[path]?.[method]?.requestBody?.content[type]) ?? {}
  const form = 'application/x-www-form-urlencoded'

  const registered = await server.inject({
    method: 'POST',
    url: '/register',
    payload: of('/register', 'post'),
  })
  const signedIn = await server.inject({
    method: 'POST',
    url: '/login',
    headers: { 'content-type': form },
    payload: new URLSearchParams(of('/login', 'post', form)).toString(),
  })
  const headers = bearer(signedIn.json().access_token)
  const send = (method: 'POST' | 'PATCH' | 'PUT', url: string, path = url) =>
    server.inject({ method, url, headers, payload: of(path, method.toLowerCase()) })
  const created = await send('POST', '/houses')
  const house = `/houses/${created.json().id}`
  const answers = [
    await send('PUT', house, '/houses/{id}'),
    await send('PATCH', house, '/houses/{id}'),
    await send('PATCH', '/me'),
    // Whoever sends all examples must not change the password of the account that the first one
    // made.
    await send('PUT', '/password'),
  ]

  const statuses = [registered, signedIn, created, ...answers].map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [201, 200, 201, 200, 200, 200, 403])
})

/** The properties of all named schemas that say nothing of themselves. */
function undescribed({ components }: Document): string[] {
  type Named = { properties?: Record<string, { description?: string }> }
  return Object.entries(components.schemas as Record<string, Named>).flatMap(
    ([name, { properties = {} }]) =>
      Object.entries(properties).flatMap(([property, { description }]) =>
        description ? [] : [`${name}.${property}`],
      ),
  )
}

test('every operation, parameter and property says what it is, and every tag is explained', () => {
  const document = fileDocument()
  const tags = document.tags.map(({ name }) => name)

  for (const { line, operation } of operationsIn(document)) {
    const { summary, description, parameters = [], responses } = operation
    assert.match(summary, /^[A-Z].{5,80}[^.]$/, line)
    assert.match(description, /^[A-Z][\s\S]{20,}\.$/, line)
    assert.equal(operation.tags.length, 1, line)
    assert.ok(tags.includes(operation.tags[0] ?? ''), line)
    for (const { name, description: text } of parameters) assert.ok(text, `${line} ${name}`)
    for (const [status, { headers = {}, ...response }] of Object.entries(responses)) {
      assert.ok(response.description.length > 5, `${line} ${status}`)
      for (const { description: text } of Object.values(headers)) assert.ok(text, line)
    }
  }
  assert.ok(document.tags.every(({ description }) => description.endsWith('.')))
  // Lists of what the named schema of their items explains.
  assert.deepEqual(undescribed(document), ['KeySet.keys', 'PhotoList.items', 'SessionList.items'])
})

test('an access token is asked for by all that is protected, a refresh token by two', () => {
  const others = operationsIn(fileDocument())
    .map(({ line, operation: { security } }) => {
      return [line, security.map((scheme) => Object.keys(scheme).join()).join(' or ')]
    })
    .filter(([, schemes]) => schemes !== 'bearer')

  assert.deepEqual(Object.fromEntries(others), {
    'GET /openapi.json': '',
    'GET /openapi.yaml': '',
    'POST /register': '',
    'POST /login': '',
    'POST /refresh': 'refreshToken or cookie or ',
    'POST /logout': 'bearer or refreshToken or cookie or ',
    'POST /challenges': 'bearer or ',
    'POST /challenges/send': '',
    'POST /challenges/answer': 'bearer or ',
    'GET /providers': '',
    'GET /oidc/{provider}/callback': '',
    'POST /oidc/{provider}/callback': '',
    'GET /outbox': '',
    'GET /mail': '',
    'GET /admin': '',
    'GET /.well-known/jwks.json': '',
    'GET /.well-known/webauthn': '',
    'GET /.well-known/oauth-authorization-server': '',
    'GET /.well-known/openid-configuration': '',
    'GET /client.js': '',
    'GET /client/passkeys.js': '',
    'GET /client/providers.js': '',
    'GET /problems': '',
    'GET /problems/{code}': '',
    'GET /livez': '',
    'GET /readyz': '',
  })
})

/** What has no address: a challenge, which is stored nowhere, its answer, and recovery codes. */
const isUnstored = (place: string, header: string) =>
  header === 'Location' &&
  ['challenges', 'challenges/answer', 'factors/recovery-codes'].some(
    (path) => place === `POST /${path} 201`,
  )

test('answers have the headers that their status asks for', () => {
  const document = fileDocument()

  const expected: [status: RegExp, header: string][] = [
    [/^[23]/, 'X-Request-Id'],
    [/^201/, 'Location'],
    [/^304/, 'ETag'],
    [/^401/, 'WWW-Authenticate'],
    [/^(429|503)/, 'Retry-After'],
  ]
  for (const { place, status, response } of answersIn(document)) {
    const missing = expected.filter(
      ([pattern, header]) =>
        pattern.test(status) && !(header in (response.headers ?? {})) && !isUnstored(place, header),
    )
    assert.deepEqual(missing, [], place)
  }
})

test('the YAML has no aliases and nothing that is for the server alone', () => {
  const text = fileText()

  assert.doesNotMatch(text, /(?:^|\s)[&*]a\d+\b/m)
  assert.doesNotMatch(text, /^\s*"?x-/m)
  assert.match(text, /^openapi: 3\.1\.\d$/m)
})

test('what has no example, and two schemas of one name, stop the document by name', () => {
  const { add } = createComponents('schemas')
  const half = { properties: { name: { type: 'string', example: 'Ly' }, age: { type: 'integer' } } }

  publish({ title: 'Person', ...half }, add)

  assert.throws(() => exampleOf(half, 'login 200'), {
    message: 'The document has no example for login 200.age.',
  })
  assert.throws(() => publish({ title: 'Person', properties: {} }, add), {
    message: 'The document has two different schemas named Person.',
  })
})

/** The findings of Redocly in files, by the strict form of its recommended rules. */
async function lint(files: string[]): Promise<{ ruleId: string; file: string }[]> {
  const program = join(REPOSITORY, 'node_modules/@redocly/cli/bin/cli.js')
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const args = [program, 'lint', ...files, '--format=json', '--config=redocly.yaml']
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, env })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  // One report for each file.
  const reports = output.split(/(?<=^\})(?=\{)/m).map((report) => JSON.parse(report))
  return reports.flatMap(({ problems }) =>
    problems.map(({ ruleId, location }: { ruleId: string; location: Place[] }) => {
      return { ruleId, file: location[0]?.source.ref.split('/').at(-1) }
    }),
  )
}

type Place = { source: { ref: string } }

function brokenCopy(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-lint-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'broken.yaml')
  writeFileSync(path, fileText().replace('operationId: login\n', 'operationId: logout\n'))
  return path
}

test('Redocly has nothing to say of openapi.yaml, and something of a broken copy', async (t) => {
  const findings = await lint(['openapi.yaml', brokenCopy(t)])

  assert.deepEqual(findings, [{ ruleId: 'operation-operationId-unique', file: 'broken.yaml' }])
})
