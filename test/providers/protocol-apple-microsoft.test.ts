// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchFrom } from '../support/http-answers.ts'
import { type ApplePerson, appleSettings, imitateApple } from '../support/imitated-providers.ts'
import {
  ATTEMPT,
  aProvider,
  callback,
  type Lies,
  lyingProvider,
} from '../support/lying-provider.ts'
import { anAttempt } from '../support/oidc-provider.ts'
import { aProtocol, denied, refused } from '../support/protocol.ts'

// Apple and Microsoft, where they differ from others.

const PERSON: ApplePerson = {
  sub: '001234.abcdef0123456789abcdef0123456789.0123',
  email: 'k2x9@privaterelay.appleid.com',
  email_verified: 'true',
  is_private_email: 'true',
}
const NAME = { firstName: 'Ada', lastName: 'Lovelace' }

function appleWorld() {
  const apple = imitateApple()
  const { protocol, lines } = aProtocol({ fetch: fetchFrom(apple.answers) })
  const attempt = anAttempt('https://app.example.com/oidc/apple/callback')

  async function signIn(person = PERSON, name?: object) {
    const url = await protocol.authorizationUrl(appleSettings(), attempt)
    return protocol.identify(appleSettings(), attempt, apple.authorize(url, person, name))
  }
  return { protocol, attempt, signIn, lines }
}

test('a person of Apple signs in by a form, with a relay address', async () => {
  const { signIn } = appleWorld()

  assert.deepEqual(await signIn(PERSON, NAME), {
    issuer: 'https://appleid.apple.com',
    subject: PERSON.sub,
    email: 'k2x9@privaterelay.appleid.com',
    emailVerified: true,
    username: undefined,
    name: 'Ada Lovelace',
    hasSecondFactor: false,
  })
  assert.equal((await signIn()).name, undefined, 'the name comes once')
})

test('the flag of Apple may be a string', async () => {
  const { signIn } = appleWorld()

  for (const [email_verified, expected] of [
    ['true', true],
    [true, true],
    ['false', false],
    [false, false],
    ['TRUE', false],
    ['1', false],
  ] as const)
    assert.equal((await signIn({ ...PERSON, email_verified })).emailVerified, expected)
})

test('the form of Apple gives a name to show, and never an address', async () => {
  const { signIn } = appleWorld()

  const { email, emailVerified } = await signIn({ sub: 'a' }, NAME)
  assert.deepEqual([email, emailVerified], [undefined, false])
  assert.equal((await signIn(PERSON, { firstName: 'Ada' })).name, 'Ada')
  for (const strange of [{}, [], { firstName: 7 }, { firstName: 'x'.repeat(300), lastName: '' }])
    assert.equal((await signIn(PERSON, strange)).name, undefined)
})

test('a broken form of Apple does not keep anybody out', async () => {
  const apple = imitateApple()
  const { protocol } = aProtocol({ fetch: fetchFrom(apple.answers) })
  const attempt = anAttempt('https://app.example.com/oidc/apple/callback')
  for (const user of ['{', 'null', '7', '[]', '{"name":null}']) {
    const url = await protocol.authorizationUrl(appleSettings(), attempt)
    const parameters = apple.authorize(url, PERSON)
    parameters.set('user', user)

    const { subject, name } = await protocol.identify(appleSettings(), attempt, parameters)
    assert.deepEqual([subject, name], [PERSON.sub, undefined])
  }
})

test('a person who cancels at Apple is denied', async () => {
  const { protocol, attempt, lines } = appleWorld()
  const parameters = new URLSearchParams({
    error: 'user_cancelled_authorize',
    state: attempt.state,
  })

  const asked = protocol.identify(appleSettings(), attempt, parameters)
  await denied(asked, 'user_cancelled_authorize')
  assert.deepEqual(lines, [])
})

const MICROSOFT = 'https://login.microsoftonline.com'
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad'
const TEMPLATE = `${MICROSOFT}/{tenantid}/v2.0`
const CLAIMS = { tid: TENANT, iss: `${MICROSOFT}/${TENANT}/v2.0`, email: 'a@example.com' }

