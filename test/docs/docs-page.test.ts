// runs once Uses the interactive reference as a newcomer does, in a real browser that reaches this
// machine alone.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import type { LightMyRequestResponse } from 'fastify'
import type { Locator, Page } from 'playwright-core'
import { openBrowser, openPage, skipWithoutChromium } from '../support/browser.ts'
import { bearer, type Opened } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'
import { startPlace } from '../support/walkthrough.ts'

const START = '/docs/static/swagger-initializer.js'
const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

type Document = {
  info: { description: string }
  servers: { url: string; description: string }[]
}

// What every machine can show.

/** The page at an address, and what its links and scripts name, as addresses. */
async function pageAt({ inject }: TestServer, url: string) {
  const page = await inject({ url })
  const links = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link)
  const addresses = links.map((link) => new URL(link, `http://here.example${url}`))
  const files = await Promise.all(addresses.map(({ pathname }) => inject({ url: pathname })))
  return { page, addresses, files }
}

/** Each directive of a policy with its sources. */
function directivesOf({ headers }: LightMyRequestResponse): Record<string, string[]> {
  const directives = String(headers['content-security-policy']).split('; ')
  return Object.fromEntries(
    directives.map((line) => [line.split(' ')[0], line.split(' ').slice(1)]),
  )
}

for (const url of ['/docs', '/docs/']) {
  test(`GET ${url} answers with a page that loads files only from this server`, async (t) => {
    const server = await startServer(t)

    const { page, addresses, files } = await pageAt(server, url)

    assert.equal(page.statusCode, 200)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.match(page.body, /<title>Latchkey<\/title>/)
    assert.doesNotMatch(page.body, /https?:|<script>|<style|\son\w+=|style=/)
    assert.ok(addresses.some(({ pathname }) => pathname === START))
    for (const { host, pathname } of addresses) {
      assert.equal(host, 'here.example')
      assert.match(pathname, /^\/docs\/static\/(?:theme\/)?[\w-]+(?:\.[\w-]+)+$/)
    }
    assert.deepEqual([...new Set(files.map(({ statusCode }) => statusCode))], [200])
  })
}

test('The page of the reference runs and loads only what this server has, by its policy', async (t) => {
  const env = { PUBLIC_URL: 'https://auth.example.com' }
  const { inject } = await startServer(t, { env })

  const policy = directivesOf(await inject({ url: '/docs' }))

  assert.deepEqual(policy, {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  })
})

test('The page of the reference gets the script and the icon of Latchkey, not those of the library', async (t) => {
  const { inject } = await startServer(t)
  const icons = ['/docs/static/favicon-16x16.png', '/docs/static/favicon-32x32.png?v=1']

  const script = await inject({ url: START })
  const head = await inject({ method: 'HEAD', url: START })

  assert.equal(script.statusCode, 200)
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(script.headers['cache-control'], 'public, max-age=300')
  assert.match(script.body, /^'use strict'\n/)
  assert.doesNotMatch(script.body, /https?:|localStorage|persistAuthorization: true/)
  assert.equal(head.statusCode, 200)
  assert.equal(head.body, '')
  assert.equal(head.headers['content-length'], String(Buffer.byteLength(script.body)))
  for (const url of icons) {
    const { statusCode, headers, rawPayload } = await inject({ url })
    assert.equal(statusCode, 200)
    assert.equal(headers['content-type'], 'image/png')
    assert.deepEqual(rawPayload.subarray(0, PNG.length), PNG)
  }
  assertProblem(await inject({ url: '/docs/static/nothing.png' }), 'not_found')
})

/**
 * What the start script does in a page at an origin, with a Swagger UI that does nothing but tell.
 */
