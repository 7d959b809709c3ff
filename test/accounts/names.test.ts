import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSession, call } from '../support/answers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertFaults, assertProblem } from '../support/problems.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

/** White space of every kind that a device, a copy or a form may leave around a name. */
const SPACES = {
  'a space': ' ',
  'a tab': '\t',
  'a line end': '\r\n',
  'a vertical tab and a form feed': '\v\f',
  'a no-break space': '\u00a0',
  'a narrow no-break space': '\u202f',
  'an ideographic space': '\u3000',
  'an em space': '\u2003',
  'separators of lines and paragraphs': '\u2028\u2029',
  'a byte order mark': '\ufeff',
  'many of them': ' \u3000\t\u00a0\r\n'.repeat(500),
}

for (const [what, space] of Object.entries(SPACES)) {
  test(`${what} around a name is taken off at every door, in JSON and in forms`, async (t) => {
    const server = await startServer(t)
    const around = (name: string) => `${space}${name}${space}`
    const names = () => ({ username: uniqueName(), email: `${uniqueName('m')}@example.com` })
    const spaced = ({ username, email }: ReturnType<typeof names>) => ({
      ...{ username: around(username), email: around(email), password: PASSWORD },
    })
    const [one, other, third] = [names(), names(), names()]

    const registered = await call(server, 'POST /register', spaced(one))
    const byForm = await call(server, 'POST /register', form(spaced(other)), FORM)

    const welcome = `Welcome, ${one.username}!`
    const { access_token } = assertSession(server, registered, {
      ...{ status: 201, user: one, message: welcome },
    })
    assert.deepEqual([byForm.statusCode, byForm.json().user.email], [201, other.email])
    for (const login of [
      { username: one.username },
      { username: one.email },
      { email: one.email },
    ]) {
      const body = Object.fromEntries(
        Object.entries(login).map(([key, name]) => [key, around(name)]),
      )
      const credentials = { ...body, password: PASSWORD }
      const answers = [
        await call(server, 'POST /login', credentials),
        await call(server, 'POST /login', form(credentials), FORM),
      ]
      for (const answer of answers) assert.equal(answer.statusCode, 200, answer.body)
    }
    const { username, email } = spaced(third)
    const wish = { username, email, currentPassword: PASSWORD }
    const changed = await call(server, 'PATCH /me', wish, bearer(access_token))
    assert.deepEqual([changed.json().username, changed.json().email], [third.username, third.email])
    const rows = await server.database.client.user.findMany({ select: { usernameKey: true } })
    assert.deepEqual(
      rows.map(({ usernameKey }) => usernameKey).sort(),
      [other.username, third.username].sort(),
    )
  })
}

test('white space is trimmed before the length is checked', async (t) => {
  const server = await startServer(t)
  const join = (names: object) =>
    call(server, 'POST /register', {
      ...{ username: uniqueName(), email: `${uniqueName()}@example.com`, password: PASSWORD },
      ...names,
    })
  const longest = `a@${`${'b'.repeat(61)}.`.repeat(4)}co`.padEnd(254, 'm')

  assert.equal((await join({ username: ` ${'x'.repeat(32)} ` })).statusCode, 201)
  assert.equal((await join({ email: ` ${longest} ` })).statusCode, 201)
  assertFaults(await join({ username: ' ab ' }), ['/username too_short'])
  assertFaults(await join({ username: ` ${'x'.repeat(33)} ` }), ['/username too_long'])
  assertFaults(await join({ username: ' \t ' }), [
    '/username too_short',
    '/username invalid_format',
  ])
  assertFaults(await join({ email: `${longest}m` }), ['/email too_long'])
  const login = await call(server, 'POST /login', { username: ' \u3000 ', password: PASSWORD })
  assertFaults(login, ['/username too_short'])
  assertProblem(await join({ username: ' '.repeat(70_000) }), 'payload_too_large')
})

