// runs once
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { fetchFrom, serve } from '../support/http-answers.ts'
import {
  ATTEMPT,
  aProvider,
  callback,
  type Lies,
  lyingProvider,
} from '../support/lying-provider.ts'
import { aProtocol } from '../support/protocol.ts'

// What a provider may do to this server: little, and for a short time.

const LIMIT = 64 * 1024
const PATHS = ['/.well-known/openid-configuration', '/token', '/keys', '/userinfo']

async function world(
  t: TestContext,
  lies: Lies = {},
  options: Parameters<typeof aProtocol>[0] = {},
) {
  let issuer = ''
  const { answers, calls } = lyingProvider(() => issuer, lies)
  issuer = await serve(t, answers)
  const { protocol, unavailable } = aProtocol(options)
  const provider = aProvider({ issuer })
  const identify = () => protocol.identify(provider, ATTEMPT, callback())
  const begin = () => protocol.authorizationUrl(provider, ATTEMPT)
  return { identify, begin, unavailable, calls, lies, issuer }
}

const padded = (size: number) => {
  const json = JSON.stringify({ sub: 'somebody', padding: '' })
  return json.replace('"padding":""', `"padding":"${'x'.repeat(size - json.length)}"`)
}

for (const path of PATHS) {
  for (const [name, answer, reason] of [
    ['an error', () => new Response('no', { status: 500 }), /500/],
    ['no JSON', () => new Response('<html>', { status: 200 }), /content-type|JSON|parsing/],
    ['a list', () => Response.json([]), /top level object|invalid response/],
    ['a redirect', () => Response.redirect('https://evil.example.com/', 302), /redirect \(302\)/],
    ['an endless body', () => endless, /more than 65536 bytes/],
    ['a slow body', () => slow, /no whole answer within 300 ms/],
    ['nothing', () => silent, /no whole answer within 300 ms/],
    ['a closed connection', () => closed, /UND_ERR_SOCKET|ECONNRESET|other side closed/],
    ['half of a body', () => cut, /UND_ERR_SOCKET|ECONNRESET|terminated|closed/],
    ['a packed body that grows', () => bomb(), /more than 65536 bytes/],
    ['lies about its length', () => tooLong, /failed to parse/],
  ] as const)
    test(`${name} from ${path} makes the provider unavailable`, async (t) => {
      const options = reason.source.includes('300 ms') ? { callMs: 300 } : {}
      const { identify, unavailable } = await world(t, { answers: { [path]: answer } }, options)

      await unavailable(identify(), reason)
    })
}

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const more = () => !response.destroyed && response.write(' '.repeat(16 * 1024), more)
  more()
}

function slow(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 50)
  response.on('close', () => clearInterval(timer))
}

function silent(): void {}

function closed(response: ServerResponse): void {
  response.destroy()
}

