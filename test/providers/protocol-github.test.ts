// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Provider } from '../../src/config/provider.ts'
import { type Answers, fetchFrom, serve } from '../support/http-answers.ts'
import { type GithubUser, githubSettings, imitateGithub } from '../support/imitated-providers.ts'
import { anAttempt } from '../support/oidc-provider.ts'
import { aProtocol, denied, refused } from '../support/protocol.ts'

// GitHub, as its documentation describes it.

const CALLBACK = 'https://app.example.com/oidc/github/callback'
const MONA: GithubUser = {
  id: 583_231,
  login: 'Mona-Lisa',
  name: 'Mona Lisa Octocat',
  emails: [
    { email: 'old@example.com', primary: false, verified: true },
    { email: 'mona@example.com', primary: true, verified: true },
    { email: '583231+mona@users.noreply.github.com', primary: false, verified: true },
  ],
}

/** @param lie answers instead of GitHub, where it answers */
function world(lie?: (path: string) => Response | undefined) {
  const github = imitateGithub()
  const answers: Answers = (request) =>
    lie?.(new URL(request.url).pathname) ?? github.answers(request)
  const { protocol, unavailable, lines } = aProtocol({ fetch: fetchFrom(answers) })

  async function signIn(user = MONA, changes: Partial<Provider> = {}) {
    const provider = { ...githubSettings(), ...changes }
    const attempt = anAttempt(CALLBACK)
    const url = await protocol.authorizationUrl(provider, attempt)
    const parameters = github.authorize(url, user)
    const identify = () => protocol.identify(provider, attempt, parameters)
    return { url, attempt, parameters, identify }
  }
  return { github, protocol, signIn, unavailable, lines }
}

test('a user of GitHub signs in by their number', async () => {
  const { signIn, github } = world()

  const { url, attempt, identify } = await signIn()

  assert.equal(url.origin + url.pathname, 'https://github.com/login/oauth/authorize')
  const { code_challenge = '', ...sent } = Object.fromEntries(url.searchParams)
  assert.match(code_challenge, /^[\w-]{43}$/)
  assert.deepEqual(sent, {
    response_type: 'code',
    client_id: 'latchkey',
    redirect_uri: CALLBACK,
    scope: 'read:user user:email',
    state: attempt.state,
    code_challenge_method: 'S256',
  })
  assert.deepEqual(await identify(), {
    issuer: 'https://github.com',
    subject: '583231',
    email: 'mona@example.com',
    emailVerified: true,
    username: 'Mona-Lisa',
    name: 'Mona Lisa Octocat',
    hasSecondFactor: false,
  })
  assert.deepEqual(github.calls, [
    'POST github.com/login/oauth/access_token',
    'GET api.github.com/user',
    'GET api.github.com/user/emails',
  ])
})

test('an Enterprise Server has its API on its own host', async (t) => {
  const github = imitateGithub()
  const issuer = await serve(t, github.answers)
  const { protocol } = aProtocol()
  const attempt = anAttempt(CALLBACK)
  const url = await protocol.authorizationUrl(githubSettings(issuer), attempt)

  const parameters = github.authorize(url, MONA)
  const identity = await protocol.identify(githubSettings(issuer), attempt, parameters)

  assert.deepEqual([identity.issuer, identity.subject], [issuer, '583231'])
  assert.ok(github.calls.includes(`GET ${new URL(issuer).host}/api/v3/user`))
})

test('the address is the primary one, verified by the same entry', async () => {
  const { signIn } = world()
  const addressOf = async (emails: GithubUser['emails'], changes: Partial<Provider> = {}) => {
    const { email, emailVerified } = await (await signIn({ ...MONA, emails }, changes)).identify()
    return [email, emailVerified]
  }
  const other = { email: 'other@example.com', primary: false, verified: true }
  const primary = { email: 'mona@example.com', primary: true, verified: false }

  assert.deepEqual(await addressOf([other, primary]), ['mona@example.com', false])
  assert.deepEqual(await addressOf([other]), [undefined, false])
  assert.deepEqual(await addressOf([]), [undefined, false])
  assert.deepEqual(await addressOf([primary], { trustEmail: 'always' }), ['mona@example.com', true])
  const verified = [{ ...primary, verified: true }]
  assert.deepEqual(await addressOf(verified, { trustEmail: 'never' }), ['mona@example.com', false])
})