test('characters that only look like white space are kept: zero width, joiners, fillers, other controls', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)

  for (const sign of ['\u200b', '\u200d', '\u2060', '\u00ad', '\u3164', '\u180e', '\u2800']) {
    const body = { username: `${username}${sign}`, password: PASSWORD }
    assertProblem(await call(server, 'POST /login', body), 'invalid_credentials')
    const account = { ...body, email: 'x@example.com' }
    assertFaults(await call(server, 'POST /register', account), ['/username invalid_format'])
  }
  for (const sign of ['\0', '\u001f', '\u0085']) {
    const body = { username: `${username}${sign}`, password: PASSWORD }
    assertFaults(await call(server, 'POST /login', body), ['/username invalid_format'])
  }
})

test('white space around a password belongs to it', async (t) => {
  const server = await startServer(t)
  const { username } = await signedUp(server)

  for (const password of [` ${PASSWORD}`, `${PASSWORD} `, `${PASSWORD}\n`, `\t${PASSWORD}`]) {
    const body = { username, password }
    assertProblem(await call(server, 'POST /login', body), 'invalid_credentials')
    assertProblem(await call(server, 'POST /login', form(body), FORM), 'invalid_credentials')
  }
})

test('a password may not hold a name, also where white space was around the name', async (t) => {
  const server = await startServer(t)
  const password = 'robin and john in the wood'
  const body = { username: ' Robin ', email: '\tjohn@example.com\n', password }

  const response = await call(server, 'POST /register', body)

  const issues = ['/password contains_username', '/password contains_email']
  assertFaults(response, issues, 'weak_password')
})

const SPELLINGS = ['münchen.example', 'xn--mnchen-3ya.example', 'MÜNCHEN.Example']

for (const typed of SPELLINGS) {
  test(`an account with an address at ${typed} is one at every door, in every spelling`, async (t) => {
    const server = await startServer(t)
    const person = await signedUp(server, { email: `Ly@${typed}` })
    const other = await signedUp(server)

    assert.equal(person.user.email, `Ly@${typed}`)
    for (const domain of SPELLINGS) {
      const email = `lY@${domain}`
      for (const login of [{ username: email }, { email }]) {
        const answer = await call(server, 'POST /login', { ...login, password: PASSWORD })
        const message = `Welcome back, ${person.username}!`
        assertSession(server, answer, { user: person.user, message })
      }
      const account = { username: uniqueName(), email, password: PASSWORD }
      assertProblem(await call(server, 'POST /register', account), 'email_taken')
      const wish = { email, currentPassword: PASSWORD }
      const change = await call(server, 'PATCH /me', wish, bearer(other.access_token))
      assertProblem(change, 'email_taken')
    }
    const row = await server.database.client.user.findUnique({
      where: { emailKey: 'ly@xn--mnchen-3ya.example' },
    })
    assert.equal(row?.id, person.user.id)
  })
}

test('two accounts cannot have one international address, also with many parallel requests', async (t) => {
  const server = await startServer(t)

  const answers = await Promise.all(
    [...SPELLINGS, ...SPELLINGS].map((domain) => {
      const account = { username: uniqueName(), email: `x@${domain}`, password: PASSWORD }
      return call(server, 'POST /register', account)
    }),
  )

  const statuses = answers.map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses.sort(), [201, 409, 409, 409, 409, 409])
})

test('an account from before the rules of today signs in with its address', async (t) => {
  const server: TestServer = await startServer(t)
  const person = await signedUp(server)

  for (const email of [`x@${'l'.repeat(70)}.example`, 'x@xn--zzzzzz.example', 'x@1.2.3.4']) {
    const data = { email, emailKey: email }
    await server.database.client.user.updateMany({ where: { id: person.user.id }, data })
    for (const login of [{ username: email }, { email: email.toUpperCase() }]) {
      const answer = await call(server, 'POST /login', { ...login, password: PASSWORD })
      assert.equal(answer.json().user?.email, email, answer.body)
    }
    const same = await call(server, 'PATCH /me', { name: 'x' }, bearer(person.access_token))
    assert.equal(same.statusCode, 200)
  }
})
