// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Provider } from '../../src/config/provider.ts'
import { fetchFrom } from '../support/http-answers.ts'
import {
  ATTEMPT,
  aProvider,
  callback,
  type Lies,
  lyingProvider,
} from '../support/lying-provider.ts'
import { aProtocol } from '../support/protocol.ts'

// What becomes of the claims: the address and its flag are of one document.

const ISSUER = 'https://issuer.example.com'
const EMAIL = 'alice@example.com'

function world(lies: Lies, changes: Partial<Provider> = {}) {
  const { answers, calls } = lyingProvider(() => ISSUER, lies)
  const { protocol, unavailable } = aProtocol({ fetch: fetchFrom(answers) })
  const identify = () => protocol.identify(aProvider(changes), ATTEMPT, callback())
  return { identify, unavailable, calls }
}

async function addressBy(lies: Lies, changes: Partial<Provider> = {}) {
  const { email, emailVerified } = await world(lies, changes).identify()
  return [email, emailVerified]
}

test('the address and its flag never come from two documents', async () => {
  const verified = { email_verified: true }
  const address = { email: EMAIL }

  assert.deepEqual(await addressBy({ claims: address, userinfo: verified }), [EMAIL, false])
  assert.deepEqual(await addressBy({ claims: address, userinfo: { ...address, ...verified } }), [
    EMAIL,
    false,
  ])
  assert.deepEqual(await addressBy({ claims: verified, userinfo: address }), [EMAIL, false])
  assert.deepEqual(
    await addressBy({ claims: verified, userinfo: { ...address, email_verified: false } }),
    [EMAIL, false],
  )
  assert.deepEqual(
    await addressBy({ claims: { ...address, ...verified }, userinfo: { email_verified: false } }),
    [EMAIL, true],
  )
  assert.deepEqual(await addressBy({ userinfo: { ...address, ...verified } }), [EMAIL, true])
  assert.deepEqual(
    await addressBy({ claims: { email: null }, userinfo: { ...address, ...verified } }),
    [undefined, false],
  )
})

test('an address is verified by `true` alone', async () => {
  for (const email_verified of ['true', 'True', 1, '1', 'yes', [true], {}, null, undefined, false])
    assert.deepEqual(await addressBy({ claims: { email: EMAIL, email_verified } }), [EMAIL, false])
})

test('xms_edov is the flag where the settings say so, in the spellings of Microsoft', async () => {
  const by = (claims: object) =>
    addressBy({ claims: { email: EMAIL, ...claims } }, { verifiedClaim: 'xms_edov' })

  for (const xms_edov of [true, 1, '1', 'true'])
    assert.deepEqual(await by({ xms_edov }), [EMAIL, true])
  for (const xms_edov of [false, 0, '0', 'false', 2, 'yes', [1], null, undefined])
    assert.deepEqual(await by({ xms_edov }), [EMAIL, false])
  assert.deepEqual(await by({ email_verified: true }), [EMAIL, false])
})

test('the settings may trust every address, or none', async () => {
  const unverified = { claims: { email: EMAIL } }
  const verified = { claims: { email: EMAIL, email_verified: true } }

  assert.deepEqual(await addressBy(unverified, { trustEmail: 'always' }), [EMAIL, true])
  assert.deepEqual(await addressBy(verified, { trustEmail: 'never' }), [EMAIL, false])
  assert.deepEqual(await addressBy({}, { trustEmail: 'always' }), [undefined, false])
})

test('an address that no account may have is none', async () => {
  for (const email of [
    // As `a@example.de`, but longer than accounts may have it.
    `a@exam${'\u00ad'.repeat(130)}ple.de`,
    '',
    'alice',
    'alice@localhost',
    '"a b"@example.com',
    'a@b@example.com',
    'alice@example.com\r\nBcc: bob@example.com',
    ' alice@example.com',
    'älice@example.com',
    `${'x'.repeat(65)}@example.com`,
    `a@${'x.'.repeat(126)}example.com`,
    7,
    ['alice@example.com'],
    { address: EMAIL },
  ])
    assert.deepEqual(
      await addressBy({ claims: { email, email_verified: true } }, { trustEmail: 'always' }),
      [undefined, false],
      String(email),
    )
})

test('names come from either document; strange ones are left out', async () => {
  const named = async (claims: object, userinfo: object = {}) => {
    const { username, name } = await world({
      claims: { ...claims },
      userinfo: { ...userinfo },
    }).identify()
    return [username, name]
  }

  const names = { preferred_username: 'Alice', name: 'Alice Ä. 🦊' }
  assert.deepEqual(await named(names), ['Alice', 'Alice Ä. 🦊'])
  assert.deepEqual(await named({}, names), ['Alice', 'Alice Ä. 🦊'])
  assert.deepEqual(await named({ name: 'A' }, names), ['Alice', 'A'])
  assert.deepEqual(await named({ preferred_username: '', name: 'x'.repeat(256) }), [
    undefined,
    undefined,
  ])
  assert.deepEqual(await named({ preferred_username: ['a'], name: { first: 'A' } }), [
    undefined,
    undefined,
  ])
})

test('userinfo of another person makes the provider unavailable', async () => {
  for (const sub of ['another', '', 7, undefined, 'Somebody']) {
    const { identify, unavailable } = world({ userinfo: { sub, email: EMAIL } })

    await unavailable(identify(), /"sub"/)
  }
})

test('a provider without userinfo has no address but that of the ID token', async () => {
  const metadata = { userinfo_endpoint: undefined }
  const { identify, calls } = world({ metadata })

  assert.equal((await identify()).email, undefined)
  assert.ok(!calls.includes('/userinfo'))
})

test('a second factor counts only as text that is trusted', async () => {
  const has = async (claims: object, trustMfa = ['mfa', 'urn:gold']) =>
    (await world({ claims: { email: EMAIL, ...claims } }, { trustMfa }).identify()).hasSecondFactor

  for (const claims of [{ amr: ['pwd', 'mfa'] }, { acr: 'urn:gold' }, { acr: '1', amr: ['mfa'] }])
    assert.equal(await has(claims), true)
  for (const claims of [{}, { amr: 'mfa' }, { acr: ['mfa'] }, { amr: [['mfa']] }, { amr: ['MFA'] }])
    assert.equal(await has(claims), false)
  assert.equal(await has({ acr: '', amr: [null] }, []), false)
})

test('nothing of the provider comes along but the person', async () => {
  const identity = await world({ claims: { email: EMAIL, secret: 'x', groups: ['y'] } }).identify()

  assert.deepEqual(Object.keys(identity).sort(), [
    'email',
    'emailVerified',
    'hasSecondFactor',
    'issuer',
    'name',
    'subject',
    'username',
  ])
})
