import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordIssues } from '../../src/contract/password-policy.ts'
import { hashEngine } from '../../src/platform/passwords/argon2.ts'
import { call } from '../support/answers.ts'
import { bearer } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertFaults, assertProblem, assertWrongPassword } from '../support/problems.ts'

const FOX = '🦊'
/** One character after normalization, two before. */
const DECOMPOSED = 'e\u0301'

const register = (server: TestServer, password: string, more: object = {}) => {
  const username = uniqueName()
  const body = { username, email: `${uniqueName('m')}@example.com`, password, ...more }
  return call(server, 'POST /register', body)
}

const login = (server: TestServer, username: string, password: string) =>
  call(server, 'POST /login', { username, password })

for (const [what, password] of [
  ['8 characters', 'zqxjkvbp'],
  ['8 emoji', FOX.repeat(8)],
  ['8 characters after normalization', DECOMPOSED.repeat(8)],
  ['128 characters', 'zqxj'.repeat(32)],
  ['128 emoji of 512 bytes', FOX.repeat(128)],
  ['128 characters after normalization', DECOMPOSED.repeat(128)],
  ['spaces between and at the end', 'aaaa bbbb cccc dddd '],
  ['nothing but spaces', ' '.repeat(9)],
  ['a NUL and a line break', 'zqxj\u0000\nkvbp'],
  ['quotes and SQL', `'; DROP TABLE User; --"\\%`],
  ['right-to-left text', 'سلام دنیا خوب'],
] as const) {
  test(`a password of ${what} is taken, and signs in as it is`, async (t) => {
    const server = await startServer(t)

    const response = await register(server, password, { passwordConfirm: password })

    assert.equal(response.statusCode, 201, response.body)
    const { username } = response.json<{ user: { username: string } }>().user
    assert.equal((await login(server, username, password)).statusCode, 200)
    assertProblem(await login(server, username, `${password} `), 'invalid_credentials')
    assertProblem(
      await login(server, username, [...password].slice(1).join('')),
      'invalid_credentials',
    )
  })
}

for (const [what, password, code] of [
  ['7 characters', 'zqxjkvb', 'too_short'],
  ['7 emoji', FOX.repeat(7), 'too_short'],
  ['7 characters after normalization', DECOMPOSED.repeat(7), 'too_short'],
  ['no character', '', 'too_short'],
  ['a common word', 'password', 'too_common'],
  ['a common word in capitals', 'PASSWORD', 'too_common'],
  ['digits in a row', '12345678', 'too_common'],
  ['keys in a row', 'qwertyuiop', 'too_common'],
  ['a common sentence', 'iloveyou', 'too_common'],
  ['the name of the product', 'Latchkey', 'too_common'],
] as const) {
  test(`a password of ${what} is refused as ${code}`, async (t) => {
    const server = await startServer(t)

    const response = await register(server, password)

    assertFaults(response, [`/password ${code}`], 'weak_password')
    assert.equal(await server.database.client.user.count(), 0)
  })
}

test('a form can show the text of each weak password as it is', async (t) => {
  const server = await startServer(t)

  for (const [password, detail] of [
    ['1234567', 'The password must have at least 8 characters.'],
    ['x'.repeat(129), 'The password must have at most 128 characters.'],
    ['password', 'The password is too common: attackers try it first.'],
  ] as const) {
    const response = await register(server, password)

    assert.equal(response.json().errors[0].detail, detail)
  }
})

for (const [what, password, code] of [
  ['129 characters', 'x'.repeat(129), 'too_long'],
  ['129 emoji', FOX.repeat(129), 'too_long'],
  ['513 characters', 'x'.repeat(513), 'too_long'],
  ['half a surrogate pair', 'zqxjkvbp\ud800', 'invalid_format'],
  ['the other half', '\udc00zqxjkvbp', 'invalid_format'],
  ['halves in the wrong order', 'zqxjkvbp\udd8a\ud83e', 'invalid_format'],
] as const) {
  test(`a password of ${what} is refused as ${code}`, async (t) => {
    const server = await startServer(t)

    assertFaults(await register(server, password), [`/password ${code}`])
    assert.equal(await server.database.client.user.count(), 0)
  })
}

