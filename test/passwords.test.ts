import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordFaults } from '../src/platform/password-policy.ts'
import { call } from './answers.ts'
import { startServer, type TestServer, uniqueName } from './helper.ts'
import { assertFaults, assertProblem } from './problems.ts'

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

test('a weak password beside another fault is validation_failed with both', async (t) => {
  const server = await startServer(t)

  const response = await register(server, 'password', { name: 7, passwordConfirm: 'passwort' })

  assertFaults(response, ['/password too_common', '/passwordConfirm mismatch', '/name wrong_type'])
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

test('a password of a length that nobody may have is not even looked at', () => {
  const marks = `a${'\u0301'.repeat(15_000)}${'\u0323'.repeat(15_000)}`

  const faults = passwordFaults(marks, { username: 'aaa' }, '/password')

  assert.deepEqual(
    faults.map(({ pointer, code }) => ({ pointer, code })),
    [{ pointer: '/password', code: 'too_long' }],
  )
})
