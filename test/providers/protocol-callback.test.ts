// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchFrom } from '../support/http-answers.ts'
import {
  ATTEMPT,
  aProvider,
  callback,
  type Lies,
  lyingProvider,
} from '../support/lying-provider.ts'
import { aProtocol, denied, refused } from '../support/protocol.ts'

// What a browser may bring to the callback.

const ISSUER = 'https://issuer.example.com'
const ANNOUNCED = { metadata: { authorization_response_iss_parameter_supported: true } }

function world(lies: Lies = {}) {
  const { answers, calls } = lyingProvider(() => ISSUER, lies)
  const { protocol, unavailable, lines } = aProtocol({ fetch: fetchFrom(answers) })
  const bring = (parameters: URLSearchParams) => protocol.identify(aProvider(), ATTEMPT, parameters)
  return { bring, unavailable, calls, lines }
}

for (const [name, parameters, reason] of [
  ['another state', callback({ state: 'b-state' }), 'state_wrong'],
  ['no state', callback({ state: undefined }), 'state_wrong'],
  ['an empty state', callback({ state: '' }), 'state_wrong'],
  ['two states', new URLSearchParams('code=a&state=a-state&state=x'), 'parameter_repeated'],
  ['two codes', new URLSearchParams('code=a&code=b&state=a-state'), 'parameter_repeated'],
  ['two issuers', new URLSearchParams('code=a&state=a-state&iss=a&iss=b'), 'parameter_repeated'],
] as const)
  test(`a callback with ${name} is refused before anything is fetched`, async () => {
    const { bring, calls, lines } = world()

    await refused(bring(parameters), reason)
    assert.deepEqual([calls, lines], [[], []])
  })

for (const [name, code] of [
  ['no code', undefined],
  ['an empty code', ''],
  ['a code of 100 kB', 'x'.repeat(100_000)],
] as const)
  test(`a callback with ${name} is refused, and no code is redeemed`, async () => {
    const { bring, calls } = world()

    await refused(bring(callback({ code })), 'code_missing')
    assert.ok(!calls.includes('/token'))
  })

test('the issuer of another provider is a mix-up, announced or not', async () => {
  for (const lies of [{}, ANNOUNCED])
    for (const iss of ['https://other.example.com', `${ISSUER}/`, ISSUER.toUpperCase(), '']) {
      const { bring, calls } = world(lies)

      await refused(bring(callback({ iss })), 'issuer_wrong')
      assert.ok(!calls.includes('/token'), 'the code is not sent')
    }
})

test('where the provider announces its issuer, each callback must name it', async () => {
  const { bring, calls } = world(ANNOUNCED)

  await refused(bring(callback()), 'issuer_missing')
  await refused(bring(callback({ code: undefined, error: 'access_denied' })), 'issuer_missing')
  assert.ok(!calls.includes('/token'))
  assert.equal((await bring(callback({ iss: ISSUER }))).subject, 'somebody')
  assert.equal((await world().bring(callback({ iss: ISSUER }))).subject, 'somebody')
})

for (const error of [
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
  'user_cancelled_authorize',
])
  test(`${error} is the person's or the provider's no, and no error of the server`, async () => {
    const { bring, lines } = world()

    await denied(bring(callback({ code: undefined, error })), error)
    await denied(bring(callback({ error })), error)
    assert.deepEqual(lines, [])
  })

test('other errors make the provider unavailable, with a bounded name in the log', async () => {
  const { bring, unavailable } = world()
  const error = (text: string) => bring(callback({ code: undefined, error: text }))

  await unavailable(error('server_error'), /with the error server_error$/)
  await unavailable(error('temporarily_unavailable'), /temporarily_unavailable/)
  await unavailable(error('a\r\n\x1b[31mb'), /with the error a\?\?\?\[31mb$/)
  await unavailable(error('no '.repeat(50_000)), /^.{1,300}$/)
})

test('an error with another state or issuer is refused', async () => {
  const { bring } = world()
  const error = 'access_denied'

  await refused(bring(callback({ state: 'x', error })), 'state_wrong')
  await refused(bring(callback({ iss: 'https://other.example.com', error })), 'issuer_wrong')
})

test('a code that the provider does not take is refused', async () => {
  const answer = () => Response.json({ error: 'invalid_grant' }, { status: 400 })
  const { bring, lines } = world({ answers: { '/token': answer } })

  await refused(bring(callback()), 'code_refused')
  assert.deepEqual(lines, [])
})

for (const [error, status] of [
  ['invalid_client', 401],
  ['invalid_client', 400],
  ['unauthorized_client', 400],
  ['invalid_request', 400],
  ['invalid_grant', 500],
] as const)
  test(`${error} with ${status} makes the provider unavailable`, async () => {
    const error_description = `AADSTS7000215: Invalid secret ${'s'.repeat(40)} for a-secret`
    const answer = () => Response.json({ error, error_description }, { status })
    const { bring, unavailable, lines } = world({ answers: { '/token': answer } })

    await unavailable(bring(callback()), status === 500 ? /500/ : new RegExp(`${error} AADSTS7`))
    assert.doesNotMatch(JSON.stringify(lines), /ssss|a-secret/)
  })

test('a challenge to the client makes the provider unavailable', async () => {
  const headers = { 'www-authenticate': 'Basic realm="x"' }
  const answer = () => Response.json({ error: 'invalid_client' }, { status: 401, headers })
  const { bring, unavailable } = world({ answers: { '/token': answer } })

  await unavailable(bring(callback()), /status 401: the client or its token is refused/)
})

test('an address or a token in the callback is ignored', async () => {
  const { bring, calls } = world()
  const parameters = callback()
  for (const name of ['id_token', 'access_token', 'token', 'response', 'token_endpoint'])
    parameters.set(name, 'https://evil.example.com/token')

  assert.equal((await bring(parameters)).subject, 'somebody')
  assert.ok(calls.includes('/token'))
})

test('the code, its verifier and the secret are sent to the provider', async () => {
  let sent: URLSearchParams | undefined
  let authorization: string | null = null
  const answer = async (request: Request) => {
    authorization = request.headers.get('authorization')
    sent = new URLSearchParams(await request.text())
    return Response.json({ error: 'invalid_grant' }, { status: 400 })
  }
  const redeem = (ways?: string[]) =>
    world({
      answers: { '/token': answer },
      metadata: { token_endpoint_auth_methods_supported: ways },
    }).bring(callback())
  const own = {
    grant_type: 'authorization_code',
    code: 'a-code',
    code_verifier: ATTEMPT.codeVerifier,
    redirect_uri: ATTEMPT.redirectUri,
  }

  for (const ways of [undefined, ['client_secret_post', 'client_secret_basic']]) {
    await refused(redeem(ways), 'code_refused')
    assert.equal(authorization, `Basic ${btoa('latchkey:a-secret')}`)
    assert.deepEqual(Object.fromEntries(sent ?? []), own)
  }
  await refused(redeem(['client_secret_post', 'private_key_jwt']), 'code_refused')
  assert.equal(authorization, null)
  const client = { client_id: 'latchkey', client_secret: 'a-secret' }
  assert.deepEqual(Object.fromEntries(sent ?? []), { ...own, ...client })
})
