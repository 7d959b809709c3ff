// runs once
// The page at /admin as files: what may be cached, what the browser may do with it, where it is not
// there, how heavy it is, and its languages. In a browser: test/browser/admin*.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { ensureBuilt } from '../../scripts/build.mjs'
import { AUDIT_TYPES } from '../../src/contract/audit-type.ts'
import { adminPages } from '../../src/languages/admin-pages.ts'
import { allLanguages } from '../../src/languages/languages.ts'
import { startServer, type TestServer } from '../support/helper.ts'
import { assertProblem } from '../support/problems.ts'

const MAX_GZIPPED_BYTES = 10_000
/** Of the page alone, in each language: Chinese texts take more bytes. */
const MAX_PAGE_BYTES = 6_000
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types"

before(() => ensureBuilt())

async function pageOf(t: TestContext, env: Record<string, string> = {}) {
  const server = await startServer(t, { env })
  const page = await server.inject({ url: '/admin' })
  const addresses = [...page.body.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, url = '']) => url)
  return { server, page, addresses: [...new Set(addresses)] }
}

const filesAt = ({ inject }: TestServer, urls: string[]) =>
  Promise.all(urls.map((url) => inject({ url })))

test('GET /admin is a page that may run its own script alone, and is asked for each time', async (t) => {
  const { server, page } = await pageOf(t)
  const { etag } = page.headers
  const again = await server.inject({ url: '/admin', headers: { 'if-none-match': String(etag) } })

  assert.equal(page.statusCode, 200)
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(page.headers['content-security-policy'], POLICY)
  assert.equal(page.headers['cache-control'], 'no-cache')
  assert.equal(page.headers['x-frame-options'], 'DENY')
  assert.equal(page.headers['set-cookie'], undefined)
  assert.deepEqual([again.statusCode, again.body], [304, ''])
})

test('GET /admin has nothing that its policy forbids', async (t) => {
  const { page } = await pageOf(t)

  assert.match(page.body, /<script[^>]* src=/)
  assert.doesNotMatch(page.body, /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:/)
})

test('GET /admin/assets/… are files of this server that never change', async (t) => {
  const { server, addresses } = await pageOf(t)
  const files = await filesAt(server, addresses)

  assert.deepEqual(addresses.map((url) => url.replace(/-[\w-]{8}\./, '.')).sort(), [
    '/admin/assets/icon.svg',
    '/admin/assets/index.css',
    '/admin/assets/index.js',
  ])
  for (const { statusCode, headers } of files) {
    assert.equal(statusCode, 200)
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(headers['x-content-type-options'], 'nosniff')
  }
  const types = files.map(({ headers }) => headers['content-type'])
  assert.deepEqual(types.sort(), [
    'image/svg+xml',
    'text/css; charset=utf-8',
    'text/javascript; charset=utf-8',
  ])
  await setImmediate()
  assert.deepEqual(
    server.logs.filter(({ level }) => Number(level) >= 40),
    [],
  )
})

test(`the page has at most ${MAX_GZIPPED_BYTES} bytes of script and style, gzipped`, async (t) => {
  const { server, addresses } = await pageOf(t)
  const heavy = addresses.filter((url) => /\.(js|css)$/.test(url))
  const files = await filesAt(server, heavy)
  const sizes = files.map(({ rawPayload }) => gzipSync(rawPayload, { level: 9 }).length)
  const sum = sizes.reduce((one, other) => one + other, 0)

  assert.equal(files.length, 2)
  assert.ok(sum <= MAX_GZIPPED_BYTES, `${sum} bytes`)
})

test('GET /admin/assets/… knows no other file', async (t) => {
  const { server } = await pageOf(t)

  for (const name of ['nope.js', '..%2Findex.html', '..%2F..%2Fmain.js', 'a%2Fb', 'index.html'])
    assertProblem(await server.inject({ url: `/admin/assets/${name}` }), 'not_found')
})