test('a code is of use once, and to its own attempt alone', async () => {
  const { signIn, protocol } = world()
  const first = await signIn()
  const second = await signIn()

  await first.identify()
  await refused(first.identify(), 'code_refused')
  const stranger = { ...anAttempt(CALLBACK), state: second.attempt.state }
  const asked = protocol.identify(githubSettings(), stranger, second.parameters)
  await refused(asked, 'code_refused')
})

test('a wrong state or issuer is refused, GitHub may name itself', async () => {
  const { signIn, protocol } = world()
  const { attempt, parameters } = await signIn()
  const bring = (iss: string) => {
    parameters.set('iss', iss)
    return protocol.identify(githubSettings(), attempt, parameters)
  }

  await refused(protocol.identify(githubSettings(), anAttempt(CALLBACK), parameters), 'state_wrong')
  await refused(bring('https://evil.example.com'), 'issuer_wrong')
  assert.equal((await bring('https://github.com/login/oauth')).subject, '583231')
})

test('errors of the callback are told apart', async () => {
  const { signIn, protocol, unavailable } = world()
  const { attempt } = await signIn()
  const bring = (error: string) =>
    protocol.identify(
      githubSettings(),
      attempt,
      new URLSearchParams({ error, state: attempt.state }),
    )

  await denied(bring('access_denied'), 'access_denied')
  await unavailable(bring('redirect_uri_mismatch'), /redirect_uri_mismatch/)
  await unavailable(bring('application_suspended'), /application_suspended/)
})

test('an error with status 200 is an error', async () => {
  const { signIn, unavailable } = world()

  const { identify } = await signIn(MONA, { clientSecret: 'wrong' })
  await unavailable(identify(), /incorrect_client_credentials/)

  const token = (json: object) => (path: string) =>
    path.endsWith('/access_token') ? Response.json(json) : undefined
  const error = 'unverified_user_email'
  await denied((await world(token({ error })).signIn()).identify(), error)
  const other = world(token({ token_type: 'bearer' }))
  await other.unavailable((await other.signIn()).identify(), /without a token/)
})

for (const [name, path, answer, reason] of [
  ['an outage', '/login/oauth/access_token', () => new Response('', { status: 502 }), /not JSON/],
  ['a page', '/user', () => new Response('<html>'), /not JSON/],
  ['a rate limit', '/user', () => Response.json({}, { status: 403 }), /\/user .* 403/],
  ['no permission', '/user/emails', () => Response.json({}, { status: 404 }), /emails .* 404/],
  ['an object of addresses', '/user/emails', () => Response.json({}), /list of addresses/],
  ['a list of users', '/user', () => Response.json([]), /not an object/],
  ['no id', '/user', () => Response.json({ login: 'mona' }), /not a number/],
  ['a login as id', '/user', () => Response.json({ id: 'mona' }), /not a number/],
  ['a half id', '/user', () => Response.json({ id: 1.5 }), /not a number/],
  ['an id that lost digits', '/user', () => Response.json({ id: 2 ** 60 }), /not a number/],
  ['a redirect', '/user', () => Response.redirect('https://a.example.com/', 302), /redirect/],
  ['a large body', '/user', () => Response.json('x'.repeat(70_000)), /more than 65536/],
] as const)
  test(`${name} from ${path} makes GitHub unavailable`, async () => {
    const { signIn, unavailable, lines } = world((asked) => (asked === path ? answer() : undefined))

    await unavailable((await signIn()).identify(), reason)
    assert.doesNotMatch(JSON.stringify(lines), /gho_|a-secret/)
  })

test('a list of addresses may have strange entries', async () => {
  for (const list of [[null], ['a@example.com'], [{ primary: true }], [{ primary: 'true' }]]) {
    const { signIn } = world((path) => (path.endsWith('/emails') ? Response.json(list) : undefined))

    assert.equal((await (await signIn()).identify()).email, undefined)
  }
})
