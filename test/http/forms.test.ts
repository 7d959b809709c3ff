import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { uniqueName } from '../support/helper.ts'
import { sharedServer } from '../support/houses.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

// Forms in the place of JSON: plain HTML, older frontends, OAuth 2 clients.

const theServer = sharedServer({ RATE_LIMITS: 'off' })

type Fields = [name: string, value: string][]
type Sent = { payload: string; headers: Record<string, string> }
const BOUNDARY = '----WebKitFormBoundary7MA4YWxkTrZu0gW'

/** The same fields as each kind of client sends them. */
const kinds: Record<string, (fields: Fields) => Sent> = {
  'application/x-www-form-urlencoded': (fields) => ({
    payload: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }),
  'application/x-www-form-urlencoded; charset=UTF-8': (fields) => ({
    payload: fields
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&'),
    headers: { 'content-type': 'Application/x-www-form-urlencoded;charset=UTF-8' },
  }),
  'multipart/form-data': (fields) => ({
    payload: `${fields.map(([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--${BOUNDARY}--\r\n`,
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  }),
}

const aRegistration = (): Fields => [
  ['username', uniqueName()],
  ['email', `${uniqueName('mail')}@example.com`],
  ['password', PASSWORD],
]

const buttons: Fields = [
  ['submit', 'Send & go'],
  ['commit', 'Save'],
]
const oauth: Fields = [
  ['client_id', 'app'],
  ['client_secret', 'x y'],
  ['scope', 'openid profile'],
]

for (const [kind, formOf] of Object.entries(kinds)) {
  const send = async (line: string, fields: Fields, headers = {}) => {
    const form = formOf(fields)
    return call(await theServer(), line, form.payload, { ...form.headers, ...headers })
  }

  test(`POST /register takes ${kind} with empty optional fields, buttons and OAuth 2 members`, async () => {
    const optional = ['name', 'passwordConfirm', 'transport'].map((name): [string, string] => [
      name,
      '',
    ])

    const plain = await send('POST /register', [...aRegistration(), ['name', 'Ada Łovelace']])
    const full = await send('POST /register', [
      ...aRegistration(),
      ...optional,
      ...buttons,
      ...oauth,
    ])

    assert.equal(plain.statusCode, 201, plain.body)
    assert.equal(plain.json().user.name, 'Ada Łovelace')
    assert.equal(full.statusCode, 201, full.body)
    assert.equal(full.json().user.name, null)
  })

  test(`POST /login takes ${kind} with grant_type=password`, async () => {
    const { username } = await signedUp(await theServer())
    const known: Fields = [
      ['username', username],
      ['password', PASSWORD],
    ]

    const plain = await send('POST /login', known)
    const full = await send('POST /login', [
      ['grant_type', 'password'],
      ...known,
      ...oauth,
      ...buttons,
      ['transport', ''],
    ])
    const none = await send('POST /login', [...known, ['grant_type', '']])

    assert.deepEqual([plain.statusCode, full.statusCode, none.statusCode], [200, 200, 200])
  })

  test(`POST /refresh takes ${kind} with grant_type=refresh_token`, async () => {
    const server = await theServer()
    const person = await signedUp(server)
    const other = await signedUp(server)
    const token: Fields = [['refresh_token', person.refresh_token ?? '']]

    const first = await send('POST /refresh', token)
    const again = await send('POST /refresh', [
      ['grant_type', 'refresh_token'],
      ...token,
      ...oauth,
      ...buttons,
    ])
    const empty = await send('POST /refresh', [['refresh_token', '']], bearer(other.refresh_token))
    const nothing = await send('POST /refresh', [['refresh_token', '']])

    assert.equal(first.json().refreshed, 'rotated', first.body)
    assert.equal(again.json().refreshed, 'replayed', again.body)
    assert.equal(again.json().refresh_token, first.json().refresh_token)
    assert.equal(empty.json().refreshed, 'rotated', empty.body)
    assertProblem(nothing, 'unauthenticated')
  })

  test(`another grant_type is 400 in ${kind}`, async () => {
    const detail = (grant: string) => `The value must be ${grant}.`
    for (const [line, wanted] of [
      ['POST /login', 'password'],
      ['POST /refresh', 'refresh_token'],
    ] as const) {
      for (const grant of ['client_credentials', 'authorization_code', `${wanted} `, 'PASSWORD']) {
        const answer = await send(line, [['grant_type', grant]])
        assertProblem(answer, 'validation_failed', {
          errors: [{ pointer: '/grant_type', code: 'not_allowed', detail: detail(wanted) }],
        })
      }
    }
    const registered = await send('POST /register', [
      ...aRegistration(),
      ['grant_type', 'password'],
    ])
    assertFaults(registered, ['/grant_type unknown_field'])
  })

  test(`an empty required field, an unknown and a repeated one are 400 in ${kind}`, async () => {
    const answer = await send('POST /login', [
      ['username', ''],
      ['password', 'a'],
      ['password', 'b'],
      ['remember', ''],
      ['__proto__', 'x'],
    ])

    assertFaults(answer, [
      '/username required',
      '/password wrong_type',
      '/remember unknown_field',
      '/__proto__ unknown_field',
    ])
  })
}