test('GET /admin below a path of PUBLIC_URL loads its files from there', async (t) => {
  const { server, addresses } = await pageOf(t, { PUBLIC_URL: 'https://example.com/auth' })
  const page = await server.inject({ url: '/auth/admin' })
  const files = await filesAt(server, addresses)

  assert.equal(page.statusCode, 200)
  for (const [index, url] of addresses.entries()) {
    assert.match(url, /^\/auth\/admin\/assets\//)
    assert.equal(files[index]?.statusCode, 200, url)
  }
})

test('ADMIN_PAGE=off hides the page and its files, and no other route', async (t) => {
  const { addresses } = await pageOf(t)
  const { inject } = await startServer(t, { env: { ADMIN_PAGE: 'off' } })

  for (const url of ['/admin', ...addresses]) assertProblem(await inject({ url }), 'not_found')
  assertProblem(await inject({ url: '/admin/users' }), 'unauthenticated')
})

test('ADMIN_NETWORKS hides the page and its files from everybody else', async (t) => {
  const { addresses } = await pageOf(t)
  const { inject } = await startServer(t, { env: { ADMIN_NETWORKS: '10.0.0.0/8' } })

  for (const url of ['/admin', ...addresses]) {
    assertProblem(await inject({ url, remoteAddress: '192.0.2.1' }), 'not_found')
    assert.equal((await inject({ url, remoteAddress: '10.1.2.3' })).statusCode, 200)
  }
})

for (const language of allLanguages) {
  test(`GET /admin is in ${language} for those who read it, and its files are the same`, async (t) => {
    const { server, addresses } = await pageOf(t)
    const headers = { 'accept-language': `fr;q=0.5, ${language}` }
    const page = await server.inject({ url: '/admin', headers })
    const files = [...page.body.matchAll(/(?:href|src)="(\/admin\/assets\/[^"]+)"/g)]

    assert.equal(page.statusCode, 200)
    assert.equal(page.headers['content-language'], language)
    assert.equal(page.headers.vary, 'Origin, Accept-Language, accept-encoding')
    assert.match(page.body, new RegExp(`^<!doctype html>\\s*<html lang="${language}">`))
    assert.doesNotMatch(page.body, /\{\{|\}\}|undefined/)
    assert.ok(gzipSync(page.body, { level: 9 }).length < MAX_PAGE_BYTES)
    assert.deepEqual([...new Set(files.map(([, url]) => url))], addresses)
  })
}

test('GET /admin is in the first of LANGUAGES for those who read none of them', async (t) => {
  const { page } = await pageOf(t, { LANGUAGES: 'zh-CN,en' })
  const { page: only } = await pageOf(t, { LANGUAGES: 'en' })

  assert.equal(page.headers['content-language'], 'zh-CN')
  assert.equal(only.headers['content-language'], 'en')
})

test('no text of the English page is left in another language', async (t) => {
  const { server, page } = await pageOf(t)
  const english = textsIn(page.body)

  assert.ok(english.size > 150, `${english.size} texts`)
  for (const language of allLanguages.slice(1)) {
    const headers = { 'accept-language': language }
    const other = textsIn((await server.inject({ url: '/admin', headers })).body)
    const left = [...other].filter((text) => english.has(text))
    assert.deepEqual(left, ['Latchkey', 'user create'], language)
  }
})

/** What people read or hear of a page: its text, some attributes, and what its script says. */
function textsIn(html: string): Set<string> {
  const attribute = /\s(?:alt|aria-label|label|placeholder|data-(?:heads|said|texts))="([^"]+)"/g
  const found = [html.matchAll(/>([^<]+)</g), html.matchAll(attribute)]
  const texts = found.flatMap((matches) => [...matches].map(([, text = '']) => plain(text)))
  const parts = texts.flatMap((text) =>
    text.startsWith('{') ? Object.values<string>(JSON.parse(text)) : text.split(','),
  )
  return new Set(parts.map((text) => text.trim()).filter((text) => /\p{L}/u.test(text)))
}

const plain = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'")

test('the lists of the page have as many heads in each language', () => {
  const heads = ({ events, summary, user, users }: (typeof adminPages)['en']) =>
    [events.heads, summary.hours, user.sessionHeads, user.identityHeads, users.heads].map(
      ({ length }) => length,
    )

  for (const language of allLanguages)
    assert.deepEqual(heads(adminPages[language]), heads(adminPages.en), language)
})

test('the events can be filtered by every type that there is', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const list = /<select name="type">(.*?)<\/select>/s.exec(read('admin/index.html'))?.[1] ?? ''
  const offered = [...list.matchAll(/<option value="(\w+)"/g)].map(([, type]) => type)

  assert.deepEqual(offered.sort(), [...AUDIT_TYPES].sort())
})

test('each language shows the code of an event, or its words', () => {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '')

  for (const language of allLanguages)
    for (const [code, text] of Object.entries(adminPages[language].eventTypes))
      assert.ok(letters(text).includes(letters(code)), `${language}: ${text}`)
})