function startedAt(origin: string, script: string) {
  const authorized: string[][] = []
  let config: {
    plugins: { statePlugins?: { spec: { wrapActions: { updateSpec: Wrap } } } }[]
    responseInterceptor: (response: object) => object
  } = { plugins: [], responseInterceptor: (response) => response }
  const start = (given: typeof config) => {
    config = given
    return { preauthorizeApiKey: (...words: string[]) => authorized.push(words) }
  }
  const SwaggerUIBundle = Object.assign(start, { presets: {}, plugins: { DownloadUrl: {} } })
  const matchMedia = () => ({ matches: false, addEventListener: () => undefined })
  const classList = { toggle: () => undefined }
  const page = { documentElement: { classList } }
  const location = new URL('/docs', origin)
  runInNewContext(script, { SwaggerUIBundle, location, matchMedia, document: page })
  const wrap = config.plugins.find(({ statePlugins }) => statePlugins)?.statePlugins?.spec
  const shown = (document: string): Document => {
    let text = ''
    wrap?.wrapActions.updateSpec((given) => {
      text = given
    })(document)
    return JSON.parse(text)
  }
  return { shown, answered: config.responseInterceptor, authorized }
}

type Update = (text: string) => void
type Wrap = (update: Update) => Update

test('The page of the reference calls the address that it was opened at, and names a PUBLIC_URL that differs', async (t) => {
  const { inject } = await startServer(t)
  const [script, document] = [await inject({ url: START }), await inject({ url: '/docs/json' })]

  const own = startedAt('http://localhost:3000', script.body).shown(document.body)
  const other = startedAt('http://127.0.0.1:3000', script.body).shown(document.body)

  const server = { description: 'The server that this page comes from' }
  assert.deepEqual(own.servers, [{ url: 'http://localhost:3000', ...server }])
  assert.deepEqual(other.servers, [{ url: 'http://127.0.0.1:3000', ...server }])
  assert.match(own.info.description, /^\*\*Try it here:\*\* open `POST \/register`/)
  assert.ok(own.info.description.includes(document.json<Document>().info.description))
  assert.doesNotMatch(own.info.description, /PUBLIC_URL/)
  assert.match(other.info.description, /PUBLIC_URL of this server is http:\/\/localhost:3000\. /)
})

test('The page of the reference takes the access token of an answer that opens a session, and of no other', async (t) => {
  const { inject } = await startServer(t)
  const script = await inject({ url: START })
  const { answered, authorized } = startedAt('http://localhost:3000', script.body)
  const answers = [
    { ok: true, obj: { access_token: 'one', token_type: 'Bearer' } },
    { ok: false, obj: { access_token: 'of an error' } },
    { ok: true, obj: { items: [] } },
    { ok: true, obj: undefined, text: '' },
  ]

  const passedOn = answers.map((answer) => answered(answer))

  assert.deepEqual(passedOn, answers)
  assert.deepEqual(authorized, [['bearer', 'one']])
})

// What only a browser can show. A page of it takes seconds of processor time, so all is shown on
// one.

const inBrowser = { skip: skipWithoutChromium('the page of the reference') }

type Wish = { change?: object; isOpen?: boolean }

/**
 * Opens an operation, changes its example, executes it and closes it; answers with what the page
 * showed.
 */
async function execute(page: Page, operationId: string, { change, isOpen }: Wish = {}) {
  const operation = page.locator(`[id^="operations-"][id$="-${operationId}"]`)
  const title = operation.locator('.opblock-summary-control')
  if (!isOpen) await title.click()
  if (change) await changeExample(operation.locator('textarea'), change)
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().resourceType() === 'fetch'),
    operation.getByRole('button', { name: 'Execute' }).click(),
  ])
  const shown = operation.locator('.live-responses-table tbody')
  await shown.locator('.response-col_status', { hasText: String(answer.status()) }).waitFor()
  const body = JSON.parse(String(await shown.locator('.highlight-code code').first().textContent()))
  const curl = String(await operation.locator('.request-snippets code').textContent())
  // What stays open is drawn anew with every answer, which is slow.
  await title.click()
  return { address: answer.url(), status: answer.status(), body, curl }
}

async function changeExample(field: Locator, change: object): Promise<void> {
  const example = JSON.parse(await field.inputValue())
  await field.fill(JSON.stringify({ ...example, ...change }))
}