test('a password with the username or the name part of the address is weak, in any case', async (t) => {
  const server = await startServer(t)
  const owner = { username: 'Robin.Hood', email: 'Little_John@example.com' }

  const byName = await register(server, 'I am rOBIN.hOOD!', owner)
  const byMail = await register(server, 'I am lITTLE_jOHN!', owner)
  const other = await register(server, 'I am robin and john', owner)

  assertFaults(byName, ['/password contains_username'], 'weak_password')
  assertFaults(byMail, ['/password contains_email'], 'weak_password')
  assert.equal(other.statusCode, 201)
})

test('a weak password beside another issue is validation_failed with both', async (t) => {
  const server = await startServer(t)

  const response = await register(server, 'password', { name: 7, passwordConfirm: 'passwort' })

  assertFaults(response, ['/password too_common', '/passwordConfirm mismatch', '/name wrong_type'])
})

/** Every space of Unicode (category Zs). */
const SPACES = [...'\u0020\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008']
SPACES.push(...'\u2009\u200a\u202f\u205f\u3000')

test('a password with spaces of any kind signs in with spaces of any other kind', async (t) => {
  const server = await startServer(t)
  const words = (space: string) => ['zq', 'xj', 'kv', 'bp'].join(space)
  const [common, ideographic] = [uniqueName(), uniqueName()]
  await register(server, words(' '), { username: common })
  await register(server, words('\u3000'), { username: ideographic })

  for (const space of SPACES) {
    for (const username of [common, ideographic]) {
      const { statusCode } = await login(server, username, words(space))
      assert.equal(statusCode, 200, `U+${space.codePointAt(0)?.toString(16)}`)
    }
  }
  for (const other of ['\t', '\n', '\u200b', '  ', '']) {
    assertProblem(await login(server, common, words(other)), 'invalid_credentials')
  }
})

test('spaces count as U+0020 wherever two passwords are compared or measured', async (t) => {
  const server = await startServer(t)
  const [plain, spaced] = ['one two three four', 'one\u00a0two\u3000three\u2003four']
  const username = uniqueName()

  const response = await register(server, plain, { username, passwordConfirm: spaced })
  const short = await register(server, `${'\u00a0'.repeat(6)}x`)

  assert.equal(response.statusCode, 201, response.body)
  assertFaults(short, ['/password too_short'], 'weak_password')
  const change = (currentPassword: string, newPassword: string, newPasswordConfirm: string) => {
    const body = { currentPassword, newPassword, newPasswordConfirm }
    return call(server, 'PUT /password', body, bearer(response.json().access_token))
  }
  assertFaults(await change(plain, spaced, plain), ['/newPassword unchanged'])
  assert.equal((await change(spaced, `${spaced}!`, `${plain}!`)).statusCode, 200)
})

/** A hash of before spaces counted as one. */
async function withFormerHash(server: TestServer, password: string) {
  const username = uniqueName()
  assert.equal((await register(server, 'quite another phrase', { username })).statusCode, 201)
  const cost = { memoryKib: 64, time: 1, parallelism: 1 }
  const passwordHash = await hashEngine.hash(Buffer.from(password.normalize('NFC')), cost)
  const where = { usernameKey: username }
  await server.database.client.user.updateMany({ where, data: { passwordHash } })
  return { username, passwordHash }
}

test("a password that was hashed with its own spaces still signs in, and is rehashed by today's rules", async (t) => {
  const server = await startServer(t)
  const [spaced, plain] = ['one\u00a0two\u00a0three cre\u0300me', 'one two three cr\u00e8me']
  const { username, passwordHash } = await withFormerHash(server, spaced)
  const stored = async () => {
    const row = await server.database.client.user.findUnique({ where: { usernameKey: username } })
    return row?.passwordHash
  }

  assertProblem(await login(server, username, plain), 'invalid_credentials')
  assert.equal(await stored(), passwordHash)
  assert.equal((await login(server, username, spaced)).statusCode, 200)
  const renewed = await stored()
  assert.notEqual(renewed, passwordHash)
  assert.equal((await login(server, username, plain)).statusCode, 200)
  assert.equal((await login(server, username, spaced)).statusCode, 200)
  assert.equal(await stored(), renewed)
})