function microsoft(path: string, documentIssuer: string, lies: Lies = {}) {
  const issuer = `${MICROSOFT}/${path}/v2.0`
  const { metadata, ...others } = lies
  const { answers } = lyingProvider(() => issuer, {
    metadata: { issuer: documentIssuer, ...metadata },
    claims: CLAIMS,
    ...others,
  })
  const { protocol, unavailable } = aProtocol({ fetch: fetchFrom(answers) })
  const provider = aProvider({ id: 'microsoft', issuer })
  const identify = (changes = {}) => protocol.identify(provider, ATTEMPT, callback(changes))
  return { identify, unavailable }
}

test('the issuer of a person at Microsoft is their own tenant', async () => {
  const personal = { ...CLAIMS, tid: PERSONAL, iss: `${MICROSOFT}/${PERSONAL}/v2.0` }
  for (const [path, documentIssuer, claims] of [
    ['common', TEMPLATE, CLAIMS],
    ['common', TEMPLATE, personal],
    ['organizations', TEMPLATE, CLAIMS],
    ['consumers', `${MICROSOFT}/${PERSONAL}/v2.0`, personal],
    [TENANT, `${MICROSOFT}/${TENANT}/v2.0`, CLAIMS],
  ] as const) {
    const identity = await microsoft(path, documentIssuer, { claims }).identify()

    assert.equal(identity.issuer, claims.iss)
  }
})

for (const [name, claims] of [
  ['of another issuer', { ...CLAIMS, iss: 'https://evil.example.com' }],
  ['of another tenant than it says', { ...CLAIMS, tid: PERSONAL }],
  ['without a tenant', { ...CLAIMS, tid: undefined, iss: `${MICROSOFT}/undefined/v2.0` }],
  ['of no real tenant', { ...CLAIMS, tid: 'x', iss: `${MICROSOFT}/x/v2.0` }],
  ['of the template', { ...CLAIMS, tid: '{tenantid}', iss: TEMPLATE }],
  ['of a path', { ...CLAIMS, tid: `${TENANT}/../x`, iss: `${MICROSOFT}/${TENANT}/../x/v2.0` }],
] as const)
  test(`a token ${name} is not accepted from Microsoft`, async () => {
    const { identify, unavailable } = microsoft('common', TEMPLATE, { claims })

    await unavailable(identify(), /"iss"|of another issuer/)
  })

for (const [path, documentIssuer] of [
  [TENANT, TEMPLATE],
  [TENANT, `${MICROSOFT}/${PERSONAL}/v2.0`],
  ['contoso.onmicrosoft.com', `${MICROSOFT}/${TENANT}/v2.0`],
  ['common', `${MICROSOFT}/${TENANT}/v2.0`],
  ['common', 'https://sts.windows.net/{tenantid}/'],
  ['{tenantid}', TEMPLATE],
] as const)
  test(`${path} of Microsoft is not ${documentIssuer}`, async () => {
    const { identify, unavailable } = microsoft(path, documentIssuer)

    await unavailable(identify(), /another issuer|not match/)
  })

test('a callback of Microsoft that names a tenant must be of the tenant of the token', async () => {
  const announced = { metadata: { authorization_response_iss_parameter_supported: true } }
  const { identify } = microsoft('common', TEMPLATE, announced)

  assert.equal((await identify({ iss: CLAIMS.iss })).issuer, CLAIMS.iss)
  await refused(identify({ iss: `${MICROSOFT}/${PERSONAL}/v2.0` }), 'issuer_wrong')
  await refused(identify({ iss: TEMPLATE }), 'issuer_wrong')
  await refused(identify(), 'issuer_missing')
})

test('another provider with the template of Microsoft is not Microsoft', async () => {
  const issuer = 'https://issuer.example.com/common/v2.0'
  const { answers } = lyingProvider(() => issuer, { metadata: { issuer: TEMPLATE } })
  const { protocol, unavailable } = aProtocol({ fetch: fetchFrom(answers) })

  await unavailable(protocol.authorizationUrl(aProvider({ issuer }), ATTEMPT), /not match|another/)
})