/** Takes away the token that the page took by itself, and pastes one as the dialog asks. */
async function authorizeByHand(page: Page, token: string): Promise<void> {
  await page.locator('.auth-wrapper > .authorize').click()
  const dialog = page.locator('.modal-ux')
  await dialog.getByRole('button', { name: 'Remove authorization' }).click()
  await dialog.getByLabel('Value').first().fill(token)
  await dialog.getByRole('button', { name: 'Apply credentials' }).first().click()
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
}

const KEPT = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'
const REFUSED = 'Failed to load resource: the server responded with a status of 401 (Unauthorized)'

/** Opens the page in a browser that ends with the test, and waits until it shows the operations. */
async function newcomerAt(t: TestContext, address: string) {
  const browser = await openBrowser()
  t.after(() => browser.close())
  const watched = await openPage(browser, new URL(address).origin)
  await watched.page.goto(address)
  await watched.page.locator('.opblock').first().waitFor()
  return watched
}

test(
  'A newcomer registers, is authorized, calls protected routes and signs out, all from /docs',
  inBrowser,
  async (t) => {
    const { base, server } = await startPlace(t)
    // Not PUBLIC_URL: whoever types the other name of this machine gets a page that works, too.
    const here = base.replace('127.0.0.1', 'localhost')
    const username = uniqueName()
    const change = { username, email: `${username}@example.com` }
    const { page, foreign, complaints } = await newcomerAt(t, `${here}/docs#/Accounts/register`)

    const hint = await page.locator('.info').textContent()
    const registered = await execute(page, 'register', { isOpen: true, change })
    const locked = await page.locator('.auth-wrapper > .authorize.locked').count()
    const houses = await execute(page, 'listHouses')
    const opened: Opened = registered.body
    await authorizeByHand(page, opened.access_token)
    const me = await execute(page, 'getMe')
    const kept = await page.evaluate(KEPT)
    const left = await execute(page, 'logout')
    const refused = await execute(page, 'getMe')

    assert.ok(hint?.includes(`the PUBLIC_URL of this server is ${base}.`))
    assert.deepEqual([registered.status, registered.address], [201, `${here}/register`])
    assert.equal(opened.message, `Welcome, ${username}!`)
    assert.equal(locked, 1)
    assert.deepEqual([houses.status, houses.body.items], [200, []])
    assert.deepEqual([me.status, me.body], [200, opened.user])
    assert.match(me.curl, /^curl -X 'GET' \\\n/)
    assert.ok(me.curl.includes(`'Authorization: ${bearer(opened.access_token).authorization}'`))
    assert.equal(kept, '[{},{},""]')
    assert.deepEqual([left.status, left.body], [200, { message: 'You are signed out.' }])
    assert.deepEqual([refused.status, refused.body.code], [401, 'session_ended'])
    assert.deepEqual(foreign, [])
    assert.deepEqual(complaints, [REFUSED])
    assert.ok(server.logs.every(({ level }) => Number(level) < 50))
  },
)

test(
  'The first operation of the page is within the first screen, in light and in dark, and nothing scrolls sideways',
  inBrowser,
  async (t) => {
    const { base } = await startPlace(t)
    const { page, complaints } = await newcomerAt(t, `${base}/docs`)

    for (const [width, height, colorScheme] of [
      [1280, 800, 'light'],
      [390, 844, 'dark'],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      const box = await page.locator('.opblock').first().boundingBox()
      const isDark = await page.locator('html.dark-mode').count()
      await page.locator('.info summary').click()
      const sideways = await page.evaluate('document.documentElement.scrollWidth - innerWidth')

      assert.ok(box && box.y + box.height <= height, `${width}: ${JSON.stringify(box)}`)
      assert.equal(isDark, colorScheme === 'dark' ? 1 : 0)
      assert.equal(sideways, 0)
      await page.locator('.info summary').click()
    }
    assert.deepEqual(complaints, [])
  },
)
