// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { isReturnUrl } from '../../src/config/return-urls.ts'
import { PRODUCTION, refusal } from '../support/config.ts'

const ALLOWED = [
  'https://app.example.org/done',
  'https://app.example.org/done?from=latchkey',
  'com.example.app:/done',
  'http://127.0.0.1/cb',
  'http://[::1]:8000/cb',
  'http://localhost:5173/cb',
]

const allowed = loadConfig({ RETURN_URLS: ALLOWED.join() }).returnUrls

for (const address of [
  ...ALLOWED,
  'http://127.0.0.1:1/cb',
  'http://127.0.0.1:51004/cb',
  'http://127.0.0.1:65535/cb',
  'http://[::1]/cb',
  'http://[::1]:51004/cb',
]) {
  test(`a sign-in may lead back to ${address}`, () => {
    assert.equal(isReturnUrl(allowed, address), true)
  })
}

const OPEN_REDIRECTS = [
  '',
  '/done',
  '//evil.example',
  '//evil.example/done',
  'https:evil.example',
  'https:/evil.example/done',
  'https:///evil.example/done',
  'https:\\\\evil.example/done',
  '\\\\evil.example/done',
  'https://app.example.org\\@evil.example/done',
  'https://app.example.org@evil.example/done',
  'https://app.example.org:pw@evil.example/done',
  'https://evil@app.example.org/done',
  'https://app.example.org.evil.example/done',
  'https://app.example.org./done',
  'https://app.example.org:443/done',
  'https://app.example.org:8443/done',
  'http://app.example.org/done',
  'HTTPS://app.example.org/done',
  'https://APP.example.org/done',
  'https://app.example.org/Done',
  'https://app.example.org/',
  'https://app.example.org',
  'https://app.example.org/done/',
  'https://app.example.org//done',
  'https://app.example.org/done/more',
  'https://app.example.org/done.evil',
  'https://app.example.org/x/../done',
  'https://app.example.org/done/../evil',
  'https://app.example.org/x/%2e%2e/done',
  'https://app.example.org%2fdone',
  'https://app.example.org/%64one',
  'https://app.example.org/done%2f',
  'https://app.example.org/done%00',
  'https://app.example.org/done?next=https://evil.example',
  'https://app.example.org/done?from=latchkey&more',
  'https://app.example.org/done?',
  'https://app.example.org/done#',
  'https://app.example.org/done#challenge=stolen',
  ' https://app.example.org/done',
  'https://app.example.org/done ',
  'https://app.example.org/done\n',
  'https://app.example.org/done\0',
  'ht\ttps://app.example.org/done',
  'https://app\n.example.org/done',
  'https://app.example.org/\r\ndone',
  'https://app。example。org/done',
  'https://app．example．org/done',
  'https://аpp.example.org/done',
  'https://app.example.org／done',
  'https://app.example.org/done\u202e',
  'https://app.example.org/done,https://evil.example',
  'javascript:alert(1)//https://app.example.org/done',
  'data:text/html,https://app.example.org/done',
  'file:///https://app.example.org/done',
  'com.example.app:/done/more',
  'com.example.app://done',
  'com.example.app:done',
  'COM.example.app:/done',
  'com.example.apps:/done',
]

for (const address of OPEN_REDIRECTS) {
  test(`a sign-in never leads to ${JSON.stringify(address)}`, () => {
    assert.equal(isReturnUrl(allowed, address), false)
  })
}

for (const address of [
  'http://127.0.0.1:0/cb',
  'http://127.0.0.1:080/cb',
  'http://127.0.0.1:65536/cb',
  'http://127.0.0.1:99999/cb',
  'http://127.0.0.1:/cb',
  'http://127.0.0.1:8000:9000/cb',
  'http://127.0.0.1:8000@evil.example/cb',
  'http://127.0.0.1:8000.evil.example/cb',
  'http://127.0.0.1:8000/cb/',
  'http://127.0.0.1:8000/cb?a',
  'http://127.0.0.1:8000/cb#a',
  'http://127.0.0.1:8000',
  'http://127.0.0.2:8000/cb',
  'http://127.1:8000/cb',
  'http://2130706433:8000/cb',
  'http://0x7f.0.0.1:8000/cb',
  'https://127.0.0.1:8000/cb',
  'http://[0:0:0:0:0:0:0:1]:8000/cb',
  'http://[::ffff:127.0.0.1]:8000/cb',
  'http://[::1%25lo]:8000/cb',
  'http://localhost:5174/cb',
  'http://localhost/cb',
  'http://0.0.0.0:8000/cb',
]) {
  test(`the free port of this machine opens nothing else: ${address}`, () => {
    assert.equal(isReturnUrl(allowed, address), false)
  })
}

test('the port is free for listed addresses of this machine only', () => {
  assert.equal(isReturnUrl(['https://app.example.org/cb'], 'http://127.0.0.1:8000/cb'), false)
  assert.equal(isReturnUrl(['http://127.0.0.1/other'], 'http://127.0.0.1:8000/cb'), false)
  assert.equal(isReturnUrl(['http://[::1]/cb'], 'http://127.0.0.1:8000/cb'), false)
  assert.equal(isReturnUrl([], 'http://127.0.0.1:8000/cb'), false)
})

test('without RETURN_URLS sign-ins lead back to the server and its frontends', () => {
  const { returnUrls } = loadConfig({
    ...PRODUCTION,
    PUBLIC_URL: 'https://example.org/auth',
    CORS_ORIGINS: 'https://app.example.org,capacitor://localhost,https://example.org:8443',
  })

  assert.deepEqual(returnUrls, [
    'https://example.org/auth/',
    'https://app.example.org/',
    'https://example.org:8443/',
  ])
})

test('RETURN_URLS in another spelling is refused with the right one, and shows no password', () => {
  const fixOf = (RETURN_URLS: string) => refusal({ RETURN_URLS }).issues[0]?.fix ?? ''

  assert.equal(
    fixOf('HTTPS://App.Example.org:443/a/../b c'),
    'write "https://app.example.org/b%20c", as browsers spell it',
  )
  assert.match(fixOf('https:app.example.org'), /"https:\/\/app\.example\.org\/"/)
  for (const shape of [
    'https://me:hunter2@a.example',
    'http://hunter2@a.example/#',
    'x.y://hunter2@a',
  ])
    assert.doesNotMatch(fixOf(shape), /hunter2/)
})

test('http://localhost is for development: in production it needs an address by number', () => {
  const env = { RETURN_URLS: 'http://localhost:5173/cb' }

  assert.deepEqual(loadConfig(env).returnUrls, ['http://localhost:5173/cb'])
  assert.match(refusal({ ...PRODUCTION, ...env }).message, /RETURN_URLS: .*http:\/\/127\.0\.0\.1/)
  assert.doesNotThrow(() => loadConfig({ ...PRODUCTION, RETURN_URLS: 'http://127.0.0.1/cb' }))
})
