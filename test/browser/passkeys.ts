// Tries the client's passkeys in a real browser: npm run test:browser (CHROMIUM=<path> names
// another). Two domains with certificates of their own and a virtual authenticator: a page uses
// passkeys of a related domain, and one that is not related cannot.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { loadConfig } from '../../src/config/config.ts'
import { type Latchkey, openLatchkey } from '../../src/server.ts'
import { installedChromium, QUIET_FLAGS, untilTrue } from '../support/browser.ts'
import { addAuthenticator } from '../support/browser-passkeys.ts'

const SECRET = Buffer.from('test-master-secret-0123456789-abcdefghijklmnop')
const HOME = 'https://auth.example.com'
const RELATED = 'https://app.example.org'
const STRANGER = 'https://app.example.net'
const PERSON = {
  username: 'lyshark',
  email: 'lyshark@example.com',
  password: 'correct horse battery staple',
}

const SIGN_IN = 'passkeys.signInWithPasskey(latchkey).then((user) => user ? user.username : null)'

const PAGE = `<!doctype html><input autocomplete="username webauthn"><script type="module">
  import { createLatchkey } from '${HOME}/client.js'
  import * as passkeys from '${HOME}/client/passkeys.js'
  window.passkeys = passkeys
  window.namedIn = ({ name }) => name
  const onStepUp = async ({ token }) => ({ method: 'mail_code', code: await codeOf(token) })
  window.latchkey = createLatchkey({ onStepUp })
</script>`

const folder = mkdtempSync(join(tmpdir(), 'latchkey-passkeys-'))
let wrong = 0

function judge(what: string, seen: unknown, expected: unknown): void {
  const isRight = JSON.stringify(seen) === JSON.stringify(expected)
  if (!isRight) wrong++
  console.log(`${isRight ? 'right' : 'WRONG'}  ${what}: ${JSON.stringify(seen)}`)
}

try {
  await tryAll()
  console.log(wrong === 0 ? 'All is as it should be.' : `${wrong} things are not.`)
} catch (error) {
  wrong++
  console.error(`NOT TESTED IN A BROWSER: ${error instanceof Error ? error.message : error}`)
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}
process.exit(wrong === 0 ? 0 : 1)

async function tryAll(): Promise<void> {
  const latchkey = await openServer()
  const listener = await listen((request, response) => {
    if (request.url !== '/page') return latchkey.app.routing(request, response)
    response.setHeader('content-type', 'text/html').end(PAGE)
  })
  const { port } = listener.address() as AddressInfo
  const browser = await chromium.launch({
    executablePath: installedChromium(),
    args: [
      ...[...QUIET_FLAGS, '--ignore-certificate-errors'],
      `--host-resolver-rules=MAP *:443 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
    ],
  })
  try {
    const page = await browser.newPage({ ignoreHTTPSErrors: true })
    const devTools = await page.context().newCDPSession(page)
    await devTools.send('WebAuthn.enable')
    const authenticatorId = await addAuthenticator(devTools)
    // The page asks for the code of the mail.
    await page.exposeFunction('codeOf', (token: string) =>
      latchkey.services.challenges.codeOf(token),
    )
    await atHome(page)
    await elsewhere(page)
    await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await page.goto(`${HOME}/page`)
    judge('a refused user verification signs nobody in', await run(page, SIGN_IN), null)
  } finally {
    await browser.close()
    listener.close()
    await latchkey.close()
  }
}

async function atHome(page: Page): Promise<void> {
  await page.goto(`${HOME}/page`)
  await run(page, `latchkey.register(${JSON.stringify(PERSON)})`)
  const added = await run(page, `passkeys.addPasskey(latchkey, { name: 'Laptop' }).then(namedIn)`)
  judge('a page adds a passkey', added, 'Laptop')
  const twice = await run(page, 'passkeys.addPasskey(latchkey).catch(({ name }) => name)')
  judge('a device has one passkey of an account', twice, 'InvalidStateError')
  await run(page, 'latchkey.signOut()')
  judge('it signs in by itself', await run(page, SIGN_IN), PERSON.username)
  await run(page, 'latchkey.signOut()')
  const offered = await run(page, `${SIGN_IN.replace(')', ', { conditional: true })')}`)
  judge('a form offers it', offered, PERSON.username)
  await run(page, 'latchkey.signOut()')
}

async function elsewhere(page: Page): Promise<void> {
  await page.goto(`${RELATED}/page`)
  judge('a related domain uses it', await run(page, SIGN_IN), PERSON.username)
  await page.goto(`${STRANGER}/page`)
  const get = `navigator.credentials.get({ publicKey: { rpId: 'example.com', challenge: new Uint8Array(32) } })`
  const refused = await run(page, `${get}.catch(({ name }) => name)`)
  judge('another domain cannot', refused, 'SecurityError')
}

async function run(page: Page, code: string): Promise<unknown> {
  await untilTrue(page, 'window.latchkey')
  return page.evaluate(code)
}

async function openServer(): Promise<Latchkey> {
  const config = loadConfig({
    PUBLIC_URL: HOME,
    CORS_ORIGINS: RELATED,
    WEBAUTHN_RP_ID: 'example.com',
    DATABASE_URL: `file:${join(folder, 'latchkey.db')}`,
    UPLOADS_DIR: join(folder, 'uploads'),
    LOG_LEVEL: 'silent',
    ARGON2_MEMORY_KIB: '64',
    ARGON2_TIME: '1',
  })
  return openLatchkey({ config, masterSecrets: [SECRET] })
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const args = ['req', '-x509', ...kind, '-subj', '/CN=test', '-keyout', key, '-out', cert]
  execFileSync('openssl', args, { stdio: 'ignore' })
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