test('a field that is ignored in forms is an unknown field in JSON', async () => {
  const server = await theServer()
  const { username, refresh_token } = await signedUp(server)
  const extra = Object.fromEntries([...oauth, ...buttons, ['grant_type', 'password']])
  const unknown = Object.keys(extra).map((name) => `/${name} unknown_field`)

  const login = await call(server, 'POST /login', { username, password: PASSWORD, ...extra })
  const refreshed = await call(server, 'POST /refresh', { refresh_token, ...extra })
  const registered = await call(server, 'POST /register', {
    ...Object.fromEntries(aRegistration()),
    ...extra,
  })

  assertFaults(login, unknown)
  assertFaults(refreshed, unknown)
  assertFaults(registered, unknown)
})

test('an empty optional field in JSON does not count as missing', async () => {
  const server = await theServer()

  const answer = await call(server, 'POST /register', {
    ...Object.fromEntries(aRegistration()),
    transport: '',
  })

  assertFaults(answer, ['/transport not_allowed'])
})

test('a file in a form is 400 and is named', async () => {
  const server = await theServer()
  const part = (name: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"; filename="x.png"\r\nContent-Type: image/png\r\n\r\nx\r\n`
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }

  const answer = await call(
    server,
    'POST /login',
    `${part('username')}${part('avatar')}--b--\r\n`,
    headers,
  )

  assertFaults(answer, ['/username wrong_type', '/avatar unknown_field', '/password required'])
})

test('a multipart form that is broken is 400 malformed_request', async () => {
  const server = await theServer()
  const good = kinds['multipart/form-data']?.([['username', 'x']]).payload ?? ''
  const type = `multipart/form-data; boundary=${BOUNDARY}`
  const detail = 'The body is not valid multipart/form-data.'

  for (const [payload, contentType] of [
    ['x', type],
    [good.slice(0, -10), type],
    [good, 'multipart/form-data'],
    [good, 'multipart/form-data; boundary=other'],
  ] as const) {
    const headers = { 'content-type': contentType }
    assertProblem(await call(server, 'POST /login', payload, headers), 'malformed_request', {
      detail,
    })
  }
  const latin1 = Buffer.from(good.replace('\r\n\r\nx', '\r\n\r\né'), 'latin1')
  assertProblem(
    await call(server, 'POST /login', latin1, { 'content-type': type }),
    'malformed_request',
    {
      detail: 'The form is not valid UTF-8.',
    },
  )
})

test('a multipart form is read with any boundary, in quotes or without, and text around its parts', async () => {
  const server = await theServer()
  const { username } = await signedUp(server)
  const form = kinds['multipart/form-data']?.([
    ['username', username],
    ['password', PASSWORD],
  ])
  const payload = form?.payload ?? ''

  for (const boundary of ['b', '***', 'x'.repeat(70), "a'()+_,-./:=?z"]) {
    for (const written of /^\w+$/.test(boundary)
      ? [boundary, `"${boundary}"`]
      : [`"${boundary}"`]) {
      const text = `text before\r\n${payload.replaceAll(BOUNDARY, boundary)}text behind`
      const headers = { 'content-type': `multipart/form-data; boundary=${written}` }
      const answer = await call(server, 'POST /login', text, headers)
      assert.equal(answer.statusCode, 200, `${written} ${answer.body}`)
    }
  }
})

test('headers of a part of a form are taken up to their limits and refused beyond, never cut', async () => {
  const server = await theServer()
  const { username } = await signedUp(server)
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const detail = 'A part of the form may have 16 headers, and 8 KiB of them.'
  const disposition = 'Content-Disposition: form-data; name="password"'
  const signIn = (more: string[]) => {
    // What is cut would be the name of the part.
    const parts = [
      `Content-Disposition: form-data; name="username"\r\n\r\n${username}`,
      `${[...more, disposition].join('\r\n')}\r\n\r\n${PASSWORD}`,
    ]
    const payload = `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`
    return call(server, 'POST /login', payload, headers)
  }
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: y`)
  const long = (bytes: number) => [`X: ${'y'.repeat(bytes - disposition.length - 5)}`]

  for (const most of [lines(15), long(8192)]) assert.equal((await signIn(most)).statusCode, 200)
  for (const more of [lines(16), lines(1000), long(8193), long(50_000)]) {
    assertProblem(await signIn(more), 'malformed_request', { detail })
  }
})

test('a multipart form of over 1,000 fields is 400', async () => {
  const fields = Array.from({ length: 1001 }, (): [string, string] => ['a', ''])
  const form = kinds['multipart/form-data']?.(fields) ?? assert.fail()
  const short = form.payload.replaceAll(BOUNDARY, 'b')
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }

  const answer = await call(await theServer(), 'POST /login', short, headers)

  assertProblem(answer, 'malformed_request', { detail: 'The form has more than 1000 fields.' })
})

test('the document has the forms of each door beside JSON', async () => {
  const server = await theServer()
  const { paths } = (await server.inject({ url: '/openapi.json' })).json()

  for (const [path, title] of [
    ['/register', 'RegistrationForm'],
    ['/login', 'CredentialsForm'],
    ['/refresh', 'RefreshTokenBodyForm'],
  ] as const) {
    const { content } = paths[path].post.requestBody
    const schema = { $ref: `#/components/schemas/${title}` }
    assert.deepEqual(Object.keys(content), [
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ])
    assert.deepEqual(content['multipart/form-data'].schema, schema)
    assert.deepEqual(content['application/x-www-form-urlencoded'].schema, schema)
  }
})