test('a password that was hashed with its own spaces confirms a step, and no other text does', async (t) => {
  const server = await startServer(t)
  const { username } = await withFormerHash(server, 'one\u00a0two three four')
  const { access_token } = (await login(server, username, 'one\u00a0two three four')).json()
  const where = { usernameKey: username }
  const { passwordHash } = await withFormerHash(server, 'one\u00a0two three four')
  await server.database.client.user.updateMany({ where, data: { passwordHash } })
  const remove = (currentPassword: string) =>
    call(server, 'DELETE /me', { currentPassword }, bearer(access_token))

  assertWrongPassword(await remove('one two three four'))
  assertWrongPassword(await remove('one\u3000two three four'))
  assert.equal((await remove('one\u00a0two three four')).statusCode, 204)
})

test('how often a password is hashed depends on what was typed alone, never on the account', async (t) => {
  const server = await startServer(t, { env: { RATE_LIMITS: 'off' } })
  const former = await withFormerHash(server, 'one\u00a0two three four')
  const locked = await withFormerHash(server, 'one\u00a0two three four')
  const present = uniqueName()
  await register(server, 'one two three four', { username: present })
  for (let time = 0; time < 10; time++) await login(server, locked.username, 'wrong password')
  await login(server, former.username, 'one\u00a0two three four')
  const verify = t.mock.method(hashEngine, 'verify')
  const hash = t.mock.method(hashEngine, 'hash')
  const counts = async (password: string) => {
    const seen = []
    for (const name of [present, former.username, locked.username, 'nobody', 'no@example.com']) {
      const before = verify.mock.callCount()
      await login(server, name, password)
      seen.push(verify.mock.callCount() - before)
    }
    return seen
  }

  assert.deepEqual(await counts('one two three four'), [1, 1, 1, 1, 1])
  assert.deepEqual(await counts('not the password at all'), [1, 1, 1, 1, 1])
  assert.deepEqual(await counts('one\u00a0two three four'), [2, 2, 2, 2, 2])
  assert.deepEqual(await counts('not\u00a0the password at all'), [2, 2, 2, 2, 2])
  assert.equal(hash.mock.callCount(), 0)
})

for (const [typed, stored] of [
  ['composed', 'decomposed'],
  ['decomposed', 'composed'],
] as const) {
  test(`a password that was ${stored} signs in when it comes ${typed}`, async (t) => {
    const server = await startServer(t)
    const forms = { composed: 'crème brûlée 한글'.normalize('NFC'), decomposed: '' }
    forms.decomposed = forms.composed.normalize('NFD')
    const username = uniqueName()

    await register(server, forms[stored], { username })

    assert.notEqual(forms.composed, forms.decomposed)
    assert.equal((await login(server, username, forms[typed])).statusCode, 200)
  })
}

for (const [what, password, other] of [
  ['its 73rd byte', `${'zqxj'.repeat(18)}A`, `${'zqxj'.repeat(18)}B`],
  ['its 128th character', `${'zqxj'.repeat(31)}kvbA`, `${'zqxj'.repeat(31)}kvbB`],
  ['what follows a NUL', 'zqxjkvbp\0A', 'zqxjkvbp\0B'],
  ['a ligature', 'ﬁve little ducks', 'five little ducks'],
  ['a full-width digit', 'zqxjkvbp１', 'zqxjkvbp1'],
  ['its case', 'zqxjkvbP', 'zqxjkvbp'],
] as const) {
  test(`a password that differs in ${what} is another password`, async (t) => {
    const server = await startServer(t)
    const username = uniqueName()
    await register(server, password, { username })

    assertProblem(await login(server, username, other), 'invalid_credentials')
    assert.equal((await login(server, username, password)).statusCode, 200)
  })
}

test('a password of a forbidden length is not hashed', () => {
  const marks = `a${'\u0301'.repeat(15_000)}${'\u0323'.repeat(15_000)}`

  const issues = passwordIssues(marks, { username: 'aaa' }, '/password')

  assert.deepEqual(
    issues.map(({ pointer, code }) => ({ pointer, code })),
    [{ pointer: '/password', code: 'too_long' }],
  )
})
