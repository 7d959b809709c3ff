// runs once
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { jwtVerify } from 'jose'
import { loadConfig } from '../../src/config/config.ts'
import { scratchDirectory } from '../support/databases.ts'
import { pageAt } from '../support/walkthrough.ts'

/** What Apple allows between `iat` and `exp`. */
const SIX_MONTHS = 15_777_000

test('the page makes a client secret that Apple takes, and the settings read', async (t) => {
  const folder = scratchDirectory(t)
  const [script, keyFile] = [join(folder, 'apple-secret.mjs'), join(folder, 'AuthKey.p8')]
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(script, codeIn('apple-secret.mjs'))

  const args = [script, keyFile, 'ABC123DEFG', 'TEAM123456', 'org.example.auth']
  const secret = execFileSync(process.execPath, args, { encoding: 'utf8' })

  const { payload, protectedHeader } = await jwtVerify(secret.trim(), publicKey, {
    ...{ algorithms: ['ES256'], issuer: 'TEAM123456', subject: 'org.example.auth' },
    audience: 'https://appleid.apple.com',
  })
  assert.deepEqual(protectedHeader, { alg: 'ES256', kid: 'ABC123DEFG' })
  const { iat = 0, exp = 0 } = payload
  assert.ok(exp - iat > SIX_MONTHS / 2 && exp - iat <= SIX_MONTHS)
  const env = { OIDC_PROVIDERS: 'apple', OIDC_APPLE_CLIENT_ID: 'org.example.auth' }
  const read = loadConfig({ ...env, OIDC_APPLE_CLIENT_SECRET_FILE: '/a' }, () => secret)
  assert.equal(read.providers[0]?.clientSecret, secret.trim())
})

test('the settings on the page are settings, provider by provider', () => {
  const blocks = [...pageAt('docs/providers.md').matchAll(/^```sh\n(.*?)^```/gms)]
  const samples = blocks
    .map(([, text = '']) => text)
    .filter((text) => /^OIDC_PROVIDERS=/.test(text))

  assert.equal(samples.length, 6)
  for (const text of samples) {
    const lines = [...text.matchAll(/^(\w+)='?(.*?)'?$/gm)].map(([, name, value]) => [name, value])
    const config = loadConfig(Object.fromEntries(lines), () => 'a')

    assert.equal(config.providers.length, lines[0]?.[1]?.split(',').length, text)
  }
  const lists = [...pageAt('docs/providers.md').matchAll(/^RETURN_URLS=(.+)$/gm)]
  const counts = lists.map(([, urls]) => loadConfig({ RETURN_URLS: urls }).returnUrls.length)
  assert.deepEqual(counts, [1, 3])
})

/** The code below the sentence that names its file, without the indentation of the list. */
function codeIn(name: string): string {
  const page = pageAt('docs/providers.md')
  const [, code = ''] = /```js\n(.*?)```/s.exec(page.slice(page.indexOf(name))) ?? []
  return code.replaceAll(/^ {3}/gm, '')
}