function cut(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{', () => response.destroy())
}

function bomb(): Response {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  return new Response(gzipSync(' '.repeat(1_000_000)), { headers })
}

/** Says that it is short. */
function tooLong(response: ServerResponse): void {
  response.socket?.end(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n${' '.repeat(LIMIT)}{}`,
  )
}

test('a body of 64 KiB is read, one of a byte more is not', async (t) => {
  const { identify, unavailable, lies } = await world(t)
  const answer = (size: number) => () =>
    new Response(padded(size), { headers: { 'content-type': 'application/json' } })

  lies.answers = { '/userinfo': answer(LIMIT) }
  assert.equal((await identify()).subject, 'somebody')
  lies.answers = { '/userinfo': answer(LIMIT + 1) }
  await unavailable(identify(), /more than 65536 bytes/)
})

test('a sign-in asks for three things at most, beside the discovery', async (t) => {
  const { identify, calls } = await world(t)

  await identify()
  assert.deepEqual(calls.splice(0), [PATHS[0], '/token', '/keys', '/userinfo'])
  await identify()
  assert.deepEqual(calls, ['/token', '/userinfo'])
})

test('nobody at the address makes the provider unavailable', async () => {
  const { protocol, unavailable } = aProtocol()
  const provider = aProvider({ issuer: 'http://127.0.0.1:9' })

  await unavailable(protocol.authorizationUrl(provider, ATTEMPT), /ECONNREFUSED|bad port/)
})

test('a discovery that failed is tried again, and one that succeeded kept for an hour', async (t) => {
  let now = 0
  const { begin, unavailable, lies, calls } = await world(t, {}, { now: () => now })
  lies.answers = { '/.well-known/openid-configuration': () => new Response('', { status: 503 }) }
  await unavailable(Promise.all([begin(), begin(), begin()]), /503/)
  assert.equal(calls.length, 1, 'those who ask meanwhile share it')

  lies.answers = {}
  await begin()
  now = 60 * 60 * 1000 - 1
  await begin()
  assert.equal(calls.length, 2)
  now += 1
  await begin()
  assert.equal(calls.length, 3)
})

for (const [name, metadata, reason] of [
  ['names another issuer', { issuer: 'https://other.example.com' }, /of another issuer|not match/],
  [
    'has a slash more',
    { issuer: 'https://issuer.example.com/' },
    /\.com\/ instead of https:.*\.com$/,
  ],
  ['is in capitals', { issuer: 'https://ISSUER.example.com' }, /another issuer/],
  ['names no issuer', { issuer: undefined }, /issuer/],
  ['has a number as issuer', { issuer: 7 }, /issuer/],
  ['has no place to sign in', { authorization_endpoint: undefined }, /no authorization_endpoint/],
  ['has no place for codes', { token_endpoint: undefined }, /no token_endpoint/],
  ['has no keys', { jwks_uri: undefined }, /no jwks_uri/],
  ['has a list of keys', { jwks_uri: ['https://issuer.example.com/keys'] }, /no jwks_uri/],
  ['has null for userinfo', { userinfo_endpoint: null }, /no userinfo_endpoint/],
  ['has a path alone', { token_endpoint: '/token' }, /not a URL/],
  ['lacks TLS', { token_endpoint: 'http://issuer.example.com/token' }, /is not https/],
  ['lacks TLS for people', { authorization_endpoint: 'http://a.example.com/' }, /is not https/],
  ['names a script', { authorization_endpoint: 'javascript:alert(1)' }, /is not https/],
  ['names a file', { jwks_uri: 'file:///etc/passwd' }, /is not https/],
  ['names this machine', { jwks_uri: 'https://127.0.0.1/keys' }, /may name/],
  ['names it in another way', { jwks_uri: 'https://2130706433/keys' }, /may name/],
  ['names it in hexadecimal', { jwks_uri: 'https://0x7f.1/keys' }, /may name/],
  ['names it in IPv6', { jwks_uri: 'https://[::ffff:127.0.0.1]/keys' }, /may name/],
  ['names it by name', { jwks_uri: 'https://localhost/keys' }, /may name/],
  ['names it by a longer name', { jwks_uri: 'https://a.localhost./keys' }, /may name/],
  ['names a cloud', { token_endpoint: 'https://169.254.169.254/latest' }, /may name/],
  ['names a network', { userinfo_endpoint: 'https://10.0.0.1/me' }, /may name/],
  ['has a password', { jwks_uri: 'https://a:b@issuer.example.com/keys' }, /has a password/],
  ['has a long address', { jwks_uri: `https://a.example.com/${'x'.repeat(9000)}` }, /too long/],
] as const)
  test(`a discovery document that ${name} cannot be used`, async () => {
    const seen: string[] = []
    const { answers } = lyingProvider(() => 'https://issuer.example.com', { metadata })
    const fetch = fetchFrom((request) => {
      seen.push(request.url)
      return answers(request)
    })
    const { protocol, unavailable } = aProtocol({ fetch })

    await unavailable(protocol.authorizationUrl(aProvider(), ATTEMPT), reason)
    assert.deepEqual(seen, ['https://issuer.example.com/.well-known/openid-configuration'])
  })

test('endpoints on other hosts of the world can be used', async () => {
  const metadata = { authorization_endpoint: 'https://accounts.example.org/o?a=b' }
  const { answers } = lyingProvider(() => 'https://issuer.example.com', { metadata })
  const { protocol } = aProtocol({ fetch: fetchFrom(answers) })

  const url = await protocol.authorizationUrl(aProvider(), ATTEMPT)

  assert.equal(url.host, 'accounts.example.org')
  assert.equal(url.searchParams.get('a'), 'b')
})

test('an issuer without TLS is for this machine, outside production', async () => {
  for (const [issuer, isProduction] of [
    ['http://127.0.0.1:3999', true],
    ['http://localhost:3999', true],
    ['http://issuer.example.com', false],
    ['http://10.0.0.1', false],
  ] as const) {
    const { protocol, unavailable } = aProtocol({ isProduction })

    const asked = protocol.authorizationUrl(aProvider({ issuer }), ATTEMPT)
    await unavailable(asked, /HTTPS|is not https/)
  }
})

test('an access token that no header can hold is not sent', async (t) => {
  const { identify, unavailable, calls } = await world(t, { accessToken: 'x'.repeat(17_000) })

  await unavailable(identify(), /headers that are too long/)
  assert.ok(!calls.includes('/userinfo'))
})

test('an issuer on this machine without TLS may not send anybody elsewhere without it', async (t) => {
  const metadata = { token_endpoint: 'http://issuer.example.com/token' }
  const { begin, unavailable } = await world(t, { metadata })

  await unavailable(begin(), /is not https/)
})
